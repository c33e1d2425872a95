"""The fake carrier as tests have it: its real server on a port of its own, where the shop has an account."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.conf import LazySettings

from orderwright.adapters.fake_carrier.parcels import Parcels
from orderwright.adapters.fake_carrier.server import FakeCarrierServer
from orderwright.shipping import rating
from orderwright.shipping.ports import Consignment, Parcel, Party

SECRET = "a secret"
SENDER = Party("Orderwright", "", "Am Sandtorkai 1", "20457", "Hamburg", "", "DE")


def a_consignment(
    *,
    country: str = "FR",
    service: str = "standard",
    company: str = "",
    grams: int = 1200,
    postal_code: str = "69001",
    street: str = "Rue Mercière 5",
) -> Consignment:
    """A package from Hamburg; what stands in the company tells the carrier how to behave."""
    receiver = Party("Ada Albers", company, street, postal_code, "Lyon", "", country)
    return Consignment(SENDER, receiver, Parcel(grams, 300, 200, 100), service, "W-1-S1/1", date(2026, 11, 23))


class Fake:
    """The carrier's server, and what the shop does with it."""

    def __init__(self, server: FakeCarrierServer) -> None:
        self.server = server

    def set_clock(self, at: datetime) -> None:
        """Let it be that moment for the carrier."""
        self.server.set_clock(at)

    def asked(self) -> list[str]:
        """What it was asked, method and path; look-ups without their key."""
        return [
            f"{method} {'/questions' if path.startswith('/questions/') else path}"
            for method, path in self.server.requests
        ]


@pytest.fixture
def fake_carrier(settings: LazySettings) -> Iterator[Fake]:
    server = FakeCarrierServer(SECRET, parcels=Parcels(trouble=False), plain_labels=True).start()
    settings.CARRIERS = f"fake={server.url}={SECRET}"
    rating.forget_rests()  # of another carrier that had this port
    yield Fake(server)
    server.stop()
