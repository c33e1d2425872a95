"""The law of the feed: whoever writes, commits or rolls back in whatever order, no reader skips or repeats an event."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from orderwright.kernel import feed, sql

WRITERS = 4
READERS = 3
PATIENCE_SECONDS = 120  # transactions of other databases of the same server hold the feed back too

WRITE = """
    INSERT INTO event (kind, actor, facts, at)
    SELECT 'law.' || %s, 'system:law', '{}', now() FROM generate_series(1, %s) RETURNING id
"""


class Desk:
    """Writers with connections of their own, and readers that remember their cursor; they outlive an example."""

    def __init__(self) -> None:
        connection.ensure_connection()
        here = connection.connection.info
        self.writers = [psycopg.connect(here.dsn, password=here.password) for _ in range(WRITERS)]
        self.uncommitted: list[set[int]] = [set() for _ in range(WRITERS)]
        self.committed: set[int] = set()
        self.read: list[list[int]] = [[] for _ in range(READERS)]
        self.cursors = [feed.START] * READERS

    def look(self, reader: int, limit: int) -> list[feed.Told]:
        told = feed.read(self.cursors[reader], limit=limit)
        self.read[reader] += [event.id for event in told]
        if told:
            self.cursors[reader] = told[-1].cursor
        return told

    def settle(self, writer: int, *, keep: bool) -> None:
        if keep:
            self.writers[writer].commit()
            self.committed |= self.uncommitted[writer]
        else:
            self.writers[writer].rollback()
        self.uncommitted[writer] = set()


@contextmanager
def a_desk() -> Iterator[Desk]:
    desk = Desk()
    try:
        yield desk
    finally:
        for writer in desk.writers:
            writer.close()


def machine(desk: Desk) -> type[RuleBasedStateMachine]:
    class Newspaper(RuleBasedStateMachine):
        """Writes in open transactions, ends them in any order, and reads meanwhile."""

        @rule(writer=st.integers(0, WRITERS - 1), kind=st.sampled_from(["rain", "shine"]), count=st.integers(1, 3))
        def write(self, writer: int, kind: str, count: int) -> None:
            rows = desk.writers[writer].execute(WRITE, [kind, count]).fetchall()
            desk.uncommitted[writer] |= {row[0] for row in rows}

        @precondition(lambda self: any(desk.uncommitted))
        @rule(data=st.data(), keep=st.sampled_from([True, True, True, False]))
        def end(self, data: st.DataObject, keep: bool) -> None:
            open_now = [writer for writer in range(WRITERS) if desk.uncommitted[writer]]
            desk.settle(data.draw(st.sampled_from(open_now)), keep=keep)

        @rule(reader=st.integers(0, READERS - 1), limit=st.sampled_from([1, 3, 1000, 1000]))
        def read(self, reader: int, limit: int) -> None:
            assert len(desk.look(reader, limit)) <= limit

        @invariant()
        def readers_saw_the_same_in_the_same_order_and_nothing_uncommitted(self) -> None:
            longest = max(desk.read, key=len)
            for seen in desk.read:
                assert seen == longest[: len(seen)]
            assert len(set(longest)) == len(longest)
            assert set(longest) <= desk.committed

        def teardown(self) -> None:
            for writer in range(WRITERS):
                desk.settle(writer, keep=True)

    return Newspaper


@pytest.mark.django_db(transaction=True)
def test_no_reader_skips_or_repeats_an_event() -> None:
    with a_desk() as desk:
        run_state_machine_as_test(machine(desk), settings=settings())

        end = time.monotonic() + PATIENCE_SECONDS
        while any(len(seen) < len(desk.committed) for seen in desk.read) and time.monotonic() < end:
            for reader in range(READERS):
                desk.look(reader, 100)
            time.sleep(0.01)

        stored = [row[0] for row in sql.rows("SELECT id FROM event ORDER BY epoch, xact, id")]
        assert set(stored) == desk.committed
        assert len(stored) > 50
        assert desk.read == [stored] * READERS


@pytest.mark.django_db(transaction=True)
def test_a_long_transaction_delays_the_feed_and_nothing_is_skipped() -> None:
    with a_desk() as desk:
        desk.writers[0].execute(WRITE, ["slow", 1])
        desk.writers[1].execute(WRITE, ["quick", 2])
        desk.settle(1, keep=True)

        meanwhile = feed.read()
        behind = feed.end()
        desk.writers[0].commit()
        told = wait_for(3)

        assert meanwhile == []
        assert behind == feed.START
        assert [event.kind for event in told] == ["law.slow", "law.quick", "law.quick"]
        assert feed.end() == told[-1].cursor


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_some_kinds_stands_where_a_reader_of_all_stands() -> None:
    with a_desk() as desk:
        for kind in ("rain", "shine", "rain"):
            desk.writers[0].execute(WRITE, [kind, 1])
            desk.writers[0].commit()
        told = wait_for(3)

        rain = feed.read(kinds=["law.rain"])
        after_first = feed.read(rain[0].cursor)

        assert [event.id for event in rain] == [told[0].id, told[2].id]
        assert after_first == told[1:]
        assert feed.read(kinds=["law.*"]) == told


@pytest.mark.django_db(transaction=True)
def test_a_restored_feed_goes_on_behind_what_was_read() -> None:
    """Transaction numbers of the new server may start again lower: the epoch stands before them."""
    with a_desk() as desk:
        desk.writers[0].execute(WRITE, ["before", 2])
        desk.writers[0].commit()
        before = wait_for(2)
        sql.run("UPDATE event SET xact = xact + 1000000")
        (default,) = sql.rows(
            "SELECT column_default FROM information_schema.columns WHERE table_name = 'event' AND column_name = 'epoch'"
        )[0]
        try:
            feed.begin_epoch()
            desk.writers[0].execute(WRITE, ["after", 1])
            desk.writers[0].commit()

            told = wait_for(3)
        finally:
            sql.run(f"ALTER TABLE event ALTER COLUMN epoch SET DEFAULT {default}")

        assert [event.kind for event in told] == ["law.before", "law.before", "law.after"]
        epoch, xact, id_ = before[-1].cursor.split(".")
        assert feed.read(f"{epoch}.{int(xact) + 1000000}.{id_}") == told[2:]


def wait_for(count: int) -> list[feed.Told]:
    """The feed from its start, when it holds `count` events."""
    end = time.monotonic() + PATIENCE_SECONDS
    while len(told := feed.read()) < count and time.monotonic() < end:
        time.sleep(0.02)
    assert len(told) == count
    return told
