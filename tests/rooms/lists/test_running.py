"""Acts on many orders: each gets its answer, once, whatever happens to the worker."""

import re

import pytest
from builders import CLERK, a_shelf, an_order, place_all
from django.db import connection
from people import a_person

from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel.errors import Refusal
from orderwright.lists import running
from orderwright.lists.models import Act, Run, RunPart, RunRow
from orderwright.orders.models import Tag

pytestmark = pytest.mark.django_db

EXPORT = {"columns": ["customer", "total", "tags"], "mark": True}


@pytest.fixture
def orders():
    a_shelf("BERLIN", "TEE", 100)
    return place_all([an_order().with_line("TEE").by(f"b{n}@example.com") for n in range(3)])


def test_each_order_gets_an_answer_of_its_own(orders):
    hold_orders([PutHold(orders[1].id, "fraud")], actor=CLERK)
    me = a_person().pk

    run_id = running.begin(Act.RELEASE, me, {}, picked=[order.id for order in orders], query=None)
    assert running.go_on() == 3

    rows = [row for _place, row in running.rows_of(run_id, only="", after=0, limit=10)]
    assert [(row.number, row.answer) for row in rows] == [
        (orders[0].number, "done"),
        (orders[1].number, "refused"),
        (orders[2].number, "done"),
    ]
    assert rows[1].code == "on_hold"
    assert orders[1].number in rows[1].sentence
    run = Run.objects.get()
    assert (run.orders, run.done, run.refused) == (3, 2, 1)
    assert run.ended_at is not None
    assert [order.status for order in orders] == ["in_work", "on_hold", "in_work"]


def test_all_that_match_are_gathered_and_done_in_batches(orders, monkeypatch):
    monkeypatch.setattr(running, "GATHERED", 2)
    monkeypatch.setattr(running, "BATCH", 2)

    running.begin(Act.TAG, a_person().pk, {"word": "vip"}, picked=[], query="status=ready")
    assert running.go_on() == 3

    assert Tag.objects.filter(tag="vip").count() == 3
    assert list(RunRow.objects.order_by("place").values_list("place", "answer")) == [
        (1, "done"),
        (2, "done"),
        (3, "done"),
    ]


def test_a_worker_that_is_killed_leaves_whole_batches_and_the_next_goes_on(orders, monkeypatch):
    run_id = running.begin(Act.TAG, a_person().pk, {"word": "vip"}, picked=[o.id for o in orders], query=None)
    assert running._step(run_id, 1) == 1

    with monkeypatch.context() as breaking:
        breaking.setattr(running.sql, "run", _killed)
        with pytest.raises(KeyboardInterrupt):
            running._step(run_id, 1)
    assert (Tag.objects.count(), Run.objects.get().done) == (1, 1)

    assert running.go_on() == 2
    assert (Tag.objects.count(), Run.objects.get().done) == (3, 3)
    assert [order.events.count("order.tagged") for order in orders] == [1, 1, 1]


def _killed(*_words: object) -> None:
    raise KeyboardInterrupt


def test_an_export_has_a_row_for_each_order_and_no_formula(orders, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    me = a_person().pk
    row = orders[0].row.customer
    row.name = '=HYPERLINK("http://bad.example")'
    row.save()

    run_id = running.begin(Act.EXPORT, me, EXPORT, picked=[], query="")
    running.go_on()

    content = b"".join(running.part(run_id, place) for place in running.parts(run_id, me)).decode()
    lines = content.split("\r\n")
    assert lines[0] == "\ufeffnumber,status,customer,total,currency,tags"
    assert lines[1] == f"{orders[2].number},ready,b2@example.com,10.00,EUR,"
    assert lines[3] == f'{orders[0].number},ready,"\'=HYPERLINK(""http://bad.example"")",10.00,EUR,'
    assert RunPart.objects.count() == 2


def test_an_export_is_only_for_who_began_it(orders):
    run_id = running.begin(Act.EXPORT, a_person().pk, EXPORT, picked=[], query="")
    running.go_on()

    with pytest.raises(Refusal) as refused:
        running.parts(run_id, a_person("support").pk)

    assert refused.value.code == "run_not_yours"


@pytest.mark.parametrize(
    ("act", "words", "code"),
    [(Act.TAG, {}, "invalid"), (Act.CANCEL, {"word": "No!"}, "invalid"), (Act.RELEASE, {}, "nothing_selected")],
)
def test_what_makes_no_sense_is_refused_before_it_begins(orders, act, words, code):
    picked = [] if code == "nothing_selected" else [orders[0].id]

    with pytest.raises(Refusal) as refused:
        running.begin(act, a_person().pk, words, picked=picked, query=None)

    assert refused.value.code == code
    assert Run.objects.count() == 0


@pytest.fixture
def cursed(orders):
    """An order that no tag can be put on, for a reason that nobody foresaw."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF NEW.order_id = {orders[1].id} THEN RAISE EXCEPTION 'cursed'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER curse BEFORE INSERT ON order_tag FOR EACH ROW EXECUTE FUNCTION curse()
        """)
    return orders[1]


