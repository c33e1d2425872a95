"""`orderwright demo-traffic`: orders for a running shop, and people who work on them."""

import random

import click
import httpx

from orderwright.demo.traffic import drive, open_traffic
from orderwright.runtime.folders import data_folder
from orderwright.runtime.signals import StopSignal


@click.command("demo-traffic")
@click.option("--rate", default=2.0, show_default=True, type=click.FloatRange(0.01, 2000), help="Orders a second.")
@click.option("--seconds", type=click.FloatRange(min=0), help="For so long; until Ctrl-C, where it is left out.")
@click.option("--url", help="The shop's address; that of `orderwright run` on this data folder, where it is left out.")
@click.option("--key", envvar="ORDERWRIGHT_KEY", help="An API key; the demo shop's own, where it is left out.")
def demo_traffic(rate: float, seconds: float | None, url: str | None, key: str | None) -> None:
    """Place orders in a running shop over its API, and release, accept, pack and hand over what is there.

    It works on all that is ready in the shop: not for a shop that is meant.
    """
    folder = data_folder()
    if url is None:
        address = folder.run / "address"
        if not address.exists():
            raise click.ClickException("No shop runs on this data folder; start one (make run), or name its --url.")
        url = address.read_text().strip()
    if key is None:
        if not folder.demo_key.exists():
            raise click.ClickException("There is no demo key in the data folder; name a --key that may do everything.")
        key = folder.demo_key.read_text().strip()
    stop = StopSignal()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        try:
            traffic = open_traffic(client, random.Random())
            click.echo(f"{rate:g} orders a second for {url}; Ctrl-C stops it.")
            drive(traffic, rate=rate, seconds=seconds, stopping=stop.is_given, tell=click.echo)
        except httpx.HTTPStatusError as error:
            raise click.ClickException(f"The shop said {error.response.status_code}: {error.response.text}") from error
        except httpx.TransportError as error:
            raise click.ClickException(f"The shop at {url} does not answer: {error}") from error
