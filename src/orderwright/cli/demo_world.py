"""`orderwright demo-world`: what is around the demo shop, in one process."""

from datetime import timedelta

import click

from orderwright.adapters.fake_carrier.parcels import Parcels
from orderwright.adapters.fake_carrier.server import FakeCarrierServer
from orderwright.adapters.fake_payments.server import FakeProviderServer
from orderwright.demo.receiving import HookServer
from orderwright.runtime.folders import data_folder
from orderwright.runtime.signals import StopSignal

DAY_SECONDS = 600.0  # of a parcel's journey: who looks at the demo does not wait for days


@click.command("demo-world")
@click.option("--ports", nargs=3, type=int, required=True, help="Of the provider, the carrier and the receiver.")
@click.option("--secret", envvar="ORDERWRIGHT_FAKE_SECRET", default="fake", help="What signs messages.")
@click.option("--shop", required=True, help="Where the shop is, to tell it things.")
def demo_world(ports: tuple[int, int, int], secret: str, shop: str) -> None:
    """Run a fake payment provider, a fake carrier and a receiver of webhooks until SIGTERM; `orderwright run` does."""
    provider, carrier, hooks = ports
    parcels = Parcels(day=timedelta(seconds=DAY_SECONDS), keep=data_folder().root / "world-parcels")
    payments = FakeProviderServer(secret, port=provider, tell_url=f"{shop}/v1/payments/webhooks/fake").start()
    tell_url = f"{shop}/v1/carriers/fake/webhook"
    parcelled = FakeCarrierServer(secret, port=carrier, tell_url=tell_url, parcels=parcels).start()
    shown = HookServer(hooks).start()
    StopSignal().wait()
    for stop in (payments.stop, parcelled.stop, shown.stop):
        stop()
