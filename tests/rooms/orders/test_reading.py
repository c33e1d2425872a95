"""Reading and locking orders."""

import threading

import pytest
from builders import CLERK, a_kit, a_shelf, an_order, place_all
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orderwright.kernel.errors import NotFound
from orderwright.kernel.events import Happening, record
from orderwright.orders import queries
from orderwright.orders.locking import id_of, ids_of, lock_orders
from orderwright.orders.queries import Filters
from orderwright.orders.timeline import timeline
from orderwright.orders.units import units_of


def some_order():
    a_shelf("BERLIN", "CUP", 40)
    a_kit("SET", {"CUP": 4}, "30.00")
    return an_order().with_line("SET", 2).with_line("CUP", 1).placed()


@pytest.mark.django_db
class TestReading:
    def test_a_kit_is_seen_with_its_parts(self):
        seen = queries.get(some_order().number)

        assert [(line.position, line.kit, line.sku, line.quantity) for line in seen.lines] == [
            (1, None, "SET", 2),
            (2, None, "CUP", 1),
            (3, 1, "CUP", 8),
        ]
        assert [line.where for line in seen.lines] == [
            [],
            [("reserved", "BERLIN", 1)],
            [("reserved", "BERLIN", 8)],
        ]

    def test_units_are_those_of_the_leaves(self):
        order = some_order()

        units = units_of([order.id])[order.id]

        assert units.count("reserved") == 9
        assert [line.sku for line in units.leaves()] == ["CUP", "CUP"]
        assert [line.position for line in units.parts_of(units.lines[0])] == [3]
        assert units.at(9) is None

    def test_an_order_takes_as_many_statements_with_thirty_lines_as_with_one(self):
        order = some_order()
        many = an_order()
        for _ in range(30):
            many = many.with_line("CUP")
        long = many.but(tags=["a", "b"], note="Hello.").placed()

        with CaptureQueriesContext(connection) as one:
            queries.get(order.number)
        with CaptureQueriesContext(connection) as thirty:
            queries.get(long.number)
        with CaptureQueriesContext(connection) as listed:
            queries.listed(Filters(email="ada@example.org", tag="a"), after=None, limit=50)

        assert len(one) == len(thirty) == 7
        assert len(listed) == 2

    def test_a_number_that_no_order_has(self):
        order = some_order()

        assert ids_of([order.number, "X-1", "\x00"]) == {order.number: order.id}
        for number in ("X-1", "\x00"):
            with pytest.raises(NotFound):
                id_of(number)
            with pytest.raises(NotFound):
                queries.get(number)

    def test_a_kind_without_a_sentence_is_named_by_its_words(self):
        order = some_order()
        with transaction.atomic():
            lock_orders([order.id])
            record([Happening("parcel.weighed_again", CLERK, {"number": order.number}, order.id)])

        placed, weighed = timeline(order.id)

        assert placed.sentence == "The order was placed: 2 × SET, 1 × CUP. It comes to 70.00 EUR."
        assert (weighed.place, weighed.sentence) == (2, "Parcel weighed again.")
        assert [moment.place for moment in timeline(order.id, after=1)] == [2]


@pytest.mark.django_db(transaction=True)
class TestLocking:
    def test_who_comes_second_waits_for_the_first(self):
        order = some_order()
        got_it = threading.Event()

        def second():
            with transaction.atomic():
                lock_orders([order.id])
                got_it.set()
            connection.close()

        waiting = threading.Thread(target=second)
        with transaction.atomic():
            locked = lock_orders([order.id, order.id])
            waiting.start()
            assert not got_it.wait(0.3)
        waiting.join(5)

        assert got_it.is_set()
        assert locked[order.id].number == order.number

    def test_unknown_orders_are_refused(self):
        a_shelf("BERLIN", "CUP", 40)
        (order,) = place_all([an_order().with_line("CUP")])

        with pytest.raises(NotFound) as refused, transaction.atomic():
            lock_orders([order.id, order.id + 5])

        assert refused.value.facts == {"thing": "order", "name": order.id + 5}
