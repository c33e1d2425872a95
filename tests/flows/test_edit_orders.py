"""Editing orders: one change of lines, quantities, discounts, delivery and address, previewed to the cent."""

import pytest
from builders import CLERK, a_channel, a_shelf, a_sku, an_order, shelf, written
from providers import Fake, fake, wrong

from orderwright.customers.drafting import AddressDraft
from orderwright.flows.ask_providers import ask_about
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.edit_orders import Edited, edit_orders, preview
from orderwright.flows.preview_edits import preview_edits
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel.errors import Refusal
from orderwright.kernel.models import Event
from orderwright.notifications.kinds import caused_by
from orderwright.orders import queries
from orderwright.orders.drafting import LineDraft
from orderwright.orders.editing import Change, Discount, Edit
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import DeliveryOption

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 10)
    a_sku("MUG", when_short="backorder")
    a_shelf("BERLIN", "MUG", 3)
    yield
    assert wrong() == {}


def an_invoice():
    """Two TEE at 10.00 on invoice."""
    return an_order().with_line("TEE", 2, "10.00").paid_by("invoice").placed()


def edit(order, **changes):
    (answer,) = edit_orders([Edit(order.id, **changes)], actor=CLERK)
    return answer


def lines(order):
    return [
        (line.position, line.sku, line.quantity, line.total_minor, {one.bucket: one.quantity for one in line.where})
        for line in queries.get(order.number).lines
    ]


def test_a_line_is_added_and_kept_on_the_shelf():
    order = an_invoice()

    answer = edit(order, added=[LineDraft("MUG", 1, "4.50")])

    assert isinstance(answer, Edited)
    assert (answer.total_before_minor, answer.total_minor, answer.owed_before_minor, answer.owed_minor) == (
        2000,
        2450,
        2000,
        2450,
    )
    assert [(one.sku, one.reserved, one.backordered) for one in answer.lines if one.is_new] == [
        ("MUG", [("BERLIN", 1)], 0)
    ]
    assert lines(order) == [(1, "TEE", 2, 2000, {"reserved": 2}), (2, "MUG", 1, 450, {"reserved": 1})]
    assert shelf("BERLIN", "MUG") == {"available": 2, "reserved": 1}
    assert order.facts("order.edited")["total"] == "24.50"


def test_more_and_fewer_units_of_lines():
    order = an_invoice()

    edit(order, changes=[Change(1, 3)])
    answer = edit(order, changes=[Change(1, 1)])

    assert answer.total_minor == 2000
    assert lines(order) == [
        (1, "TEE", 2, 2000, {"reserved": 1, "canceled": 1}),
        (2, "TEE", 1, 1000, {"reserved": 1}),
    ]
    assert shelf("BERLIN", "TEE") == {"available": 8, "reserved": 2}


def test_a_preview_says_the_same_and_changes_nothing():
    order = an_invoice()
    events = Event.objects.count()
    change = Edit(order.id, added=[LineDraft("MUG", 5, "4.50")], changes=[Change(1, 1)], discounts=[Discount(100)])

    seen = preview(change, actor=CLERK)

    assert seen.total_minor == 1000 + 2250 - 100
    assert [(one.reserved, one.backordered) for one in seen.lines if one.is_new] == [([("BERLIN", 3)], 2)]
    assert lines(order) == [(1, "TEE", 2, 2000, {"reserved": 2})]
    assert Event.objects.count() == events
    assert edit_orders([change], actor=CLERK) == [seen]


def test_added_and_taken_away_again_it_comes_to_what_it_came_to():
    order = an_order().with_line("TEE", 2, "10.00").with_adjustment("discount", "-3.00").paid_by("invoice").placed()

    edit(order, added=[LineDraft("MUG", 3, "7.77")])
    answer = edit(order, changes=[Change(2, 0)])

    assert answer.total_minor == 1700
    assert edit(order, changes=[Change(1, 1)]).total_minor == 850


