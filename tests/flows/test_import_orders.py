"""Stories of taking over what was sold elsewhere: its orders, its stock, its corrections; and of finishing it all."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order, place_all, shelf

from orderwright.catalog.adopting import adopt_skus
from orderwright.catalog.models import Product, Sku
from orderwright.flows.correct_stock import Corrected, Paper, correct_stock
from orderwright.flows.finish_orders import batches, deliver_everything, ship_everything
from orderwright.flows.import_orders import import_orders
from orderwright.flows.place_orders import Placed, Refused
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.stock_as_sold import stock_as_sold
from orderwright.inventory.models import StockEntry
from orderwright.kernel.models import Event
from orderwright.orders.drafting import CustomerDraft, Draft, LineDraft, TenderDraft
from orderwright.orders.models import Order, Summary
from orderwright.orders.status import Status

pytestmark = pytest.mark.django_db

MOMENT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def sold(reference: str, *skus: str, price: str = "2.55") -> Draft:
    a_channel("web")
    lines = [LineDraft(sku, 2, price, f"A {sku}") for sku in skus]
    return Draft(
        "web", lines, CustomerDraft(reference="17850"), reference, tenders=[TenderDraft("recorded")],
        when_short="backorder", placed_at=MOMENT,
    )  # fmt: skip


def test_skus_that_the_catalog_does_not_know_are_made() -> None:
    a_sku("TEE", when_short="deny")

    (outcome,) = import_orders([sold("1", "TEE", "MUG")], {"MUG": "A nice mug"}, actor=CLERK)

    assert isinstance(outcome, Placed)
    assert Sku.objects.get(code="MUG").name == "A nice mug"
    assert Sku.objects.get(code="MUG").when_short == "backorder"
    assert Sku.objects.get(code="TEE").when_short == "deny"
    assert Summary.objects.get().status == "backordered"


def test_an_order_that_was_sold_elsewhere_waits_whatever_the_policy() -> None:
    a_shelf("BERLIN", "TEE", 1)

    (outcome,) = import_orders([sold("1", "TEE")], {}, actor=CLERK)

    assert isinstance(outcome, Placed)
    assert shelf("BERLIN", "TEE") == {"reserved": 1}


def test_an_order_that_cannot_be_taken_spoils_no_neighbour() -> None:
    a_sku("OLD", active=False)

    first, second = import_orders([sold("1", "OLD"), sold("2", "TEE")], {}, actor=CLERK)

    assert isinstance(first, Refused)
    assert first.refusal.code == "not_for_sale"
    assert isinstance(second, Placed)
    assert Order.objects.get().reference == "2"


def test_nothing_to_import_is_nothing() -> None:
    assert import_orders([], {}, actor=CLERK) == []
    assert Event.objects.count() == 0


def test_the_number_of_statements_does_not_depend_on_the_orders(statements: Callable[..., int]) -> None:
    drafts = [sold(str(number), *(f"SKU{n}" for n in range(number % 5 + 1))) for number in range(40)]
    import_orders([sold("warm", "SKU0")], {}, actor=CLERK)
    single = [sold("one", "A")]

    one = statements(lambda: import_orders(single, {}, actor=CLERK))
    many = statements(lambda: import_orders(drafts, {}, actor=CLERK))

    assert Order.objects.count() == 42
    assert many == one


def test_adopting_knows_what_was_adopted_before() -> None:
    first = adopt_skus({"TEE": "", "MUG": "Mug"}, actor=CLERK)
    told = Event.objects.count()

    again = adopt_skus({"TEE": "Another name", "MUG": ""}, actor=CLERK)

    assert again == first
    assert Event.objects.count() == told
    assert dict(Product.objects.values_list("code", "name")) == {"TEE": "TEE", "MUG": "Mug"}


def test_what_was_sold_is_received_on_a_day_of_the_past() -> None:
    a_location("BERLIN")

    stock_as_sold({"TEE": 7}, {"TEE": "A tee"}, location="BERLIN", reference="import 1", at=MOMENT, actor=CLERK)

    assert shelf("BERLIN", "TEE") == {"available": 7}
    event = Event.objects.get(kind="stock.received")
    assert (event.at, event.facts["reason"], event.facts["reference"]) == (MOMENT, "opening", "import 1")


def test_stock_is_corrected_where_the_shelf_allows_it() -> None:
    a_shelf("BERLIN", "TEE", 5)

    corrected = correct_stock(
        [
            Paper("1", MOMENT, [("TEE", -4, "damaged"), ("TEE", -4, "lost")]),
            Paper("2", MOMENT, [("TEE", 2, "found"), ("MUG", 3, "found")]),
        ],
        {"MUG": "A mug"},
        location="BERLIN",
        actor=CLERK,
    )

    assert [one.short for one in corrected] == [[1], []]
    assert [len(one.event_ids) for one in corrected] == [1, 1]
    assert shelf("BERLIN", "TEE") == {"available": 3, "damaged": 4}
    assert shelf("BERLIN", "MUG") == {"available": 3}


def test_a_correction_that_no_shelf_allows_changes_nothing() -> None:
    a_shelf("BERLIN", "TEE", 5)
    before = Event.objects.count()

    corrected = correct_stock([Paper("1", MOMENT, [("TEE", -6, "lost")])], {}, location="BERLIN", actor=CLERK)

    assert corrected == [Corrected([], [0])]
    assert shelf("BERLIN", "TEE") == {"available": 5}
    assert Event.objects.count() == before


def test_the_number_of_statements_does_not_depend_on_the_papers(statements: Callable[..., int]) -> None:
    a_shelf("BERLIN", "TEE", 1000)

    def correct(papers: int) -> Callable[[], object]:
        lines = [("TEE", -1, "lost"), ("TEE", -1, "damaged"), ("TEE", 2, "found")]
        return lambda: correct_stock(
            [Paper(str(number), MOMENT, lines) for number in range(papers)], {}, location="BERLIN", actor=CLERK
        )

    assert statements(correct(30)) == statements(correct(1))
    assert StockEntry.objects.count() == 1 + 93


@pytest.mark.django_db(transaction=True)
def test_everything_that_can_go_out_goes_out_and_arrives() -> None:
    a_shelf("BERLIN", "TEE", 7)
    a_sku("MUG", when_short="backorder")
    first, second, third, waiting = place_all(
        [an_order().with_line("TEE", quantity) for quantity in (2, 3, 2)]
        + [an_order().with_line("MUG").but(when_short="backorder")]
    )
    release_orders([Release(second.id)], actor=CLERK)
    looked_at = []

    shipped = ship_everything(actor=CLERK, progress=looked_at.append)
    again = ship_everything(actor=CLERK, progress=looked_at.append)
    delivered = deliver_everything(actor=CLERK, progress=looked_at.append)

    assert shipped == {"shipped": 3}
    assert again == {}
    assert delivered == {"delivered": 3}
    assert [one.status for one in (first, second, third, waiting)] == ["delivered"] * 3 + ["backordered"]
    assert first.events == ["order.placed", "order.released", "order.shipped", "order.delivered"]
    assert sum(looked_at) == 6
    assert shelf("BERLIN", "TEE") == {}


def test_batches_hold_each_order_once() -> None:
    a_shelf("BERLIN", "TEE", 1000)
    placed = place_all([an_order().with_line("TEE") for _ in range(7)])

    found = list(batches([Status.READY], lines=3, look_at_once=5))

    assert found == [[one.id for one in placed[start:end]] for start, end in ((0, 3), (3, 5), (5, 7))]
