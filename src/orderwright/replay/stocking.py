"""How stock comes in a play: a first stock of each SKU, then a plain order-up-to rule, SKU by SKU and place by place.

Every SKU is looked at once in `REVIEW_DAYS`, each on a day of its own, and those that somebody waits for and nobody has
ordered, every day.  Where what is there, and on its way, less what
waits for it is below the mean of the last weeks' demand for so many days, the difference is ordered.  It is expected
after a lead time; some of it comes late, and of that only some is told beforehand.
"""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.receiving import Receipt, receive
from orderwright.inventory.units import Units
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.replay.reading import Demand

REVIEW_DAYS = 14
LEAD_DAYS = (4, 12)
COVER_DAYS = REVIEW_DAYS + 10  # what the target must last for: until the next look, and the lead time
SAFETY_DAYS = 28
REMEMBERED_DAYS = 28
LEAST = 24
LARGEST = 500  # units of one line that count as demand: nobody stocks up for a single buyer of 80,000
LATE = 0.12  # the share of orders that come late
LATE_DAYS = (2, 9)
TOLD = 0.6  # the share of those of which the supplier says so


class Order(NamedTuple):
    """What was ordered and is on its way."""

    comes_on: date  # known to the supplier, and to us from `told_on`
    expectation: int
    sku: int
    location: int
    quantity: int
    told_on: date | None = None


