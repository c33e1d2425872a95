"""What is found is compared with what stands: told when it appears and when it clears, and cared for meanwhile."""

from datetime import timedelta
from importlib import import_module

import pytest
from builders import CLERK, a_shelf, an_order, place_all
from django.db import connection
from django.test.utils import CaptureQueriesContext
from exceptional import START, at, put_right, stand

from orderwright.exceptions import queries
from orderwright.exceptions.caring import care, watch, watches
from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.models import Case
from orderwright.exceptions.queries import Filters
from orderwright.exceptions.sweeping import Swept, sweep, sweep_kind
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db
STUCK = KINDS["not_released"]


@pytest.fixture
def orders():
    with at():
        a_shelf("BERLIN", "TEE", 100)
        return place_all([an_order().with_line("TEE", 1)] * 3)


def told():
    found = Event.objects.filter(kind__startswith="exception.").order_by("id")
    return [(event.kind, event.facts["subject"], event.facts["order"]) for event in found]


def test_each_is_told_once_when_it_appears_and_once_when_it_clears(orders):
    first, second, third = (order.number for order in orders)
    with at(25):
        assert sweep_kind(STUCK) == Swept(appeared=3, cleared=0)
    with at(26):
        assert sweep_kind(STUCK) == Swept()
        release_orders([Release(orders[0].id)], actor=CLERK)
        assert sweep_kind(STUCK) == Swept(appeared=0, cleared=1)

    assert told() == [
        *[("exception.appeared", number, number) for number in (first, second, third)],
        ("exception.cleared", first, first),
    ]
    event = Event.objects.get(kind="exception.cleared")
    case = Case.objects.get(subject=first)
    assert event.facts == {
        "exception": case.pk, "kind": "not_released", "about": "order", "subject": first, "order": first
    }  # fmt: skip
    assert (event.order_id, event.actor) == (None, "system:exceptions")
    assert (case.since, case.appeared_at, case.cleared_at) == (
        START, START + timedelta(hours=25), START + timedelta(hours=26)
    )  # fmt: skip


def test_what_comes_back_is_a_new_one(orders):
    with at(25):
        sweep_kind(STUCK)
        watch("not_released", hours=None, watched=False)
        assert sweep_kind(STUCK) == Swept(cleared=3)
        watch("not_released", hours=None, watched=True)

        assert sweep_kind(STUCK) == Swept(appeared=3)

    assert Case.objects.count() == 6


def test_what_alters_is_written_and_not_told(orders):
    with at(25):
        sweep_kind(STUCK)
        Case.objects.update(facts={"order": "?", "units": 7})

        assert sweep_kind(STUCK) == Swept()

    assert [one.facts["units"] for one in queries.listed(Filters())] == [1, 1, 1]
    assert len(told()) == 3


def test_the_number_of_statements_does_not_depend_on_how_many_there_are(orders):
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            sweep_kind(STUCK)
        return len(captured)

    with at(25):
        three = count()
        place_all([an_order().with_line("TEE", 1)] * 20)
    with at(50):
        twenty = count()
        nothing = count()
        release_orders([Release(order.id) for order in orders], actor=CLERK)
        gone = count()

    assert (three, twenty, nothing, gone) == (8, 8, 4, 7)  # two of them begin and end the transaction


@pytest.mark.django_db(transaction=True)
def test_a_sweep_looks_for_every_kind(orders):
    with at(25):
        assert sweep() == Swept(appeared=3)

        assert {one.code for one in KINDS.values()} == {one.kind.code for one in watches()}


def test_how_long_is_a_setting(orders):
    with at(3):
        assert watch("not_released", hours=2, watched=True).hours == 2
        assert sweep_kind(STUCK) == Swept(appeared=3)
        assert watch("not_released", hours=4, watched=True).version == 2
        assert sweep_kind(STUCK) == Swept(cleared=3)
        assert watch("not_released", hours=None, watched=True).hours == 24
        with pytest.raises(NotFound):
            watch("nothing_known", hours=1, watched=True)


class TestCaring:
    @pytest.fixture
    def one(self, orders):
        with at(25):
            return stand("not_released")[0]

    def test_somebody_takes_it_over_and_writes_down_what_he_knows(self, one):
        cared = care(one.id, owner="anna", note="Asked Berlin.", seen=1)

        assert (cared.owner, cared.note, cared.version) == ("anna", "Asked Berlin.", 2)
        assert care(one.id, owner="", seen=None).note == "Asked Berlin."
        with at(30):
            assert sweep_kind(STUCK) == Swept()

    def test_not_over_what_another_did_meanwhile_nor_when_it_has_cleared(self, one):
        care(one.id, owner="anna", seen=1)
        with pytest.raises(Refusal) as stale:
            care(one.id, owner="ben", seen=1)
        with at(26):
            put_right(one)
        with pytest.raises(Refusal) as cleared:
            care(one.id, owner="ben", seen=2)

        assert (stale.value.code, cleared.value.code) == ("stale", "exception_cleared")
        assert Case.objects.get(pk=one.id).owner == "anna"

    def test_what_has_cleared_cannot_be_repaired(self, one):
        with at(26):
            put_right(one)
            before = Event.objects.count()
            with pytest.raises(Refusal) as refused:
                put_right(one)

        assert refused.value.code == "exception_cleared"
        assert Event.objects.count() == before

    def test_only_as_its_kind_has_it(self, one):
        with at(26), pytest.raises(Refusal) as refused:
            put_right(one, "give_up")

        assert refused.value.facts == {"kind": "not_released", "choices": "release"}


def test_lists_begin_with_what_has_stood_longest(orders):
    with at(2):
        (late,) = place_all([an_order().with_line("TEE", 1)])
    with at(50):
        sweep_kind(STUCK)
    found = queries.listed(Filters(), limit=10)
    care(found[0].id, owner="anna", seen=None)

    assert [one.subject for one in found] == [*[order.number for order in orders], late.number]
    assert queries.listed(Filters(), after=(found[1].since, found[1].id)) == found[2:]
    assert [one.id for one in queries.listed(Filters(owner="anna"))] == [found[0].id]
    assert len(queries.listed(Filters(owner=""))) == 3
    assert [one.order for one in queries.listed(Filters(order=late.number))] == [late.number]
    assert len(queries.listed(Filters(since_before=START + timedelta(hours=1)))) == 3
    assert queries.listed(Filters(["overpaid"])) == []
    counted = {one.kind: one for one in queries.counts()}
    assert counted["not_released"] == ("not_released", 4, START, 3)
    assert counted["overpaid"] == ("overpaid", 0, None, 0)


def test_every_choice_names_a_flow_that_is_there_and_every_kind_says_what_to_do():
    for kind in KINDS.values():
        assert str(kind.cause), kind
        assert str(kind.next_step), kind
        for choice in kind.choices:
            import_module(f"orderwright.{choice.flow}")