def test_all_is_exchanged_and_the_delivery_is_still_paid_for():
    order = an_order().with_line("TEE", 2, "10.00").with_adjustment("shipping", "4.90").paid_by("invoice").placed()

    answer = edit(order, changes=[Change(1, 0)], added=[LineDraft("MUG", 1, "4.50")])

    assert (answer.total_minor, answer.owed_minor) == (940, 940)
    assert edit(order, added=[LineDraft("MUG", 1, "4.50")]).total_minor == 1390
    cancel_orders([Cancel(order.id, "mistake")], actor=CLERK)
    assert queries.get(order.number).head.total_minor == 0


def test_all_is_exchanged_and_sent_for_nothing():
    order = an_order().with_line("TEE", 2, "10.00").with_adjustment("shipping", "4.90").paid_by("invoice").placed()

    answer = edit(order, changes=[Change(1, 0)], added=[LineDraft("MUG", 1, "4.50")], shipping_minor=0)

    assert answer.total_minor == 450


def test_a_discount_stays_with_what_it_was_given_on():
    order = an_invoice()

    edit(order, discounts=[Discount(500, "sorry")])
    edit(order, added=[LineDraft("MUG", 1, "10.00")])
    answer = edit(order, changes=[Change(1, 1)])

    assert answer.total_minor == 750 + 1000


def test_taxes_follow_at_the_rates_of_the_order():
    taxed = an_order().with_line("TEE", 2, "11.90").with_adjustment("tax", rate="0.19", included=True)
    order = taxed.paid_by("invoice").placed()

    edit(order, added=[LineDraft("MUG", 1, "23.80")], discounts=[Discount(595)])

    taxes = [one.amount_minor for one in queries.get(order.number).adjustments if one.kind == "tax"]
    assert sorted(taxes) == [-95, 380, 380]


def test_what_is_due_after_an_edit_holds_the_release(fake: Fake):
    order = fake.placed(an_order().with_line("TEE", 1, "10.00"), "ok")
    ask_about(order.id)

    answer = edit(order, added=[LineDraft("MUG", 1, "4.50")])
    (released,) = release_orders([Release(order.id)], actor=CLERK)

    assert answer.owed_minor == 450
    assert isinstance(released, Refusal)
    assert released.code == "not_paid_for"


def test_what_is_too_much_after_an_edit_goes_back(fake: Fake):
    order = fake.placed(an_order().with_line("TEE", 2, "10.00"), "ok")
    ask_about(order.id)

    answer = edit(order, changes=[Change(1, 1)])
    ask_about(order.id)

    assert answer.total_minor == 1000
    assert order.summary.refunded_minor == 1000
    assert order.summary.payment in ("paid", "partly_refunded")


def test_who_edits_what_somebody_changed_is_told_and_changes_nothing():
    order = an_invoice()
    seen = Event.objects.filter(order_id=order.id).count()
    cancel_orders([Cancel(order.id, "mistake", [Wanted(1, 1)])], actor=CLERK)

    refusal = edit(order, changes=[Change(1, 2)], seen=seen)

    assert (refusal.code, refusal.facts) == ("changed_meanwhile", {"number": order.number})
    assert lines(order) == [(1, "TEE", 2, 2000, {"reserved": 1, "canceled": 1})]


def test_what_a_location_has_got_cannot_be_edited_away():
    order = an_invoice()
    release_orders([Release(order.id)], actor=CLERK)

    refusal = edit(order, changes=[Change(1, 0)])

    assert refusal.code == "already_with_warehouse"
    assert lines(order) == [(1, "TEE", 2, 2000, {"released": 2})]


