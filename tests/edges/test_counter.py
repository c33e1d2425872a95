"""The counter: many hand in at once, each gets its own answer, and a poisonous draft fails alone."""

from concurrent.futures import Future

import pytest
from builders import CLERK, a_shelf, an_order, shelf
from django.db import connection

from orderwright.counter import Counter, CounterClosed, place_one, share
from orderwright.flows.place_orders import Placed, Refused, Request
from orderwright.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counter():
    opened = Counter()
    yield opened
    opened.close()


def test_a_hundred_at_once_are_answered_each_by_its_own_order(counter):
    a_shelf("BERLIN", "TEE", 60)
    drafts = [an_order().with_line("TEE").by(f"{n}@example.org").draft() for n in range(100)]

    answers = [counter.hand_in([Request(draft, CLERK)]) for draft in drafts]

    outcomes = [outcome for answer in answers for outcome in answer.result(20)]
    placed = [outcome for outcome in outcomes if isinstance(outcome, Placed)]
    assert len(placed) == 60
    assert sorted(int(outcome.number) for outcome in placed) == list(range(1, 61))
    assert all(outcome.refusal.code == "out_of_stock" for outcome in outcomes if isinstance(outcome, Refused))
    assert counter.batches < 100
    assert shelf("BERLIN", "TEE") == {"reserved": 60}
    emails = dict(Order.objects.values_list("number", "customer__email"))
    assert all(emails[a.result()[0].number] == f"{n}@example.org" for n, a in enumerate(answers[:60]))


def test_long_orders_are_placed_few_at_a_time(counter):
    a_shelf("BERLIN", "TEE", 8000)
    long = an_order()
    for _ in range(1000):
        long = long.with_line("TEE")
    request = Request(long.draft(), CLERK)

    answers = [counter.hand_in([request]) for _ in range(8)]

    assert all(isinstance(answer.result(60)[0], Placed) for answer in answers)
    assert counter.batches >= 4
    assert shelf("BERLIN", "TEE") == {"reserved": 8000}


def test_a_poisonous_draft_fails_alone(counter):
    a_shelf("BERLIN", "TEE", 60)
    good = an_order().with_line("TEE").draft()
    poison = an_order().with_line("TEE").but(tags=["\x00"]).draft()  # an edge would not have let it through

    answers = [counter.hand_in([Request(draft, CLERK)]) for draft in [good, good, poison, good, good]]

    results = [answer.exception(20) for answer in answers]
    assert [error is None for error in results] == [True, True, False, True, True]
    assert Order.objects.count() == 4


def test_a_closed_counter_takes_nothing_and_has_answered_what_it_took():
    a_shelf("BERLIN", "TEE", 60)
    counter = Counter()
    answers: list[Future] = [counter.hand_in([Request(an_order().with_line("TEE").draft(), CLERK)]) for _ in range(20)]

    counter.close()

    assert all(isinstance(answer.result(0)[0], Placed) for answer in answers)
    with pytest.raises(CounterClosed):
        counter.hand_in([])


def test_a_lost_connection_is_made_again_and_a_keyed_order_is_placed_once(counter):
    a_shelf("BERLIN", "TEE", 60)
    request = Request(an_order().with_line("TEE").draft(), CLERK, 1, "k1", b"print")
    (first,) = counter.hand_in([request]).result(20)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    (again,) = counter.hand_in([request]).result(20)
    (other,) = counter.hand_in([request._replace(key="k2")]).result(20)

    assert again.number == first.number
    assert isinstance(other, Placed)
    assert Order.objects.count() == 2


def test_a_page_hands_in_at_the_counter_of_its_process_where_it_has_one(counter):
    a_shelf("BERLIN", "TEE", 3)
    request = Request(an_order().with_line("TEE").draft(), CLERK)

    alone = place_one(request)
    share(counter)
    try:
        shared = place_one(request)
    finally:
        share(None)

    assert isinstance(alone, Placed)
    assert isinstance(shared, Placed)
    assert counter.placed == 1
    assert shelf("BERLIN", "TEE") == {"available": 1, "reserved": 2}
