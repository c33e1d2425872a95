"""Letters of new days compare what is promised now with what their reader was told last, line by line."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order, place_all
from shelves import wait_for_the_log

from orderwright.catalog.models import Sku
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.fill_backorders import fill_all
from orderwright.flows.keep_promises import follow as follow_promises
from orderwright.flows.keep_promises import warn_late
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.reallocate_stock import Reallocate, reallocate_stock
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.inventory.expecting import Expected, close, expect, move
from orderwright.inventory.models import Location
from orderwright.kernel import clock, sql
from orderwright.notifications.following import follow
from orderwright.notifications.models import Letter
from orderwright.notifications.sending import follow_and_send
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import DeliveryOption
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop():
    for sku in ("TEE", "CUP"):
        a_sku(sku, when_short="backorder")
        Sku.objects.filter(code=sku).update(name=sku)
    a_location("BERLIN")
    a_channel()
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    with clock.at(MONDAY):
        yield


def coming(sku, day, quantity=9):
    place = Location.objects.get(code="BERLIN").pk
    return expect([Expected(Sku.objects.get(code=sku).pk, place, quantity, day, sku)], actor=CLERK)[0]


def june(day):
    return date(2026, 6, day)


def an_order_of(*skus, quantity=1):
    order = an_order().to("DE")
    for sku in skus:
        order = order.with_line(sku, quantity)
    return order.but(when_short="backorder")


def news():
    """Promises follow the log, and letters are written, but not sent yet."""
    wait_for_the_log()
    follow_promises()
    wait_for_the_log()
    follow()


def sent(order=None):
    """What is sent then: kind, what became of it, and what it tells of lines."""
    news()
    before = set(Letter.objects.exclude(state="waiting").values_list("id", flat=True))
    follow_and_send()
    found = Letter.objects.exclude(id__in=before).order_by("id")
    if order is not None:
        found = found.filter(order_id=order.id)
    return [(one.kind, one.reason or one.state, one.told) for one in found]


def test_what_changed_of_any_line_while_the_mail_waited_is_told_in_one_letter():
    first, second = coming("TEE", june(9)), coming("CUP", june(9))
    order = an_order_of("TEE", "CUP").placed()
    assert sent() == [("order_confirmed", "sent", {"1": "2026-06-13", "2": "2026-06-13"})]

    move(first, june(20), seen=1, actor=CLERK)
    news()
    move(second, june(15), seen=1, actor=CLERK)

    assert sent() == [
        ("backordered", "overtaken", None),
        ("backordered", "sent", {"1": "2026-06-24", "2": "2026-06-19"}),
    ]
    text = Letter.objects.latest("id").text
    assert "TEE: Wednesday, June 24 (before: Saturday, June 13)" in text
    assert "CUP: Friday, June 19 (before: Saturday, June 13)" in text
    assert order.status == "backordered"


def test_later_and_then_a_little_earlier_is_still_later_than_was_told():
    a_shelf("BERLIN", "TEE", 1)
    order = an_order_of("TEE").placed()
    assert sent() == [("order_confirmed", "sent", {"1": "2026-06-04"})]

    with clock.at(MONDAY + timedelta(days=1)):
        warn_late()
    with clock.at(MONDAY + timedelta(days=3)):
        warn_late()  # it is renewed for longer
        wait_for_the_log()
        follow()
        release_orders([Release(order.id)], actor=CLERK)  # it would leave today
        assert sent() == [
            ("delayed", "overtaken", None),
            ("delayed", "sent", {"1": "2026-06-07"}),
        ]
    assert order.facts("promise.changed")["later"] is False


def test_what_is_again_as_it_was_told_makes_no_letter():
    expectation = coming("TEE", june(9))
    order = an_order_of("TEE").placed()
    sent()

    move(expectation, june(20), seen=1, actor=CLERK)
    news()
    move(expectation, june(9), seen=2, actor=CLERK)

    assert sent(order) == [("backordered", "overtaken", None), ("backordered", "overtaken", None)]


def test_units_that_are_given_to_another_order_bring_both_a_letter():
    a_shelf("BERLIN", "TEE", 1)
    coming("TEE", june(20))
    giver, taker = place_all([an_order_of("TEE"), an_order_of("TEE")])
    sent()

    reallocate_stock([Reallocate(giver.id, taker.id, "TEE", 1)], actor=CLERK)
    news()
    follow_and_send()

    (bad,) = Letter.objects.filter(order_id=giver.id).exclude(kind="order_confirmed")
    (good,) = Letter.objects.filter(order_id=taker.id).exclude(kind="order_confirmed")
    assert (bad.kind, bad.state, bad.told) == ("backordered", "sent", {"1": "2026-06-24"})
    assert (good.kind, good.state, good.told) == ("sooner", "sent", {"1": "2026-06-04"})
    assert good.subject == f"Your order {taker.number} comes sooner than we said"
    assert "TEE: Thursday, June 4 (before: Wednesday, June 24)" in good.text
    assert "later than planned" not in good.text


def test_a_day_sooner_is_no_news():
    coming("TEE", june(1))
    order = an_order_of("TEE").placed()
    assert sent(order) == [("order_confirmed", "sent", {"1": "2026-06-05"})]

    a_shelf("BERLIN", "TEE", 1)
    fill_all()

    assert sent(order) == []


def test_who_was_told_that_nobody_can_say_is_told_the_day():
    order = an_order_of("TEE").placed()
    assert sent(order) == [("order_confirmed", "sent", {"1": None})]

    expectation = coming("TEE", june(9))
    assert sent(order) == [("backordered", "sent", {"1": "2026-06-13"})]

    close([expectation], actor=CLERK)
    assert sent(order) == [("backordered", "sent", {"1": None})]


def test_a_late_parcel_is_told_of_though_its_order_has_left():
    a_shelf("BERLIN", "TEE", 1)
    order = an_order_of("TEE").placed()
    promise_orders([order.id])
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)
    sent()

    with clock.at(MONDAY + timedelta(days=4)):
        warn_late()
        assert sent(order) == [("delayed", "sent", {"1": "2026-06-08"})]
    assert "The parcel takes longer than planned." in Letter.objects.latest("id").text


def test_a_lost_parcel_has_its_own_letter_and_its_new_day_comes_when_it_is_sent_again():
    a_shelf("BERLIN", "TEE", 2)
    order = an_order_of("TEE").placed()
    sent()
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)
    sent()
    with clock.at(MONDAY + timedelta(days=2)):
        note_scans([Note(f"{order.number}-S1/1", Stage.LOST)], actor=CLERK)
        assert sent(order) == [("delayed", "overtaken", None), ("package_lost", "sent", None)][::-1]

        send_again([SendAgain(order.id)], actor=CLERK)
        assert sent(order) == [("delayed", "sent", {"1": "2026-06-06"})]


def test_of_what_was_canceled_meanwhile_nothing_is_told():
    first, second = coming("TEE", june(9)), coming("CUP", june(9))
    order = an_order_of("TEE", "CUP").placed()
    sent()

    move(first, june(20), seen=1, actor=CLERK)
    news()
    cancel_orders([Cancel(order.id, "customer", [Wanted(1, 1)])], actor=CLERK)

    assert [(kind, told) for kind, _state, told in sent(order)] == [("backordered", None), ("partly_canceled", None)]
    assert second


def test_a_parcel_is_told_of_when_its_label_has_its_number_or_after_half_an_hour():
    a_shelf("BERLIN", "TEE", 2)
    numbered, nameless = place_all([an_order_of("TEE"), an_order_of("TEE")])
    release_orders([Release(numbered.id), Release(nameless.id)], actor=CLERK)
    ship_orders([Ship(numbered.id), Ship(nameless.id)], actor=CLERK)
    sql.run(ASKED, [MONDAY])
    assert [one[:2] for one in sent() if one[0] == "shipped"] == [("shipped", "waits_for_number")] * 2
    assert set(Letter.objects.filter(kind="shipped").values_list("state")) == {("waiting",)}

    sql.run("UPDATE package SET carrier = 'fake', tracking_number = 'N1' WHERE name LIKE %s::text",
            [f"{numbered.number}-%"])  # fmt: skip
    with clock.at(MONDAY + timedelta(minutes=1)):
        assert sent(numbered) == [("shipped", "sent", None)]
    assert "N1" in Letter.objects.get(kind="shipped", order_id=numbered.id).text

    with clock.at(MONDAY + timedelta(minutes=31)):
        assert sent(nameless) == [("shipped", "sent", None)]


ASKED = """
    INSERT INTO carrier_question (id, package_id, carrier, verb, asked_at, ask_again_at)
    SELECT gen_random_uuid(), p.id, 'fake', 'label', n.at, n.at FROM package p, (SELECT %s::timestamptz AS at) n
"""
