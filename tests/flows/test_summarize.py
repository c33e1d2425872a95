"""The summary: an order in one row, always what a rebuild makes of it."""

import pytest
from builders import CLERK, a_shelf, an_order, place_all
from click.testing import CliRunner

from orderwright.cli.rebuilding import rebuild as rebuild_summary
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.flows.summarize import Rebuilt, rebuild
from orderwright.orders.models import Summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders():
    a_shelf("BERLIN", "TEE", 100)
    orders = place_all([an_order().with_line("TEE", n).paid_by("recorded") for n in range(1, 6)])
    release_orders([Release(order.id) for order in orders[1:4]], actor=CLERK)
    ship_orders([Ship(order.id) for order in orders[2:3]], actor=CLERK)
    return orders


def test_what_the_flows_wrote_is_what_a_rebuild_writes(orders):
    before = list(Summary.objects.order_by("order_id").values())
    assert rebuild(chunk=2) == Rebuilt(looked_at=5, put_right=0)
    Summary.objects.all().delete()

    told: list[int] = []
    assert rebuild(2, told.append) == Rebuilt(looked_at=5, put_right=5)

    assert list(Summary.objects.order_by("order_id").values()) == before
    assert told == [2, 2, 1]
    assert [row["status"] for row in before] == ["ready", "in_work", "shipped", "in_work", "ready"]


def test_the_command_puts_right_what_was_spoiled(orders):
    Summary.objects.filter(pk=orders[0].id).update(status="shipped", holds=3)

    answer = CliRunner().invoke(rebuild_summary, ["--chunk", "2"])

    assert answer.exit_code == 0, answer.output
    assert answer.output.splitlines()[-1] == "5 orders, 1 summaries put right."
    assert orders[0].status == "ready"
