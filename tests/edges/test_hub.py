"""The one reader behind all streams: a caller too slow to follow holds no memory without bound, and delays nobody."""

import asyncio
from collections.abc import Sequence

import pytest

from orderwright.streams import MOST_QUEUED, Follower, Hub, Live, Position, Wanted


def events(count: int, first: int = 1) -> list[Live]:
    return [Live(Position(1, number, number), "a.a", None, b"") for number in range(first, first + count)]


def ids(follower: Follower) -> Sequence[int]:
    return [follower.queue.get_nowait().position.id for _ in range(follower.queue.qsize())]


def test_a_follower_that_takes_nothing_is_cut_off_without_a_gap() -> None:
    async def story() -> None:
        hub = Hub()
        slow, quick = Follower(Wanted(frozenset(), None, None)), Follower(Wanted(frozenset(), None, None))
        hub.admit(slow)
        hub.admit(quick)

        hub.tell(events(MOST_QUEUED))
        assert len(ids(quick)) == MOST_QUEUED
        hub.tell(events(5, first=MOST_QUEUED + 1))

        assert (slow.cut, quick.cut, hub.readers) == (True, False, 1)
        assert ids(slow) == list(range(1, MOST_QUEUED + 1))
        assert ids(quick) == list(range(MOST_QUEUED + 1, MOST_QUEUED + 6))

    asyncio.run(story())


@pytest.mark.parametrize(
    ("kinds", "order_id", "taken"),
    [
        ((), None, ["order.placed", "orders.placed", "stock.received"]),
        (("order.*",), None, ["order.placed"]),
        (("order.placed", "stock.*"), None, ["order.placed", "stock.received"]),
        ((), 7, ["order.placed"]),
        (("stock.*",), 7, []),
    ],
)
def test_only_what_is_wanted_is_queued(kinds: Sequence[str], order_id: int | None, taken: Sequence[str]) -> None:
    wanted = Wanted(frozenset(kinds), order_id, None)
    happened = [
        Live(Position(1, 1, 1), "order.placed", 7, b""),
        Live(Position(1, 1, 2), "orders.placed", 8, b""),
        Live(Position(1, 1, 3), "stock.received", None, b""),
    ]

    assert [event.kind for event in happened if wanted.takes(event)] == taken


def test_a_cursor_is_compared_by_its_numbers() -> None:
    assert Position(1, 9, 9) < Position(1, 10, 1) < Position(2, 1, 1)
