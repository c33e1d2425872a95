"""The fake payment provider as tests have it: its real server on a port of its own, where the shop has an account."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from builders import AnOrder, PlacedOrder
from django.conf import LazySettings

from orderwright.adapters.fake_payments.server import FakeProviderServer
from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.audit import audit
from orderwright.flows.hear_provider import Heard, hear_provider
from orderwright.kernel import clock
from orderwright.orders.drafting import TenderDraft
from orderwright.payments import providers
from orderwright.payments.auditing import CHECKS
from orderwright.payments.models import Attempt

SECRET = "a secret"


class Fake:
    """The provider's server, and what the shop does with it."""

    def __init__(self, server: FakeProviderServer) -> None:
        self.server = server

    def paid_with(self, order: AnOrder, token: str = "", amount: str | None = None) -> AnOrder:
        """The order, with a tender at the provider; what stands in the token tells it how to behave."""
        kept = () if amount is None else order.tenders
        return order._but(tenders=(*kept, TenderDraft("fake", amount, token)))

    def placed(self, order: AnOrder, token: str = "") -> PlacedOrder:
        """Place the order, and ask the provider what follows from that."""
        placed = self.paid_with(order, token).placed()
        ask_providers()
        return placed

    def authorization(self, reference: str = "auth_1") -> tuple[int, int, int, int]:
        """What the provider itself says: authorized, captured, voided, refunded."""
        found = self.server.ledger.authorizations[reference]
        return found.authorized, found.captured, found.voided, found.refunded

    def asked(self) -> list[str]:
        """What it was asked, method and path; look-ups without their key."""
        return [
            f"{method} {'/questions' if path.startswith('/questions/') else path}"
            for method, path in self.server.requests
        ]

    def hear(self, number: int = 0) -> Heard:
        """Take in a message that the provider sent, counted from 0."""
        return hear_provider("fake", providers.provider("fake").read_webhook(*self.message(number)))

    def message(self, number: int) -> tuple[dict[str, str], bytes]:
        """A message that the provider sent, counted from 0; it is waited for, for it comes after the answer."""
        for _try in range(200):
            if len(self.server.messages) > number:
                break
            time.sleep(0.01)
        return self.server.messages[number]

    def confirm(self, reference: str, *, agree: bool) -> int:
        """The payer does what was asked of him; answers the HTTP status."""
        body = urlencode({"outcome": "agree" if agree else "refuse"})
        return httpx.post(f"{self.server.url}/confirm/{reference}", content=body).status_code


@pytest.fixture
def fake(settings: LazySettings) -> Iterator[Fake]:
    server = FakeProviderServer(SECRET, now=clock.now).start()
    settings.PAYMENT_PROVIDERS = f"fake={server.url}={SECRET}"
    yield Fake(server)
    server.stop()


def later(**more: float) -> AbstractContextManager[None]:
    """Stop the clock so much later than now: `with later(minutes=5): …`."""
    return clock.at(clock.now() + timedelta(**more))


def attempts(order: PlacedOrder) -> list[tuple[str, int, str | None]]:
    """What was asked about an order: verb, amount and answer, oldest first."""
    found = Attempt.objects.filter(tender__order_id=order.id).order_by("id")
    return list(found.values_list("verb", "amount_minor", "answer"))


def wrong() -> Mapping[str, object]:
    """What the audit of the tenders finds."""
    return {finding.check.name: finding.examples for finding in audit(CHECKS, connections=1) if finding.wrong}
