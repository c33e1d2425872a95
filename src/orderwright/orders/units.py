"""Where the units of orders are: lines with their sheets, read by whoever holds the orders."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.orders.models import LINE_BUCKETS


class Units(NamedTuple):
    """So many units of a line that are together in one bucket."""

    line: "LineUnits"
    place: int
    bucket: str
    quantity: int

    def facts(self) -> dict[str, object]:
        """As an event tells it."""
        told: dict[str, object] = {"line": self.line.position, "sku": self.line.sku, "quantity": self.quantity}
        if self.place:
            told["location"] = self.line.locations[self.place]
        return told


@dataclass(slots=True)
class LineUnits:
    """A line of an order and where its units are.  A kit's own line has none; its parts have them."""

    id: int
    order_id: int
    position: int
    parent_id: int | None
    sku_id: int
    sku: str
    is_kit: bool
    quantity: int
    total_minor: int
    is_added: bool = False  # by an edit
    sheets: dict[int, dict[str, int]] = field(default_factory=dict)  # place: bucket: how many
    locations: dict[int, str] = field(default_factory=dict)  # place: the location's code

    def count(self, *buckets: str) -> int:
        """How many of its units are in these buckets, wherever."""
        return sum(sheet[bucket] for sheet in self.sheets.values() for bucket in buckets)

    def put(self, quantity: int, bucket: str, place: int, location: str = "") -> None:
        """Put units into a bucket in memory, at a place where there may have been none; fewer than zero take them."""
        sheet = self.sheets.setdefault(place, dict.fromkeys(LINE_BUCKETS, 0))
        sheet[bucket] += quantity
        self.locations.setdefault(place, location)

    def take(self, quantity: int, buckets: Collection[str], target: str, place: int | None = None) -> list[Units]:
        """Move units in memory, out of `buckets` in their order, the lowest place first; says which were moved.

        There must be enough of them, at `place` where that is given.
        """
        taken, left = [], quantity
        for bucket in buckets:
            for here, sheet in self.sheets.items():
                part = min(left, sheet[bucket])
                if part and place in (None, here):
                    sheet[bucket] -= part
                    sheet[target] += part
                    left -= part
                    taken.append(Units(self, here, bucket, part))
        assert not left, (self, quantity, buckets, place)
        return taken


class OrderUnits(NamedTuple):
    """All lines of an order, by their position."""

    order_id: int
    lines: list[LineUnits]

    def leaves(self) -> Iterator[LineUnits]:
        """The lines that have units: plain ones, and the parts of kits."""
        return (line for line in self.lines if not line.is_kit)

    def parts_of(self, line: LineUnits) -> list[LineUnits]:
        """The lines that hold the units of `line`: its parts, or itself."""
        return [part for part in self.lines if part.parent_id == line.id] if line.is_kit else [line]

    def count(self, *buckets: str) -> int:
        """How many units of the order are in these buckets."""
        return sum(line.count(*buckets) for line in self.leaves())

    def at(self, position: int) -> LineUnits | None:
        """The line at this position."""
        return next((line for line in self.lines if line.position == position), None)


def units_of(order_ids: Collection[int]) -> dict[int, OrderUnits]:
    """Where the units of these orders are; one statement.  To decide by it, hold the orders (`lock_orders`)."""
    found = {order_id: OrderUnits(order_id, []) for order_id in sorted(set(order_ids))}
    line: LineUnits | None = None
    for row in sql.rows(UNITS_OF, [sql.ints(found)]):
        if line is None or line.id != row[0]:
            line = LineUnits(*row[:10])
            found[line.order_id].lines.append(line)
        place, location = row[10:12]
        if place is not None:
            line.sheets[place] = dict(zip(LINE_BUCKETS, row[12:], strict=True))
            line.locations[place] = location or ""
    return found


UNITS_OF = f"""
    SELECT l.id, l.order_id, l.position, l.parent_id, l.sku_id, k.code, l.is_kit, l.quantity, l.total_minor,
           l.is_added, s.place_id, p.code, {", ".join(f"s.{bucket}" for bucket in LINE_BUCKETS)}
      FROM order_line l
      JOIN sku k ON k.id = l.sku_id
      LEFT JOIN line_sheet s ON s.holder_id = l.id
      LEFT JOIN location p ON p.id = s.place_id
     WHERE l.order_id = ANY (%s::bigint[])
     ORDER BY l.order_id, l.position, l.id, s.place_id
"""
