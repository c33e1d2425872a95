"""The page of one order: all of it for who may see it, one flow for each form, and nothing overwritten."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from builders import CLERK, a_channel, a_kit, a_shelf, a_sku, an_order, written
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.schedule_releases import Schedule, schedule_releases
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel import actors, clock
from orderwright.orders import queries
from orderwright.orders.models import Hold, Note, Tag
from orderwright.orders.timeline import timeline
from orderwright.shipping.models import DeliveryOption
from orderwright.web.pages.order import steps
from orderwright.web.whereabouts import show

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_shelf("BERLIN", "TEE", 50)
    a_shelf("LYON", "CUP", 50)
    a_channel("web")


def page_of(order):
    return f"/desk/orders/{order.number}"


def read(answer):
    return " ".join(unescape(answer.content.decode()).split())


def seen(order):
    return timeline(order.id)[-1].place


def test_all_of_an_order_is_on_one_page(desk):
    order = an_order().with_line("TEE", 2, "10.00").with_line("CUP", 1, "5.00").to("DE", city="Bonn").placed()
    release_orders([Release(order.id)], actor=CLERK)

    said = read(desk().get(page_of(order)))

    for words in (
        f"<h1>{order.number}</h1>",
        "In work",
        "2 in work · BERLIN",
        "€25.00",
        "Bonn",
        "ada@example.org",
        "Why from there?",
        "Released to the warehouse: 2 × TEE (BERLIN), 1 × CUP (LYON).",
        f"{order.number}-F1",
    ):
        assert words in said


def test_an_order_that_is_not_there(desk):
    assert desk().get("/desk/orders/NOBODY").status_code == 404
    assert desk().get("/desk/orders/%00").status_code == 404


def test_the_page_is_a_fixed_number_of_statements(desk):
    small = an_order().with_line("TEE", 1, "10.00").placed()
    large = an_order()
    for _ in range(20):
        large = large.with_line("TEE", 1, "10.00").with_line("CUP", 1, "5.00")
    large = large.placed()
    for order in (small, large):
        release_orders([Release(order.id)], actor=CLERK)
        ship_orders([Ship(order.id)], actor=CLERK)
    client = desk()
    client.get(page_of(small))

    with CaptureQueriesContext(connection) as of_small:
        client.get(page_of(small))
    with CaptureQueriesContext(connection) as of_large:
        client.get(page_of(large))

    assert len(of_small) == len(of_large)
    assert len(of_large) <= 36


@pytest.mark.parametrize("role", ["owner", "support", "read_only", "finance"])
def test_who_sees_prices(desk, role):
    order = an_order().with_line("TEE", 2, "10.00").placed()

    assert "€20.00" in read(desk(role).get(page_of(order)))


def test_the_warehouse_sees_no_price_and_no_customer(desk):
    order = an_order().with_line("TEE", 2, "12.34").placed()
    release_orders([Release(order.id)], actor=CLERK)

    said = read(desk("warehouse").get(page_of(order)))

    for words in ("12.34", "24.68", "€", "EUR", "invoice", "ada@example.org", "2468", "1234"):
        assert words not in said
    assert "2 in work · BERLIN" in said
    assert "The order was placed: 2 × TEE" in said


def test_htmx_gets_the_body_alone(desk):
    order = an_order().with_line("TEE", 1, "10.00").placed()

    said = desk().get(page_of(order), headers=HTMX).content.decode()

    assert "<html" not in said
    assert 'id="lines-head"' in said


def test_an_order_is_held_and_goes_on(desk):
    order = an_order().with_line("TEE", 1, "10.00").placed()
    client = desk()

    answer = client.post(f"{page_of(order)}/hold", {"reason": "fraud_check", "note": "look", "seen": seen(order)})

    assert answer.status_code == 303
    assert answer["Location"] == page_of(order)
    assert Hold.objects.get(order_id=order.id).note == "look"
    assert "The order is on hold." in read(client.get(page_of(order)))

    client.post(f"{page_of(order)}/lift", {"seen": seen(order)})

    assert Hold.objects.get(order_id=order.id).lifted_at is not None


def test_a_part_of_a_line_is_canceled(desk):
    order = an_order().with_line("TEE", 3, "10.00").with_line("CUP", 1, "5.00").placed()

    form = {"reason": "customer_request", "line-1": "2", "line-2": "0", "seen": seen(order)}
    desk().post(f"{page_of(order)}/cancel", form)

    assert order.units == {"reserved": 2, "canceled": 2}
    assert order.facts("order.partly_canceled")["reason"] == "customer_request"


def test_what_a_location_has_is_called_back(desk):
    order = an_order().with_line("TEE", 3, "10.00").placed()
    release_orders([Release(order.id)], actor=CLERK)

    desk().post(f"{page_of(order)}/cancel", {"reason": "fraud", "line-1": "3", "seen": seen(order)})

    assert order.units == {"canceled": 3}


def test_nothing_chosen_cancels_nothing(desk):
    order = an_order().with_line("TEE", 3, "10.00").placed()
    before = written()

    answer = desk().post(f"{page_of(order)}/cancel", {"reason": "fraud", "line-1": "0"})

    assert answer.status_code == 422
    assert written() == before


def test_who_decides_on_an_old_page_is_told(desk):
    order = an_order().with_line("TEE", 3, "10.00").placed()
    opened = seen(order)
    hold_orders([PutHold(order.id, "fraud_check")], actor=actors.client(4711))
    before = written()

    answer = desk().post(f"{page_of(order)}/cancel", {"reason": "fraud", "line-1": "3", "seen": opened}, headers=HTMX)

    assert answer.status_code == 409
    assert "Put on hold: fraud_check." in read(answer)
    assert written() == before


def test_own_acts_and_those_of_machines_are_in_nobodys_way(desk):
    order = an_order().with_line("TEE", 3, "10.00").placed()
    opened, client = seen(order), desk()
    client.post(f"{page_of(order)}/hold", {"reason": "other", "seen": opened})
    hold_orders([PutHold(order.id, "fraud_check")], actor=actors.system("rules"))

    answer = client.post(f"{page_of(order)}/cancel", {"reason": "fraud", "line-1": "3", "seen": opened})

    assert answer.status_code == 303
    assert order.units == {"canceled": 3}


def test_notes_and_tags(desk):
    order = an_order().with_line("TEE", 1, "10.00").but(tags=["old"]).placed()
    client = desk()

    client.post(f"{page_of(order)}/note", {"text": "Call <b>first</b>"})
    client.post(f"{page_of(order)}/tags", {"tags": "vip, gift, vip"})

    assert Note.objects.get(order_id=order.id).text == "Call <b>first</b>"
    assert set(Tag.objects.filter(order_id=order.id).values_list("tag", flat=True)) == {"vip", "gift"}
    assert "Call &lt;b&gt;first&lt;/b&gt;" in client.get(page_of(order)).content.decode()


def test_goodwill_is_given_back_and_never_more_than_was_captured(desk):
    order = an_order().with_line("TEE", 2, "10.00").paid_by("recorded").placed()
    client = desk()

    form = {"reason": "late", "amount": "3.50", "goodwill": "1", "seen": seen(order)}
    answer = client.post(f"{page_of(order)}/refund", form)

    assert answer.status_code == 303
    assert order.money == {"captured": 1650, "refunded": 350}
    before = written()

    answer = client.post(f"{page_of(order)}/refund", {"reason": "late", "amount": "99", "goodwill": "1"})

    assert answer.status_code in (409, 422)
    assert written() == before


def test_pressing_twice_gives_back_once_and_cancels_once(desk):
    order = an_order().with_line("TEE", 3, "10.00").paid_by("recorded").placed()
    client = desk()
    given = {"reason": "late", "amount": "3.50", "goodwill": "1", "seen": seen(order)}

    pressed = [client.post(f"{page_of(order)}/refund", given).status_code for _press in range(2)]

    assert pressed == [303, 409]
    assert order.money == {"captured": 2650, "refunded": 350}

    struck = {"reason": "customer_request", "line-1": "1", "seen": seen(order)}
    pressed = [client.post(f"{page_of(order)}/cancel", struck).status_code for _press in range(2)]

    assert pressed == [303, 409]
    assert order.units == {"reserved": 2, "canceled": 1}


def test_a_kit_whose_parts_are_in_the_same_places_is_one_bar(desk):
    a_shelf("LYON", "POT", 9)
    a_kit("SAME", {"CUP": 2, "POT": 1}, "20.00")
    a_kit("APART", {"CUP": 1, "TEE": 1}, "20.00")
    order = an_order().with_line("SAME", 2).with_line("APART", 1).to("DE", city="Bonn").placed()

    same, apart = show(queries.get(order.number).lines, {})
    said = read(desk().get(page_of(order)))

    assert (same.together, [(one.quantity, one.bucket, one.location) for one in same.pieces]) == (
        True,
        [(2, "reserved", "LYON")],
    )
    assert (apart.together, apart.pieces) == (False, [])
    assert said.count('<svg class="where"') == 3
    assert "Germany" in said


def word_of(client, order, act):
    """The word of the form that does this, as the order's page shows it."""
    page = client.get(page_of(order)).content.decode()
    return re.search(rf'action="{re.escape(f"{page_of(order)}/{act}")}">.*?name="once" value="([^"]+)"', page)[1]


