"""Playing a year: day by day, each of its moments with the clock stopped, all through the flows of the shop."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

from orderwright.flows._each import Done
from orderwright.flows.fill_backorders import fill_backorders
from orderwright.flows.place_orders import Placed, Request, place_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.kernel import clock, sql
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.drafting import Draft
from orderwright.replay.reading import Demand, Year
from orderwright.replay.scene import ACTOR, PLACES, Scene, set_up
from orderwright.replay.stocking import Stocking, demand_of

PATIENCE_DAYS = 2  # so long an order waits for its last units before the others leave without them
BATCH_LINES = 3_000
BATCH_ORDERS = 200


@dataclass(frozen=True)
class Wish:
    """What someone wants of a play."""

    channel: str
    since: date | None = None
    until: date | None = None  # the last day
    clean: bool = False  # enough stock, and nobody says no or loses anything
    seed: int = 1
    times: float | None = None  # as fast as life; None: as fast as it goes


@dataclass
class Play:
    """A play as it goes on."""

    year: Year
    wish: Wish
    scene: Scene
    stocking: Stocking
    dice: random.Random
    firsts: dict[date, list[Demand]]
    until: datetime
    placed_until: datetime
    to_release: set[int] = field(default_factory=set)  # orders that may have units to release
    patience: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    tally: Counter[str] = field(default_factory=Counter)
    shipped: dict[date, list[int]] = field(default_factory=lambda: defaultdict(list))
    seconds: Counter[str] = field(default_factory=Counter)

    def place(self, now: datetime) -> None:
        """Place the orders that were placed up to now."""
        drafts = self.year.drafts(self.placed_until, now)
        self.placed_until = now
        sold: Counter[int] = Counter()
        for some in in_batches(drafts):
            outcomes = place_orders([Request(draft, ACTOR, sold_elsewhere=True) for draft in some])
            for outcome in outcomes:
                if isinstance(outcome, Placed):
                    self.to_release.add(outcome.order_id)
                    self.tally["placed"] += 1
                else:
                    raise outcome.refusal
        skus = self.scene.skus
        sold = demand_of((skus[line.sku], line.quantity) for draft in drafts for line in draft.lines)
        self.sold_today.update(sold)

    sold_today: Counter[int] = field(default_factory=Counter)

    def receive(self, now: datetime) -> None:
        """Put on the shelves what comes today, and fill backorders from it."""
        today = now.date()
        skus = self.stocking.receive(today)
        opened = self.firsts.pop(today + timedelta(days=1), [])
        if opened:
            self.stocking.open(self.scene.skus, opened, today)
            skus += [self.scene.skus[one.code] for one in opened]
        if skus:
            while True:
                filled = again_on_conflict(partial(fill_backorders, skus, limit=400))
                self.to_release.update(done.order_id for done in filled)
                if len(filled) < 400:
                    break

    def release(self, now: datetime) -> None:
        """Release what is complete, and what waited long enough for the rest."""
        today = now.date()
        late = set()
        for day in [day for day in self.patience if day <= today]:
            late |= self.patience.pop(day)
        ids = sorted(self.to_release | late)
        self.to_release.clear()
        if not ids:
            return
        chosen = []
        for order_id, reserved, waiting in sql.rows(STATE, [sql.ints(ids)]):
            if waiting and order_id not in late:
                self.patience[today + timedelta(days=PATIENCE_DAYS)].add(order_id)
            elif reserved:
                chosen.append(order_id)
        for start in range(0, len(chosen), 100):
            answers = again_on_conflict(partial(release_orders, [Release(id_) for id_ in chosen[start:start+100]], actor=ACTOR))
            self.tally["released"] += sum(isinstance(a, Done) for a in answers)
        self.chosen = chosen

    def ship(self, now: datetime) -> None:
        chosen = self.chosen
        for start in range(0, len(chosen), 100):
            answers = again_on_conflict(partial(ship_orders, [Ship(id_) for id_ in chosen[start:start+100]], actor=ACTOR))
            self.tally["shipped"] += sum(isinstance(a, Done) for a in answers)
        self.shipped[now.date() + timedelta(days=2)] += chosen

    def deliver(self, now: datetime) -> None:
        chosen = self.shipped.pop(now.date(), [])
        for start in range(0, len(chosen), 100):
            again_on_conflict(partial(deliver_orders, [Deliver(id_) for id_ in chosen[start:start+100]], actor=ACTOR))

    def order(self, now: datetime) -> None:
        """Buy what runs short."""
        if not self.wish.clean:
            self.stocking.learn(self.sold_today)
            self.stocking.order(now.date())
        self.sold_today = Counter()


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
    SELECT l.order_id, bool_or(s.reserved > 0), bool_or(s.backordered > 0)
      FROM order_line l JOIN line_sheet s ON s.holder_id = l.id
     WHERE l.order_id = ANY (%s::bigint[]) GROUP BY l.order_id ORDER BY l.order_id
"""
