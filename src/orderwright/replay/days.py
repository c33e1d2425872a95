"""The days of a play: what is done at each of its moments, all through the flows of the shop, a batch at once."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from time import monotonic, perf_counter, sleep

from orderwright.exceptions.sweeping import sweep
from orderwright.flows.fill_backorders import fill_backorders
from orderwright.flows.keep_promises import follow, warn_late
from orderwright.flows.place_orders import Placed, Request, place_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.inventory.expecting import move
from orderwright.inventory.watching import watch
from orderwright.kernel import feed, sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.notifications.sending import follow_and_send
from orderwright.orders.drafting import Draft
from orderwright.replay import floor, road
from orderwright.replay.outside import Outside
from orderwright.replay.reading import Demand, Year
from orderwright.replay.scene import ACTOR, Scene
from orderwright.replay.stocking import Stocking, demand_of
from orderwright.webhooks.sending import send_all

PATIENCE_DAYS = 2  # so long an order waits for its last units before the others leave without them
LATER_DAYS = 7  # so long what came later waits for the rest, once some of the order has left
BATCH_LINES = 3_000
BATCH_ORDERS = 200
RELEASED_AT_ONCE = 60
FILLED_AT_ONCE = 300
LOG_PATIENCE_SECONDS = 60.0


@dataclass
class Days:
    """A play as it goes on: what is to be looked at next, and by whom."""

    year: Year
    scene: Scene
    stocking: Stocking
    outside: Outside
    dice: random.Random
    firsts: dict[date, list[Demand]]  # what is sold for the first time, by day
    placed_until: datetime
    clean: bool
    sold_today: Counter[int] = field(default_factory=Counter)
    to_release: set[int] = field(default_factory=set)  # orders that may have units to release
    patience: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))  # those that wait for the rest
    tally: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))  # that each step took, altogether

    def do(self, step: "Step", now: datetime) -> None:
        """Do a step once all that happened before can be read, and note how long it took."""
        _wait_for_the_log()
        begun = perf_counter()
        step(self, now)
        self.seconds[step.__name__] += perf_counter() - begun

    def place(self, now: datetime) -> None:
        """Place the orders that were placed up to now."""
        drafts = self.year.drafts(self.placed_until, now)
        self.placed_until = now
        for some in in_batches(drafts):
            for outcome in place_orders([Request(draft, ACTOR, sold_elsewhere=True) for draft in some]):
                if not isinstance(outcome, Placed):
                    raise outcome.refusal
                self.to_release.add(outcome.order_id)
        skus = self.scene.skus
        self.tally["orders"] += len(drafts)
        self.sold_today += demand_of((skus[line.sku], line.quantity) for draft in drafts for line in draft.lines)

    def receive(self, now: datetime) -> None:
        """Put on the shelves what comes today and what is sold for the first time tomorrow; those who wait get it."""
        today = now.date()
        skus = self.stocking.receive(today)
        new = self.firsts.pop(today + timedelta(days=1), [])
        if new:
            self.stocking.open(self.scene.skus, new, today)
            skus += [self.scene.skus[one.code] for one in new]
        while skus:
            filled = again_on_conflict(partial(fill_backorders, skus, limit=FILLED_AT_ONCE))
            self.to_release.update(done.order_id for done in filled)
            if len(filled) < FILLED_AT_ONCE:
                return

    def buy(self, now: datetime) -> None:
        """Order what runs short."""
        if not self.clean:
            self.stocking.learn(self.sold_today)
            self.stocking.order(now.date())
        self.sold_today = Counter()

    def release(self, now: datetime) -> None:
        """Release what is complete, and what waited long enough for its last units."""
        today = now.date()
        tired = {id_ for day in [day for day in self.patience if day <= today] for id_ in self.patience.pop(day)}
        looked_at, self.to_release = sorted(self.to_release | tired), set()
        chosen = []
        for order_id, reserved, waits, gone in sql.rows(STATE, [sql.ints(looked_at)]) if looked_at else ():
            if waits and order_id not in tired:
                self.patience[today + timedelta(days=LATER_DAYS if gone else PATIENCE_DAYS)].add(order_id)
            elif reserved:
                chosen.append(order_id)
        for start in range(0, len(chosen), RELEASED_AT_ONCE):
            requests = [Release(id_) for id_ in chosen[start : start + RELEASED_AT_ONCE]]
            for answer in again_on_conflict(partial(release_orders, requests, actor=ACTOR)):
                if isinstance(answer, Refusal):
                    raise answer

    def answer(self, _now: datetime) -> None:
        """Places that are asked say yes or no."""
        self.to_release.update(floor.answer(self.dice, clean=self.clean))

    def pack(self, now: datetime) -> None:
        """Pack what is to leave today, and ask for labels."""
        floor.prepare(now.date())
        floor.stick_labels()

    def hand_over(self, _now: datetime) -> None:
        """Let go what is packed and labelled."""
        self.tally["shipments"] += floor.hand_over()

    def hear(self, now: datetime) -> None:
        """Hear what the carrier says of what happened up to now, and ask where the silent parcels are."""
        road.hear(self.outside.set_clock(now))

    def make_good(self, now: datetime) -> None:
        """Decide on parcels that were lost or came back."""
        self.to_release.update(road.make_good(now, self.dice))

    def hear_suppliers(self, now: datetime) -> None:
        """Note what suppliers say of orders that come late."""
        for late in self.stocking.late(now.date()):
            move(late.expectation, late.comes_on, seen=None, actor=ACTOR)

    def promise(self, _now: datetime) -> None:
        """Make and change promises by what happened."""
        again_on_conflict(follow)

    def warn(self, _now: datetime) -> None:
        """Tell what cannot be kept any more."""
        warn_late()

    def watch(self, _now: datetime) -> None:
        """Tell what runs low."""
        watch()

    def write_letters(self, _now: datetime) -> None:
        """Write the letters of what happened, and send them."""
        follow_and_send(seconds=ALL_OF_IT)

    def send_webhooks(self, _now: datetime) -> None:
        """Tell the receiver what happened."""
        send_all()

    def sweep(self, _now: datetime) -> None:
        """Look for exceptions."""
        sweep()


ALL_OF_IT = 3600.0  # seconds; nobody else waits for the worker
Step = Callable[[Days, datetime], None]

# What is done when, in UTC.  At the end of each moment those who read the log read on.
READ_ON: tuple[Step, ...] = (Days.promise, Days.watch, Days.write_letters, Days.send_webhooks)
MOMENTS: tuple[tuple[time, tuple[Step, ...]], ...] = (
    (time(7, 30), (Days.hear, Days.make_good, Days.hear_suppliers, Days.receive, Days.place, Days.release, *READ_ON)),
    (time(12, 30), (Days.place, Days.release, Days.answer, Days.pack, Days.hand_over, *READ_ON)),
    (time(16, 30), (Days.hear, Days.place, Days.release, Days.answer, Days.pack, Days.hand_over, *READ_ON)),
    (time(23, 50), (Days.place, Days.buy, Days.promise, Days.warn, *READ_ON, Days.sweep)),
)


def _wait_for_the_log() -> None:
    """Others on the same server hold the log back for a moment, and days of the play go by in a moment: what is read
    later than it could be would be late in the play."""
    until = monotonic() + LOG_PATIENCE_SECONDS
    while feed.lag_seconds() and monotonic() < until:
        sleep(0.01)


def in_batches(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Drafts in their order, so many at once that a transaction stays short."""
    batch: list[Draft] = []
    lines = 0
    for draft in drafts:
        if batch and (lines + len(draft.lines) > BATCH_LINES or len(batch) == BATCH_ORDERS):
            yield batch
            batch, lines = [], 0
        batch.append(draft)
        lines += len(draft.lines)
    if batch:
        yield batch


STATE = """
    SELECT l.order_id, bool_or(s.reserved > 0), bool_or(s.backordered > 0),
           bool_or(s.released + s.shipped + s.delivered > 0)
      FROM order_line l
      JOIN line_sheet s ON s.holder_id = l.id
     WHERE l.order_id = ANY (%s::bigint[])
     GROUP BY l.order_id
     ORDER BY l.order_id
"""