def test_refused_in_words():
    order = an_invoice()

    assert edit(order).code == "nothing_to_edit"
    assert edit(order, changes=[Change(7, 1)]).code == "no_such_line"
    assert edit(order, added=[LineDraft("NOPE", 1)]).code == "unknown_sku"
    assert edit(order, discounts=[Discount(5000)]).code == "negative_total"
    assert edit(order, delivery_option="BALLOON").code == "unknown_delivery_option"
    assert edit(order, added=[LineDraft("MUG", 9, "1.00")], when_short="refuse").code == "out_of_stock"
    assert lines(order) == [(1, "TEE", 2, 2000, {"reserved": 2})]
    assert shelf("BERLIN", "MUG") == {"available": 3}


def test_the_customer_is_written_to_unless_nobody_wants_that():
    told, untold = an_invoice(), an_invoice()

    edit(told, changes=[Change(1, 1)])
    edit(untold, changes=[Change(1, 1)], tells=False)

    assert [one.kind for one in caused_by("order.edited", told.facts("order.edited"))] == ["order_edited"]
    assert caused_by("order.edited", untold.facts("order.edited")) == []


def test_it_stays_in_its_country_and_where_it_is_in_work():
    address = AddressDraft(name="Ada", street="Kai 1", postal_code="20457", city="Hamburg", country="DE")
    abroad = AddressDraft(name="Ada", street="Rue 1", postal_code="75001", city="Paris", country="FR")
    order = an_order().with_line("TEE", 2, "10.00").to("DE", city="Bonn").paid_by("invoice").placed()

    assert edit(order, ship_to=abroad).code == "another_country"
    release_orders([Release(order.id)], actor=CLERK)
    assert edit(order, ship_to=address).code == "too_late_to_readdress"
    assert queries.get(order.number).ship_to.city == "Bonn"


def test_it_goes_elsewhere():
    order = an_invoice()

    edit(
        order,
        ship_to=AddressDraft(name="Ada Albers", street="Kai 1", postal_code="20457", city="Hamburg", country="DE"),
    )

    assert queries.get(order.number).ship_to.city == "Hamburg"
    assert "Hamburg" not in str(order.facts("order.edited"))


def test_it_is_billed_elsewhere_abroad_too_and_while_it_is_in_work():
    order = an_order().with_line("TEE", 2, "10.00").to("DE", city="Bonn").paid_by("invoice").placed()
    release_orders([Release(order.id)], actor=CLERK)
    abroad = AddressDraft(name="Ada SARL", street="Rue 1", postal_code="75001", city="Paris", country="FR")

    refused = edit(order, bill_to=AddressDraft(country="FR"))
    answer = edit(order, bill_to=abroad)

    assert refused.code == "bad_address"
    assert isinstance(answer, Edited)
    found = queries.get(order.number)
    assert (found.bill_to.city, found.bill_to.country, found.ship_to.city) == ("Paris", "FR", "Bonn")
    assert order.facts("order.edited")["rebilled"] is True
    assert "Paris" not in str(order.facts("order.edited"))


def test_a_preview_tells_the_day_that_would_be_promised_and_promises_nothing():
    for code, days in (("std", 3), ("slow", 9)):
        DeliveryOption.objects.create(code=code, name=code, days_least=1, days_most=days, rank=days)
    order = an_invoice()
    promise_orders([order.id])
    before = written()

    seen = preview_edits(Edit(order.id, delivery_option="slow"), actor=CLERK)
    refused = preview_edits(Edit(order.id, delivery_option="none"), actor=CLERK)

    assert (seen.arrives - seen.arrives_before).days == 6
    assert refused.code == "unknown_delivery_option"
    assert written() == before


def test_an_edit_is_not_more_statements_for_more_orders(statements):
    a_channel("web")
    orders = [an_invoice() for _ in range(4)]

    def edits(some):
        return [Edit(order.id, changes=[Change(1, 1)], added=[LineDraft("MUG", 1, "1.00")]) for order in some]

    one = statements(lambda: edit_orders(edits(orders[:1]), actor=CLERK))
    three = statements(lambda: edit_orders(edits(orders[1:]), actor=CLERK))

    assert three == one