def test_pressing_twice_writes_one_note(desk):
    order, client = an_order().with_line("TEE", 1).placed(), desk()
    form = {"once": word_of(client, order, "note")}

    refused = client.post(f"{page_of(order)}/note", form | {"text": ""})
    pressed = [client.post(f"{page_of(order)}/note", form | {"text": "call her"}) for _press in range(2)]

    assert refused.status_code == 422
    assert [answer.status_code for answer in pressed] == [303, 409]
    assert "done already" in read(pressed[1])
    assert [note.text for note in Note.objects.all()] == ["call her"]


def test_pressing_twice_splits_moves_and_merges_once(desk):
    a_shelf("LYON", "TEE", 10)
    order, client = an_order().with_line("TEE", 5, "10.00").placed(), desk()
    release_orders([Release(order.id)], actor=CLERK)
    first, second = f"{order.number}-F1", f"{order.number}-F2"

    def press_twice(act, **form):
        form["once"] = word_of(client, order, act)
        return [client.post(f"{page_of(order)}/{act}", form).status_code for _press in range(2)]

    assert press_twice(f"work/{first}/split", **{"line-1": "1"}) == [303, 409]
    assert press_twice("merge", into=first, others=[second]) == [303, 409]
    assert press_twice(f"work/{first}/move", to="LYON") == [303, 409]
    assert [kind for kind in order.events if kind.startswith("fulfilment.")] == [
        "fulfilment.split",
        "fulfilment.merged",
        "fulfilment.moved",
    ]


