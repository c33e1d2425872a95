"""The laws of the queue in the books: giving keeps every unit, and no unit that comes is promised to two orders."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, a_sku, an_order, place_all, shelf
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.catalog.models import Sku
from orderwright.flows.audit import audit
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.reallocate_stock import Reallocate, reallocate_stock
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.promises.models import Promise

pytestmark = pytest.mark.django_db

wanted = st.lists(st.integers(1, 5), min_size=2, max_size=5)
receipts = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), max_size=4)
gifts = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 5)), max_size=5)


@contextmanager
def _a_fresh_shop() -> Iterator[None]:
    """What is done in it is undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(there=st.integers(1, 9), wanted=wanted, receipts=receipts, gifts=gifts)
@settings(max_examples=15)
def test_giving_keeps_units_and_no_receipt_is_promised_twice(there, wanted, receipts, gifts):
    with _a_fresh_shop():
        a_sku("TEE", when_short="backorder")
        a_channel()
        a_shelf("BERLIN", "TEE", there)
        orders = place_all([an_order().with_line("TEE", n).but(when_short="backorder") for n in wanted])
        ids, today = [order.id for order in orders], clock.now().date()
        sku, berlin = Sku.objects.get().pk, Location.objects.get().pk
        expected = [Expected(sku, berlin, n, today + timedelta(days=d), f"PO-{p}") for p, (n, d) in enumerate(receipts)]
        if expected:
            expect(expected, actor=CLERK)
        promise_orders(ids)
        kept = shelf("BERLIN", "TEE")

        asked = [Reallocate(ids[a % len(ids)], ids[b % len(ids)], "TEE", n) for a, b, n in gifts]
        reallocate_stock(asked, actor=CLERK)
        promise_orders(ids)

        assert shelf("BERLIN", "TEE") == kept
        assert [sum(order.units.values()) for order in orders] == wanted
        assert sum(order.units.get("reserved", 0) for order in orders) == kept.get("reserved", 0)
        days = dict(Promise.objects.filter(superseded_at=None).values_list("order_id", "ship_on"))
        waiting = [(days[order.id], order.units.get("backordered", 0)) for order in orders]
        for day in filter(None, days.values()):
            owed = sum(units for promised, units in waiting if promised and promised <= day)
            assert owed <= sum(units for units, in_days in receipts if today + timedelta(days=in_days) < day)
        if sum(units for _day, units in waiting) <= sum(units for units, _in_days in receipts):
            assert None not in days.values()
        assert [finding.check.name for finding in audit() if finding.wrong] == []
