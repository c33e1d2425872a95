"""Orders from before there were fulfilment orders and packages get them: what is released can leave, and arrive."""

from importlib import import_module

import pytest
from builders import CLERK, a_shelf, an_order

from orderwright.flows.audit import audit
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel import sql
from orderwright.shipping.models import Package

pytestmark = pytest.mark.django_db

STEPS = import_module("orderwright.shipping.migrations.0003_past").STEPS

FORGET = (
    "UPDATE event SET facts = facts - 'shipment' - 'packages' WHERE kind = 'order.shipped'",
    "DELETE FROM package_content",
    "DELETE FROM scan",
    "DELETE FROM package",
    "DELETE FROM shipment",
    "DELETE FROM work_entry",
    "DELETE FROM work_sheet",
    "DELETE FROM fulfilment_line",
    "DELETE FROM fulfilment_order",
)


def test_what_was_released_shipped_or_delivered_before_goes_on():
    a_shelf("BERLIN", "TEE", 10)
    a_shelf("PARIS", "CUP", 10)
    placed = [an_order().with_line("TEE", 2).with_line("CUP", 1).placed() for _order in range(3)]
    ids = [order.id for order in placed]
    release_orders([Release(id_) for id_ in ids], actor=CLERK)
    ship_orders([Ship(id_) for id_ in ids[1:]], actor=CLERK)
    deliver_orders([Deliver(ids[2])], actor=CLERK)
    for statement in FORGET:
        sql.run(statement)

    for step in STEPS:
        sql.run(step)

    assert [finding.check.name for finding in audit(connections=1) if finding.wrong] == []
    found = Package.objects.order_by("id").values_list("name", "stage")
    second, third = placed[1].number, placed[2].number
    assert list(found) == [
        (f"{second}-S1/1", "prepared"),
        (f"{second}-S2/1", "prepared"),
        (f"{third}-S1/1", "delivered"),
        (f"{third}-S2/1", "delivered"),
    ]
    (shipped,) = ship_orders([Ship(ids[0])], actor=CLERK)
    arrived = deliver_orders([Deliver(id_) for id_ in ids[:2]], actor=CLERK)
    assert shipped.units == 3
    assert [answer.units for answer in arrived] == [3, 3]
    assert [finding.check.name for finding in audit(connections=1) if finding.wrong] == []
