"""What the stories of flows share."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from builders import CLERK, AnOrder, PlacedOrder
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orderwright.flows.summarize import summarize
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import lock_orders
from orderwright.payments.book import TENDERS
from orderwright.payments.models import Attempt
from orderwright.payments.queries import tenders_of


@pytest.fixture
def statements(db: None) -> Callable[[Callable[[], object]], int]:
    """How many SQL statements some work takes."""

    def count(work: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    return count


class Card:
    """A provider that has answered already: its answers are written down as the books would have them."""

    def authorized(self, order: AnOrder) -> PlacedOrder:
        """Place an order of which all money is authorized."""
        return self._placed(order, ["authorizing", "authorized"])

    def captured(self, order: AnOrder) -> PlacedOrder:
        """Place an order of which all money is captured."""
        return self._placed(order, ["authorizing", "authorized", "capturing", "captured"])

    @transaction.atomic
    def lost(self, order: PlacedOrder) -> None:
        """The authorization ends: the provider lets go of the money."""
        lock_orders([order.id])
        (tender,) = tenders_of([order.id])
        (event,) = record([Happening("tender.voided", CLERK, {}, order.id)])
        for source, target in pairwise(["authorized", "voiding", "voided"]):
            post(TENDERS, [Movement(tender.id, NOWHERE, source, NOWHERE, target, tender.amount_minor, event)])
        summarize([order.id])

    def questions(self) -> list[tuple[str, int]]:
        """What is to be asked: verb and amount, oldest first; the authorization left out."""
        found = Attempt.objects.exclude(verb="authorize").order_by("id")
        return list(found.values_list("verb", "amount_minor"))

    @transaction.atomic
    def _placed(self, order: AnOrder, way: list[str]) -> PlacedOrder:
        placed = order.paid_by("card").placed()
        lock_orders([placed.id])
        (tender,) = tenders_of([placed.id])
        (event,) = record([Happening("tender.authorized", CLERK, {}, placed.id)])
        for source, target in pairwise(way):
            post(TENDERS, [Movement(tender.id, NOWHERE, source, NOWHERE, target, tender.amount_minor, event)])
        summarize([placed.id])
        return placed


@pytest.fixture
def card(settings: LazySettings, db: None) -> Card:
    settings.PAYMENT_PROVIDERS = "card=http://127.0.0.1:9=secret"
    return Card()
