"""The laws of promising: no unit is promised twice, more stock makes nothing later, and the queue keeps its order."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orderwright.inventory.promising import Coming, Dealt, Waiter, buckets, deal, earliest

BEGIN = date(2026, 6, 1)
days = st.integers(0, 30).map(lambda days: BEGIN + timedelta(days=days))


def of_one_sku(first=1):
    rows = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9), days), max_size=6)
    return rows.map(
        lambda rows: [Coming(1, place, units, on, first + n, f"PO-{n}") for n, (place, units, on) in enumerate(rows)]
    )


coming = of_one_sku()
queues = st.lists(st.integers(1, 9), max_size=6).map(lambda wanted: [Waiter(n, 1, w) for n, w in enumerate(wanted)])


def last_day(dealt: Dealt) -> date:
    """The day of the last unit; behind all days, where some are missing."""
    return date.max if dealt.missing else max(share.coming.on for share in dealt.shares)


@given(coming, queues)
def test_no_unit_is_promised_twice_and_none_gets_lost(comes, queue):
    dealt = deal(comes, queue)

    taken: dict[int | None, int] = {}
    for waiter in queue:
        got = dealt[waiter.key, 1]
        assert sum(share.quantity for share in got.shares) + got.missing == waiter.quantity
        for share in got.shares:
            taken[share.coming.expectation] = taken.get(share.coming.expectation, 0) + share.quantity
    left = {bucket.coming.expectation: bucket.discrete for bucket in buckets(comes, queue)}
    for one in comes:
        assert taken.get(one.expectation, 0) + left[one.expectation] == one.quantity


@given(coming, queues)
def test_who_stands_earlier_never_has_to_wait_longer(comes, queue):
    dealt = deal(comes, queue)

    ends = [last_day(dealt[waiter.key, 1]) for waiter in queue]

    assert ends == sorted(ends)


@given(coming, of_one_sku(first=100), queues)
def test_more_that_comes_makes_nothing_later(comes, more, queue):
    before, after = deal(comes, queue), deal([*comes, *more], queue)

    assert all(last_day(after[key]) <= last_day(before[key]) for key in before)


@given(coming, queues, st.integers(1, 9))
def test_the_cumulative_figure_says_what_one_more_in_the_queue_would_get(comes, queue, wanted):
    found = buckets(comes, queue)

    one_more = deal(comes, [*queue, Waiter(-1, 1, wanted)])[-1, 1]

    sums = [bucket.cumulative for bucket in found]
    assert sums == sorted(sums)
    assert (sums[-1] if sums else 0) == sum(bucket.discrete for bucket in found)
    assert (earliest(found, wanted) or date.max) == last_day(one_more)