def told(client, order):
    """What the page says happened, without the marks."""
    story = client.get(page_of(order)).content.decode().partition('id="story-head"')[2].partition("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", story)).replace("\xa0", " ").split())


def test_the_timeline_speaks_the_readers_language_in_the_readers_way(desk, settings):
    settings.SHOP_TIME_ZONE = "Europe/Berlin"
    a_sku("MUG", when_short="backorder", lead_days=14)
    a_sku("CAN", when_short="backorder", lead_days=14)
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    with clock.at(datetime(2026, 6, 1, 9, tzinfo=UTC)):
        order = an_order().with_line("MUG", 2, "1234.50").with_line("CAN", 1, "5.00").but(when_short="backorder")
        order = order.to("DE", city="Bonn").paid_by("invoice").placed()
        promise_orders([order.id])
        schedule_releases([Schedule(order.id, datetime(2026, 6, 15, 6, 30, tzinfo=UTC))], actor=CLERK)
        english, german = desk(), desk("support")
        german.cookies["language"] = "de"

        said, gesagt = told(english, order), told(german, order)

    assert "It comes to €2,474.00." in said
    assert "Sie beläuft sich auf 2.474,00 €." in gesagt
    assert "MUG, CAN leave on Mon, 15 Jun and arrive by Thu, 18 Jun. It has to be ordered first." in said
    assert "MUG, CAN gehen am Mo., 15. Juni ab und kommen bis Do., 18. Juni an. Es muss erst bestellt werden." in gesagt
    assert "To be released at 15 Jun, 08:30." in said
    assert "2469.00" not in said + gesagt
    assert "Price each: €1,234.50" in said
    assert "Einzelpreis: 1.234,50 €" in gesagt
    assert not re.search(r"\d{4}-\d\d-\d\d|_|\b(minor|lead_time|sku)\b", said + gesagt)


