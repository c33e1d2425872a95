"""Orders that use a SKU up are told of as low and out, once each, though placing them knows nothing of it."""

import pytest
from builders import a_shelf, a_sku, an_order, place
from shelves import wait_for_the_log

from orderwright.flows.place_orders import Refused
from orderwright.inventory import watching
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def watch() -> None:
    wait_for_the_log()
    watching.watch()


def told() -> list[tuple[str, str, int]]:
    found = Event.objects.filter(kind__startswith="stock.").exclude(kind="stock.received").order_by("id")
    return [(event.kind, event.facts["sku"], event.facts["available"]) for event in found]


def test_a_crossing_by_orders_is_told_once():
    a_sku("TEE", low_stock_at=2)
    a_shelf("BERLIN", "TEE", 5)
    watch()

    for quantity, so_far in [
        (2, []),
        (1, [("stock.low", "TEE", 2)]),
        (1, [("stock.low", "TEE", 2)]),
        (1, [("stock.low", "TEE", 2), ("stock.out", "TEE", 0)]),
    ]:
        an_order().with_line("TEE", quantity).placed()
        watch()
        assert told() == so_far

    (refused,) = place(an_order().with_line("TEE", 1))
    watch()

    assert isinstance(refused, Refused)
    assert len(told()) == 2