@dataclass
class Stocking:
    """The buyers' desk of a play: what was sold lately, and what is on its way."""

    shares: Mapping[int, float]  # of the demand, by location
    dice: random.Random
    actor: Actor
    sold: "deque[Counter[int]]" = field(default_factory=deque)  # day by day, the last `REMEMBERED_DAYS`
    recent: Counter[int] = field(default_factory=Counter)  # their sum
    known_since: dict[int, date] = field(default_factory=dict)
    coming: dict[date, list[Order]] = field(default_factory=lambda: defaultdict(list))
    to_tell: dict[date, list[Order]] = field(default_factory=lambda: defaultdict(list))

    def open(self, skus: Mapping[str, int], demand: Iterable[Demand], on: date, *, all_of_it: bool = False) -> int:
        """Receive the first stock of SKUs that are sold for the first time on or before `on`; answers the units."""
        units = []
        for one in demand:
            sku = skus[one.code]
            self.known_since[sku] = one.first_on
            wanted = one.altogether if all_of_it else max(LEAST, 4 * one.at_first)
            if not all_of_it:
                wanted = min(wanted, LARGEST * 12)
            units += [Units(sku, place, quantity) for place, quantity in self._shared(wanted).items() if quantity]
        self._receive(units, "opening", f"opening {on}")
        return sum(line.quantity for line in units)

    def _shared(self, quantity: int) -> dict[int, int]:
        """A quantity by locations: each its share, the largest what rounding leaves."""
        shared = {place: int(quantity * share) for place, share in self.shares.items()}
        largest = max(self.shares, key=lambda place: self.shares[place])
        shared[largest] += quantity - sum(shared.values())
        return shared

    def learn(self, sold: Counter[int]) -> None:
        """So much was sold today.  A day on which nothing was sold at all, for the shop was closed, teaches nothing."""
        if sold:
            self.sold.append(sold)
            self.recent.update(sold)
        if len(self.sold) > REMEMBERED_DAYS:
            self.recent.subtract(self.sold.popleft())

    def order(self, today: date) -> int:
        """Order what today's SKUs need; answers how many orders went out."""
        turn = today.toordinal() % REVIEW_DAYS
        waited_for = {sku for (sku,) in sql.rows(WAITED_FOR)}
        due = [sku for sku in self.known_since if sku % REVIEW_DAYS == turn or sku in waited_for]
        if not due:
            return 0
        lines = []
        for sku, place, position in self._positions(due):
            quantity = self.target(sku, place, today) - position
            if quantity > 0:
                lines.append((sku, place, max(quantity, LEAST)))
        if lines:
            self._write(lines, today)
        return len(lines)

    def target(self, sku: int, place: int, today: date) -> int:
        """How many there should be, and on their way: the mean of the last weeks' demand for so many days."""
        days = min(len(self.sold), max(7, (today - self.known_since[sku]).days + 1)) or 1
        return ceil(self.recent[sku] / days * (COVER_DAYS + SAFETY_DAYS) * self.shares[place])

    def _positions(self, due: Sequence[int]) -> list[tuple[int, int, int]]:
        """What is there and expected at each place, less its share of what waits for it."""
        found: dict[tuple[int, int], int] = {(sku, place): 0 for sku in due for place in self.shares}
        for sku, place, units in sql.rows(POSITIONS, {"skus": sql.ints(due), "places": sql.ints(self.shares)}):
            found[sku, place] += units
        for sku, waiting in sql.rows(WAITING, [sql.ints(due)]):
            for place, units in self._shared(waiting).items():
                found[sku, place] -= units
        return [(sku, place, units) for (sku, place), units in sorted(found.items())]

    def _write(self, lines: Sequence[tuple[int, int, int]], today: date) -> None:
        """Expect what was ordered; the supplier's promise is not always kept."""
        promised = [today + timedelta(days=self.dice.randint(*LEAD_DAYS)) for _ in lines]
        expected = [
            Expected(sku, place, quantity, on, f"PO-{today:%y%m%d}")
            for (sku, place, quantity), on in zip(lines, promised, strict=True)
        ]
        for id_, line in zip(expect(expected, actor=self.actor), expected, strict=True):
            order = Order(line.expected_on, id_, line.sku, line.location, line.quantity)
            if self.dice.random() < LATE:
                late = line.expected_on + timedelta(days=self.dice.randint(*LATE_DAYS))
                order = order._replace(comes_on=late)
                if self.dice.random() < TOLD:
                    order = order._replace(told_on=line.expected_on - timedelta(days=1))
                    self.to_tell[line.expected_on - timedelta(days=1)].append(order)
            self.coming[order.comes_on].append(order)

    def late(self, today: date) -> list[Order]:
        """Orders of which suppliers say today that they come late."""
        return self.to_tell.pop(today, [])

    def receive(self, today: date) -> list[int]:
        """Put on the shelves what comes today; answers the SKUs."""
        come = self.coming.pop(today, [])
        units = [Units(one.sku, one.location, one.quantity, one.expectation) for one in come]
        self._receive(units, "purchase", str(today))
        return sorted({one.sku for one in come})

    def _receive(self, units: Sequence[Units], reason: str, reference: str) -> None:
        """One paper a location."""
        papers = defaultdict(list)
        for line in units:
            papers[line.location].append(line)
        if papers:
            at = clock.now()
            receive([Receipt(lines, reason, reference, at) for lines in papers.values()], actor=self.actor)


def demand_of(quantities: Iterable[tuple[int, int]]) -> Counter[int]:
    """Units sold, by SKU; a line that is larger than anybody would stock up for counts as much as that."""
    sold: Counter[int] = Counter()
    for sku, quantity in quantities:
        sold[sku] += min(quantity, LARGEST)
    return sold


POSITIONS = """
    SELECT holder_id, place_id, available
      FROM stock_sheet
     WHERE holder_id = ANY (%(skus)s::bigint[]) AND place_id = ANY (%(places)s::bigint[])
     UNION ALL
    SELECT sku_id, location_id, (quantity - received)::bigint
      FROM expectation
     WHERE sku_id = ANY (%(skus)s::bigint[]) AND location_id = ANY (%(places)s::bigint[]) AND closed_at IS NULL
"""

WAITED_FOR = """
    SELECT DISTINCT l.sku_id
      FROM line_sheet s
      JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0
       AND NOT EXISTS (SELECT FROM expectation e WHERE e.sku_id = l.sku_id AND e.closed_at IS NULL)
"""

WAITING = """
    SELECT l.sku_id, sum(s.backordered)::bigint
      FROM line_sheet s
      JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0 AND l.sku_id = ANY (%s::bigint[])
     GROUP BY l.sku_id
"""