def test_awaited_money_came_or_is_let_go(desk):
    came = an_order().with_line("TEE", 1, "10.00").paid_by("bank_transfer").placed()
    let_go = an_order().with_line("TEE", 1, "10.00").paid_by("bank_transfer").placed()
    client = desk("finance")

    client.post(f"{page_of(came)}/received", {"amount": "10,00", "received_on": "2026-01-31", "reference": "R 1"})
    client.post(f"{page_of(let_go)}/void", {})

    assert came.money == {"captured": 1000}
    assert let_go.money == {"voided": 1000}


def test_work_is_split_moved_held_and_merged(desk):
    a_shelf("LYON", "TEE", 10)
    order = an_order().with_line("TEE", 3, "10.00").placed()
    client = desk()
    client.post(f"{page_of(order)}/release", {"seen": seen(order)})
    work = f"{page_of(order)}/work/{order.number}-F1"

    assert client.post(f"{work}/split", {"line-1": "1"}).status_code == 303
    assert client.post(f"{work}/hold", {"reason": "stock_check"}).status_code == 303
    assert client.post(f"{work}/lift", {}).status_code == 303
    merged = {"into": f"{order.number}-F1", "others": [f"{order.number}-F2"]}
    assert client.post(f"{page_of(order)}/merge", merged).status_code == 303
    assert client.post(f"{work}/reject", {"reason": "closed"}).status_code == 303

    kinds = [kind for kind in order.events if kind.startswith("fulfilment.")]
    assert kinds == [
        "fulfilment.split",
        "fulfilment.held",
        "fulfilment.hold_lifted",
        "fulfilment.merged",
        "fulfilment.rejected",
    ]


def test_work_of_another_order_is_not_this_ones(desk):
    ours, theirs = (an_order().with_line("TEE", 1, "10.00").placed() for _ in range(2))
    release_orders([Release(theirs.id)], actor=CLERK)
    before = written()

    answer = desk().post(f"{page_of(ours)}/work/{theirs.number}-F1/reject", {"reason": "closed"})

    assert answer.status_code == 404
    assert written() == before


def test_papers_of_a_shipment(desk):
    order = an_order().with_line("TEE", 1, "10.00").to("DE", city="Bonn").placed()
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)
    name = order.facts("order.shipped")["shipment"]

    slip = desk("warehouse").get(f"{page_of(order)}/shipments/{name}/packing-slip")

    assert slip["Content-Type"] == "application/pdf"
    assert slip.content.startswith(b"%PDF")
    label = desk().get(f"{page_of(order)}/shipments/{name}/packages/1/label")
    assert label.status_code == 409  # it was made elsewhere


@pytest.mark.parametrize(
    ("stage", "seen", "shown"),
    [
        ("in_transit", ["handed_over", "in_transit"], ["done", "done", "done", "now", "", ""]),
        ("lost", ["handed_over", "in_transit", "lost"], ["done", "done", "done", "done", "", "wrong"]),
        ("lost", [], ["done", "done", "", "", "", "wrong"]),
        ("returned", ["attempt_failed", "returned"], ["done", "done", "done", "done", "done", "wrong"]),
        ("delivered", ["delivered"], ["done", "done", "done", "done", "done", "done"]),
    ],
)
def test_a_parcel_that_went_astray_was_only_where_it_was_seen(stage, seen, shown):
    assert [step.mark for step in steps(stage, seen)] == shown
