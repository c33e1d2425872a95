"""Holds, notes and tags: what people put on orders."""

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, place_all, written

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.flows.tag_orders import PutTags, tag_orders
from orderwright.orders.models import Hold, Note, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    a_shelf("BERLIN", "TEE", 100)
    return an_order().with_line("TEE").placed()


def test_an_order_waits_until_its_last_hold_is_lifted(order):
    hold_orders([PutHold(order.id, "fraud", "Looks odd."), PutHold(order.id, "address")], actor=CLERK)
    assert (order.status, order.summary.holds) == ("on_hold", 2)
    fraud = Hold.objects.get(reason="fraud")
    assert (fraud.note, fraud.placed_by, fraud.lifted_at) == ("Looks odd.", "system:test", None)
    assert order.facts("order.held") == {"number": order.number, "hold": fraud.pk + 1, "reason": "address"}

    lift_holds([LiftHold(order.id, fraud.pk)], actor=CLERK)
    assert (order.status, order.summary.holds) == ("on_hold", 1)
    lift_holds([LiftHold(order.id)], actor=CLERK)

    assert (order.status, order.summary.holds) == ("ready", 0)
    assert set(Hold.objects.values_list("lifted_by", flat=True)) == {"system:test"}
    assert order.events == ["order.placed", *["order.held"] * 2, *["order.hold_lifted"] * 2]


def test_holds_of_one_reason_are_lifted_together(order):
    hold_orders([PutHold(order.id, reason) for reason in ("fraud", "fraud", "credit")], actor=CLERK)

    lift_holds([LiftHold(order.id, reason="fraud")], actor=CLERK)

    assert list(Hold.objects.filter(lifted_at=None).values_list("reason", flat=True)) == ["credit"]


def test_holds_that_make_no_sense_are_refused_and_nothing_happens(order):
    canceled = an_order().with_line("TEE").placed()
    cancel_orders([Cancel(canceled.id, "other")], actor=CLERK)
    before = [written(), Hold.objects.count()]

    answers = hold_orders([PutHold(canceled.id, "fraud"), PutHold(order.id, "No!")], actor=CLERK)
    answers += lift_holds([LiftHold(order.id), LiftHold(order.id, 7)], actor=CLERK)

    assert [answer.code for answer in answers] == ["nothing_to_hold", "invalid", "no_such_hold", "no_such_hold"]
    assert [written(), Hold.objects.count()] == before


def test_the_words_of_a_note_stay_out_of_the_log(order):
    good, bad = note_orders([WriteNote(order.id, " Ring twice. "), WriteNote(order.id, " ")], actor=CLERK)

    note = Note.objects.get()
    assert (good.order_id, bad.code) == (order.id, "invalid")
    assert (note.text, note.written_by) == ("Ring twice.", "system:test")
    assert order.facts("order.noted") == {"number": order.number, "note": note.pk}


def test_tags_are_put_on_and_taken_off_once(order):
    tag_orders([PutTags(order.id, ["gift", "vip"]), PutTags(order.id, ["vip"], ["gift", "none"])], actor=CLERK)

    assert list(Tag.objects.values_list("order_id", "tag")) == [(order.id, "vip")]
    assert order.events == ["order.placed", "order.tagged", "order.untagged"]
    assert order.facts("order.untagged") == {"number": order.number, "tags": ["gift"]}


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 100)
    a_channel()
    first, *others = place_all([an_order().with_line("TEE")] * 31)
    flows = {
        hold_orders: lambda order: PutHold(order.id, "fraud"),
        lift_holds: lambda order: LiftHold(order.id),
        note_orders: lambda order: WriteNote(order.id, "Hello."),
        tag_orders: lambda order: PutTags(order.id, ["gift"], ["none"]),
    }
    for flow, request in flows.items():
        one = statements(lambda flow=flow, request=request: flow([request(first)], actor=CLERK))
        many = statements(lambda flow=flow, request=request: flow([request(one) for one in others], actor=CLERK))
        assert one == many, flow.__name__
