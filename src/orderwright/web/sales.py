"""A day's sales: by hour and channel, and against the same weekday a week ago at the same hour."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone

from orderwright.takings import queries
from orderwright.takings.queries import Sold

WEEK = timedelta(days=7)
HOURS = range(24)


class Hour(NamedTuple):
    """An hour of the day: what was sold in it today, and a week ago; and where its bars stand in the picture."""

    hour: int
    orders: int
    sold_minor: int
    orders_before: int
    sold_before_minor: int
    x: float
    height: float
    height_before: float


class OfChannel(NamedTuple):
    """What a channel sold today; its share of the largest, of a hundred."""

    channel: str
    orders: int
    sold_minor: int
    share: float


class Sales(NamedTuple):
    """Today until now."""

    orders: int
    orders_before: int  # a week ago, by the same moment
    currency: str  # in which most was sold; the amounts are in it
    sold_minor: int  # what they came to when they were placed
    taken_back_minor: int  # canceled today, of whatever day's orders
    sold_before_minor: int
    others: list[tuple[int, str]]  # sold in other currencies
    hours: list[Hour]
    channels: list[OfChannel]
    day: datetime
    week_ago: datetime  # the same moment, by the clock on the wall


TALLEST = 100.0
HOUR_WIDTH = 20


def sales(now: datetime, *, by_worth: bool) -> Sales:
    """The day of whoever looks, in his time zone; seven statements at most.

    The picture shows what was sold, or, not `by_worth`, how many orders there were.
    """
    local = timezone.localtime(now)
    week_ago = _at(local - WEEK, local.time())
    today = queries.sold(_at(local, time()), now + timedelta(seconds=1))
    that_day = queries.sold(_at(week_ago, time()), _at(week_ago + timedelta(days=1), time()))
    by_now = queries.before(week_ago, that_day)
    currency = _currency([*today, *that_day])
    return Sales(
        sum(one.orders for one in today),
        sum(one.orders for one in by_now),
        currency,
        _sold(today, currency),
        sum(one.taken_back_minor for one in today if one.currency == currency),
        _sold(by_now, currency),
        sorted((_sold(today, other), other) for other in {one.currency for one in today} - {currency}),
        _hours(today, that_day, currency, by_worth),
        _channels(today, currency, by_worth),
        local,
        week_ago,
    )


def _at(day: datetime, moment: time) -> datetime:
    return timezone.make_aware(datetime.combine(day.date(), moment.replace(tzinfo=None)))


def _currency(found: Iterable[Sold]) -> str:
    counts: dict[str, int] = {}
    for one in found:
        counts[one.currency] = counts.get(one.currency, 0) + one.orders
    return max(counts, key=lambda code: (counts[code], code), default="")


def _sold(found: Iterable[Sold], currency: str) -> int:
    return sum(one.sold_minor for one in found if one.currency == currency)


def _hours(today: Sequence[Sold], that_day: Sequence[Sold], currency: str, by_worth: bool) -> list[Hour]:
    sums = {hour: [0, 0, 0, 0] for hour in HOURS}
    for place, found in ((0, today), (2, that_day)):
        for one in found:
            _add(sums[timezone.localtime(one.quarter_at).hour], place, one, currency)
    highest = max((max(one[by_worth], one[2 + by_worth]) for one in sums.values()), default=0) or 1
    return [
        Hour._make(
            (hour, *amounts, hour * HOUR_WIDTH, *(_high(amounts[place + by_worth], highest) for place in (0, 2)))
        )
        for hour, amounts in sums.items()
    ]


def _add(amounts: list[int], place: int, one: Sold, currency: str) -> None:
    """Count orders at a place, and what they came to at the next."""
    amounts[place] += one.orders
    if one.currency == currency:
        amounts[place + 1] += one.sold_minor


def _high(amount: int, highest: int) -> float:
    return max(0.0, TALLEST * amount / highest)


def _channels(today: Sequence[Sold], currency: str, by_worth: bool) -> list[OfChannel]:
    sums: dict[str, list[int]] = {}
    for one in today:
        _add(sums.setdefault(one.channel, [0, 0]), 0, one, currency)
    most = max((amounts[by_worth] for amounts in sums.values()), default=0) or 1
    rows = [OfChannel._make((channel, *amounts, _high(amounts[by_worth], most))) for channel, amounts in sums.items()]
    return sorted(rows, key=lambda row: (-row.share, -row.orders, row.channel))
