"""Playing a year: a database and a world of its own, its days one after the other with the clock stopped, a report."""

import gc
import random
import time as stopwatch
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from orderwright.kernel import clock
from orderwright.kernel.errors import Invalid
from orderwright.replay.beside import Shop, beside
from orderwright.replay.days import MOMENTS, Days
from orderwright.replay.outside import Outside, outside
from orderwright.replay.reading import Demand, Year
from orderwright.replay.report import Report, report
from orderwright.replay.scene import ACTOR, PLACES, Scene, set_up
from orderwright.replay.stocking import Stocking

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """What someone wants of a play."""

    channel: str | None = None  # whose orders; those of the last import, where it is left out
    since: date | None = None  # the first day; that of the first order, where it is left out
    until: date | None = None  # the last day; that of the last order
    clean: bool = False  # enough stock, and nobody says no, is late or loses anything
    seed: int = 1
    times: float | None = None  # so many times as fast as life; None: as fast as it goes


class Progress(NamedTuple):
    """How far a play is."""

    day: date
    days: int  # played
    of: int
    tally: Counter[str]


Tell = Callable[[Progress], object]
Stopping = Callable[[], bool]


def silently(_progress: Progress) -> None:
    """Tell nobody."""


def never() -> bool:
    """Whether it should stop."""
    return False


def play(wish: Wish, tell: Tell = silently, stopping: Stopping = never) -> Report:
    """Play the days that are wished for, and report what came of them; what was played stays in its database.

    It may be told to stop: between two moments it does, and reports what there is.
    """
    begun = stopwatch.monotonic()
    with beside() as shop:
        year, first, last = _look(shop, wish)
        with outside(seed=wish.seed, clean=wish.clean) as world:
            days = _begin(year, first, last, wish, world)
            played, until = _play(days, first, last, Pace(wish.times), tell, stopping)
        stopped = played <= (last - first).days
        return report(until, seconds=stopwatch.monotonic() - begun, days=played, stopped=stopped, timed=days.seconds)


def _look(shop: Shop, wish: Wish) -> tuple[Year, date, date]:
    """The year, and the first and the last day of it that are played."""
    year = Year(shop, wish.channel)
    span = year.span()
    if span is None:
        raise Invalid(field="channel", problem=f"{year.channel} has no orders that could be played")
    first, last = max(wish.since or date.min, span[0].date()), min(wish.until or date.max, span[1].date())
    if last < first:
        raise Invalid(field="from", problem=f"the orders of {year.channel} are of {span[0].date()} to {span[1].date()}")
    return year, first, last


def _begin(year: Year, first: date, last: date, wish: Wish, world: Outside) -> Days:
    """Set the scene, on the day before the first; of what is sold from the first day on, there is stock."""
    since, until = midnight(first), midnight(last + ONE_DAY)
    demand = year.demand(since, until)
    firsts: dict[date, list[Demand]] = defaultdict(list)
    for one in demand:
        firsts[first if wish.clean else one.first_on].append(one)
    with clock.at(since - timedelta(hours=12)):
        scene = set_up(year, demand, world)
        stocking = _stocking(scene, wish)
        stocking.open(scene.skus, firsts.pop(first, []), first - ONE_DAY, all_of_it=wish.clean)
    dice = random.Random(f"{wish.seed} floor")
    return Days(year, scene, stocking, world, dice, firsts, placed_until=since, clean=wish.clean)


def _stocking(scene: Scene, wish: Wish) -> Stocking:
    shares = {scene.places[code]: share for code, (_place, share) in PLACES.items()}
    return Stocking(shares, random.Random(f"{wish.seed} stock"), ACTOR)


class Pace:
    """How fast time goes by: so many times as fast as life, or as fast as it can."""

    def __init__(self, times: float | None) -> None:
        self._times = times
        self._begun = stopwatch.monotonic()
        self._first: datetime | None = None

    def wait_for(self, moment: datetime, stopping: Stopping) -> None:
        """Wait until it is `moment` in the play."""
        if self._times is None:
            return
        self._first = self._first or moment
        due = self._begun + (moment - self._first).total_seconds() / self._times
        while (left := due - stopwatch.monotonic()) > 0 and not stopping():
            stopwatch.sleep(min(left, 0.2))


def _play(days: Days, first: date, last: date, pace: Pace, tell: Tell, stopping: Stopping) -> tuple[int, datetime]:
    """Play day after day; answers how many, and up to when."""
    now = midnight(first)
    of = (last - first).days + 1
    gc.freeze()
    for number in range(of):
        day = first + timedelta(days=number)
        for now, steps in moments(day):
            pace.wait_for(now, stopping)
            if stopping():
                return number, now
            with clock.at(now):
                for step in steps:
                    days.do(step, now)
        tell(Progress(day, number + 1, of, days.tally))
    return of, now


def moments(day: date) -> Iterator[tuple[datetime, tuple[Callable[[Days, datetime], None], ...]]]:
    """The moments of a day with what is done at them."""
    for at, steps in MOMENTS:
        yield datetime.combine(day, at, UTC), steps


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
