"""`orderwright fake-provider`: a payment provider that takes no money, to try the shop with."""

import click

from orderwright.adapters.fake_payments.server import FakeProviderServer
from orderwright.runtime.signals import StopSignal


@click.command()
@click.option("--port", default=8900, show_default=True, help="The port to listen on, on 127.0.0.1.")
@click.option(
    "--secret", envvar="ORDERWRIGHT_FAKE_SECRET", default="fake", show_default=True, help="What signs messages."
)
@click.option(
    "--shop", default="http://127.0.0.1:8000", show_default=True, help="Where the shop is, to tell it things."
)
def fake_provider(port: int, secret: str, shop: str) -> None:
    """Run the fake payment provider until Ctrl-C or SIGTERM.

    It keeps its books in memory and forgets them at the end.  How it misbehaves is told by words in the tender's
    token: docs/payments.md.
    """
    server = FakeProviderServer(secret, port=port, tell_url=f"{shop}/v1/payments/webhooks/fake").start()
    click.echo(f"The fake provider is on {server.url}.  Tell the shop, before it starts:")
    click.echo(f"  ORDERWRIGHT_PAYMENT_PROVIDERS=fake={server.url}={secret}")
    StopSignal().wait()
    server.stop()
