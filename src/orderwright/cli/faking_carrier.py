"""`orderwright fake-carrier`: a carrier that brings nothing anywhere, to try the shop with."""

from datetime import timedelta
from pathlib import Path

import click

from orderwright.adapters.fake_carrier.parcels import Parcels
from orderwright.adapters.fake_carrier.server import FakeCarrierServer
from orderwright.runtime.signals import StopSignal


@click.command()
@click.option("--port", default=8901, show_default=True, help="The port to listen on, on 127.0.0.1.")
@click.option(
    "--secret", envvar="ORDERWRIGHT_FAKE_SECRET", default="fake", show_default=True, help="What signs messages."
)
@click.option(
    "--shop", default="http://127.0.0.1:8000", show_default=True, help="Where the shop is, to tell it things."
)
@click.option("--seed", default=1, show_default=True, help="What decides how parcels fare.")
@click.option("--no-trouble", is_flag=True, help="Every parcel arrives in time, and all of it is told.")
@click.option("--plain-labels", is_flag=True, help="Labels are empty pages: for plays of many parcels.")
@click.option("--day", default=86400.0, show_default=True, help="How many seconds a day of a parcel's journey takes.")
@click.option(
    "--keep", type=click.Path(path_type=Path, dir_okay=False), help="A file in which labels outlive the process."
)
def fake_carrier(
    port: int, secret: str, shop: str, seed: int, no_trouble: bool, plain_labels: bool, day: float, keep: Path | None
) -> None:
    """Run the fake carrier until Ctrl-C or SIGTERM.

    Parcels begin their journey some hours after their label was made.  How it misbehaves is told by words in the
    receiver's company: docs/integrating/carrier.md.
    """
    parcels = Parcels(seed=seed, trouble=not no_trouble, day=timedelta(seconds=day), keep=keep)
    tell_url = f"{shop}/v1/carriers/fake/webhook"
    server = FakeCarrierServer(secret, port=port, tell_url=tell_url, parcels=parcels, plain_labels=plain_labels)
    server.start()
    click.echo(f"The fake carrier is on {server.url}.  Tell the shop, before it starts:")
    click.echo(f"  ORDERWRIGHT_CARRIERS=fake={server.url}={secret}")
    StopSignal().wait()
    server.stop()