def test_an_order_that_breaks_fails_alone_and_the_run_and_later_ones_go_on(orders, cursed, caplog):
    picked = [order.id for order in orders]
    first = running.begin(Act.TAG, a_person().pk, {"word": "vip"}, picked=picked, query=None)
    later = running.begin(Act.HOLD, a_person("support").pk, {"word": "fraud"}, picked=[orders[0].id], query=None)

    assert running.go_on() == 4

    rows = [row for _place, row in running.rows_of(first, only="", after=0, limit=10)]
    assert [row.answer for row in rows] == ["done", "failed", "done"]
    assert "went wrong" in rows[1].sentence
    assert list(Tag.objects.order_by("order_id").values_list("order_id", flat=True)) == [picked[0], picked[2]]
    assert [order.events.count("order.tagged") for order in orders] == [1, 0, 1]
    run = Run.objects.get(pk=first)
    assert (run.done, run.refused, run.failed, run.ended_at is not None) == (2, 0, 1, True)
    assert Run.objects.get(pk=later).done == 1
    assert f"order {cursed.id} could not be done" in caplog.text
    assert "cursed" in caplog.text


def test_a_run_that_cannot_be_gathered_ends_and_says_why(orders):
    me = a_person().pk
    run_id = running.begin(Act.TAG, me, {"word": "vip"}, picked=[], query="status=ready")
    Run.objects.filter(pk=run_id).update(query="q=colour:red")  # a field of an older version
    later = running.begin(Act.TAG, me, {"word": "vip"}, picked=[orders[0].id], query=None)

    assert running.go_on() == 1

    run = Run.objects.get(pk=run_id)
    assert run.ended_at is not None
    assert "colour" in run.problem
    assert list(Tag.objects.values_list("order_id", flat=True)) == [orders[0].id]
    assert Run.objects.get(pk=later).done == 1


@pytest.fixture
def packed(orders):
    """Two of the orders, packed."""
    for order in (orders[0], orders[2]):
        release_orders([Release(order.id)], actor=CLERK)
        confirm_shipments([Send(f"{order.number}-F1")], actor=CLERK)
    return [orders[0], orders[2]]


def test_packing_slips_of_many_orders_are_one_document(orders, packed, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    me = a_person("warehouse").pk
    run_id = running.begin(Act.SLIPS, me, {}, picked=[order.id for order in orders], query=None)
    with pytest.raises(Refusal) as too_early:
        running.parts(run_id, me, Act.SLIPS)

    running.go_on()

    rows = [row for _place, row in running.rows_of(run_id, only="", after=0, limit=10)]
    assert [(row.answer, row.code) for row in rows] == [("done", ""), ("refused", "nothing_packed"), ("done", "")]
    (place,) = running.parts(run_id, me, Act.SLIPS)
    document = running.part(run_id, place)
    assert document.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type */Page[^s]", document)) == 2
    assert too_early.value.code == "nothing_printed"
    with pytest.raises(Refusal) as not_so:
        running.parts(run_id, me, Act.EXPORT)
    assert not_so.value.code == "not_found"


def test_a_document_has_as_many_slips_as_somebody_can_carry(orders, monkeypatch):
    monkeypatch.setattr(running, "MOST_PRINTED", 2)
    me, picked = a_person().pk, [order.id for order in orders]

    for asked in ({"picked": picked, "query": None}, {"picked": [], "query": ""}):
        with pytest.raises(Refusal) as refused:
            running.begin(Act.SLIPS, me, {}, **asked)
        assert refused.value.code == "too_many_to_print"
    running.begin(Act.SLIPS, me, {}, picked=picked[:2], query=None)

    assert Run.objects.count() == 1
