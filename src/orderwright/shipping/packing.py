"""Packing: units of fulfilment orders go into packages, which together are a shipment.

Pure, over work that was read under the order's lock, until all is written down at once.  What is packed is moved in
memory, so that a second request of the same batch sees what the first one left.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from orderwright.fulfilment.holding import refuse_held
from orderwright.fulfilment.models import State
from orderwright.fulfilment.working import Work, WorkLine
from orderwright.kernel import numbering, sql
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.orders.moving import Wanted, leaves
from orderwright.orders.units import OrderUnits
from orderwright.shipping.options import CHOSEN, JOIN_CHOSEN, Option, chosen, default
from orderwright.shipping.refusals import NotAccepted, NothingToPack, NotThatManyOpen

TARE_GRAMS = 150  # what an empty box weighs, where nobody weighed the package
MOST_PACKAGES = 100
HEAVIEST_GRAMS = 2**31 - 1


class Box(NamedTuple):
    """A package as somebody wants it: what goes in (None: all that is open), its weight and size, who brings it.

    A tracking number that is given by hand needs the name of its carrier.
    """

    wanted: Sequence[Wanted] | None = None
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    carrier: str = ""
    tracking_number: str | None = None
    tracking_url: str = ""


class Content(NamedTuple):
    """So many units of a line of a fulfilment order, in a package."""

    line: WorkLine
    quantity: int


@dataclass(slots=True)
class Packed:
    """A package with what is in it.  Its ids and names are given when it is written down."""

    box: Box
    contents: list[Content]
    id: int = 0
    name: str = ""
    weight_grams: int | None = None
    carrier: str = ""
    voiding: bool = False  # its carrier is being asked to take the label back


@dataclass(slots=True)
class Parcelled:
    """A shipment: packages of one fulfilment order that leave together."""

    work: Work
    number: str  # the order's
    packages: list[Packed]
    at: datetime
    source: str = "open"  # in which bucket of the WORK book its units are
    option: Option | None = None
    id: int = 0
    name: str = ""
    leaves: bool = False  # in the same moment

    @property
    def quantity(self) -> int:
        """How many units it has."""
        return sum(quantity for package in self.packages for _line, quantity in package.contents)

    @property
    def is_voiding(self) -> bool:
        """Is a label of it being made void?"""
        return any(package.voiding for package in self.packages)

    def go(self, at: datetime) -> "Parcelled":
        """Let what is packed leave then, in memory; answers itself."""
        for line, quantity in self.contents():
            line.packed -= quantity
            line.shipped += quantity
        self.at = at
        return self

    def contents(self) -> list[Content]:
        """All that is in it, line by line."""
        return summed([content for package in self.packages for content in package.contents])


def summed(contents: Sequence[Content]) -> list[Content]:
    """The same units, each line once."""
    sums: dict[int, Content] = {}
    for line, quantity in contents:
        before = sums.get(line.id)
        sums[line.id] = Content(line, quantity + (before.quantity if before else 0))
    return list(sums.values())


def refuse_unworkable(work: Work) -> None:
    """Refuse where a location may not go on with its work."""
    if work.state == State.OFFERED:
        raise NotAccepted(fulfilment_order=work.name)
    refuse_held(work)


def facts(contents: Sequence[Content], location: str) -> list[dict[str, object]]:
    """Units as an event tells them, line by line."""
    return [
        {"line": line.position, "sku": line.sku, "quantity": quantity, "location": location}
        for line, quantity in sorted(contents, key=lambda content: content.line.position)
    ]


def pack(work: Work, order: OrderUnits, boxes: Sequence[Box], *, number: str, at: datetime, target: str) -> Parcelled:
    """Pack open units into these boxes, in memory; each wants some units, or one of them all that is left.

    `target` is where the units go in the WORK book: packed, or shipped at once.  Where something is short, nothing
    has moved.
    """
    if not 1 <= len(boxes) <= MOST_PACKAGES:
        raise Invalid(field="packages", problem=f"there must be 1 to {MOST_PACKAGES} of them")
    before = [(line, line.open) for line in work.lines]
    try:
        packages = [Packed(box, _fill(work, order, box)) for box in sorted(boxes, key=lambda box: box.wanted is None)]
        if any(not package.contents for package in packages):
            raise NothingToPack(fulfilment_order=work.name)
    except Refusal:
        for line, open_ in before:
            line.open = open_
        raise
    for package in packages:
        for line, quantity in package.contents:
            setattr(line, target, getattr(line, target) + quantity)
    return Parcelled(work, number, packages, at, leaves=target == "shipped")


def _fill(work: Work, order: OrderUnits, box: Box) -> list[Content]:
    """Take what a box wants out of what is open, in memory."""
    if box.wanted is None:
        contents = [Content(line, line.open) for line in work.lines if line.open]
        for line in work.lines:
            line.open = 0
        return contents
    if not box.wanted:
        raise Invalid(field="lines", problem="there are none")
    return summed(
        [
            content
            for wanted in box.wanted
            for leaf, quantity in leaves(order, wanted)
            for content in _take(work, leaf.id, quantity, leaf.sku)
        ]
    )


def _take(work: Work, line_id: int, quantity: int, sku: str) -> list[Content]:
    """So many open units of an order line, in memory."""
    there = [line for line in work.lines if line.line_id == line_id and line.open]
    left, taken = quantity, []
    for line in there:
        part = min(left, line.open)
        if part:
            taken.append(Content(line, part))
            left -= part
    if left:
        raise NotThatManyOpen(asked=quantity, sku=sku, there=quantity - left, fulfilment_order=work.name)
    for line, part in taken:
        line.open -= part
    return taken


def choose_options(shipments: Sequence[Parcelled], wanted: Sequence[str | None], offered: Sequence[Option]) -> None:
    """Give each shipment the delivery option that is wanted for it, or the one that the buyer chose, or the default
    for where it goes; one statement.
    """
    by_code = {option.code: option for option in offered}
    rows = sql.rows(WAYS, [sql.ints({one.work.order_id for one in shipments})])
    usual = {row[0]: chosen(row[2:]) or default(row[1], offered) for row in rows}
    for one, code in zip(shipments, wanted, strict=True):
        one.option = usual.get(one.work.order_id) if code is None else by_code[code]


def write(shipments: Sequence[Parcelled], *, look_at: Mapping[str, datetime]) -> None:
    """Write shipments down with their packages and what is in them; six statements, however many.

    Names are counted under the lock of the order.  `look_at` says when the carriers that can be asked are asked.
    """
    packages = [(one, package) for one in shipments for package in one.packages]
    asked = {"shipment_id_seq": len(shipments), "package_id_seq": len(packages)}
    ids = sql.ask(numbering.ids(asked))
    counts = dict(sql.rows(COUNTS, [sql.ints({one.work.order_id for one in shipments})]))
    weights = _weights(packages)
    for id_, one in zip(ids["shipment_id_seq"], shipments, strict=True):
        position = counts[one.work.order_id] = counts.get(one.work.order_id, 0) + 1
        one.id, one.name = id_, f"{one.number}-S{position}"
        for place, package in enumerate(one.packages, start=1):
            package.name = f"{one.name}/{place}"
    for id_, (one, package) in zip(ids["package_id_seq"], packages, strict=True):
        package.id = id_
        package.carrier = package.box.carrier or (one.option.carrier if one.option else "")
        package.weight_grams = weights(package)
    _write_shipments(shipments)
    _write_packages(packages, look_at)
    _write_contents(packages)


def _weights(packages: Sequence[tuple[Parcelled, Packed]]) -> Callable[[Packed], int | None]:
    """How heavy a package is: as somebody said, or else what is in it and the box; None where that is not known."""
    skus = {line.sku_id for _one, package in packages for line, _n in package.contents if not package.box.weight_grams}
    grams: dict[int, int | None] = dict(sql.rows(WEIGHTS, [sql.ints(sorted(skus))]))

    def weigh(package: Packed) -> int | None:
        if package.box.weight_grams is not None:
            return package.box.weight_grams
        parts = [grams[line.sku_id] for line, _quantity in package.contents]
        if None in parts:
            return None
        inside = sum((part or 0) * n for part, (_line, n) in zip(parts, package.contents, strict=True))
        return min(TARE_GRAMS + inside, HEAVIEST_GRAMS)

    return weigh


def _write_shipments(shipments: Sequence[Parcelled]) -> None:
    sql.run(
        WRITE_SHIPMENTS,
        [
            sql.ints(one.id for one in shipments),
            sql.texts(one.name for one in shipments),
            sql.ints(one.work.order_id for one in shipments),
            sql.ints(one.work.location_id for one in shipments),
            sql.ints(one.option.id if one.option else None for one in shipments),
            sql.booleans(one.leaves for one in shipments),
            sql.texts(one.at.isoformat() for one in shipments),
        ],
    )


def _write_packages(packages: Sequence[tuple[Parcelled, Packed]], look_at: Mapping[str, datetime]) -> None:
    looks = [
        look_at.get(package.carrier) if one.leaves and package.box.tracking_number else None
        for one, package in packages
    ]
    sql.run(
        WRITE_PACKAGES,
        [
            sql.ints(package.id for _one, package in packages),
            sql.texts(package.name for _one, package in packages),
            sql.ints(one.id for one, _package in packages),
            sql.ints(package.weight_grams for _one, package in packages),
            sql.ints(package.box.length_mm for _one, package in packages),
            sql.ints(package.box.width_mm for _one, package in packages),
            sql.ints(package.box.height_mm for _one, package in packages),
            sql.texts(package.carrier for _one, package in packages),
            sql.texts(package.box.tracking_number for _one, package in packages),
            sql.texts(package.box.tracking_url for _one, package in packages),
            sql.texts(one.at.isoformat() for one, _package in packages),
            sql.texts(look.isoformat() if look else None for look in looks),
        ],
    )


def _write_contents(packages: Sequence[tuple[Parcelled, Packed]]) -> None:
    inside = [(package.id, line, quantity) for _one, package in packages for line, quantity in package.contents]
    sql.run(
        WRITE_CONTENTS,
        [
            sql.ints(package_id for package_id, _line, _quantity in inside),
            sql.ints(line.id for _package, line, _quantity in inside),
            sql.ints(line.line_id for _package, line, _quantity in inside),
            sql.ints(quantity for _package, _line, quantity in inside),
        ],
    )


WAYS = f"""
    SELECT o.id, coalesce(a.country, ''), {CHOSEN}
      FROM orders o
      LEFT JOIN address a ON a.id = o.ship_to_id
      {JOIN_CHOSEN}
     WHERE o.id = ANY (%s::bigint[])
"""

COUNTS = "SELECT order_id, count(*) FROM shipment WHERE order_id = ANY (%s::bigint[]) GROUP BY order_id"

WEIGHTS = "SELECT id, weight_grams FROM sku WHERE id = ANY (%s::bigint[])"

WRITE_SHIPMENTS = """
    INSERT INTO shipment (id, name, order_id, location_id, option_id, state, prepared_at, shipped_at)
    SELECT id, name, order_id, location_id, option_id, CASE WHEN leaves THEN 'shipped' ELSE 'prepared' END, at,
           CASE WHEN leaves THEN at END
      FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[],
                  %s::timestamptz[]) AS s(id, name, order_id, location_id, option_id, leaves, at)
"""

WRITE_PACKAGES = """
    INSERT INTO package (id, name, shipment_id, weight_grams, length_mm, width_mm, height_mm, carrier, tracking_number,
                         tracking_url, stage, stage_at, look_at)
    SELECT id, name, shipment_id, grams, length, width, height, carrier, number, url,
           CASE WHEN number IS NULL THEN 'prepared' ELSE 'labelled' END, at, look_at
      FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::text[],
                  %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
           AS p(id, name, shipment_id, grams, length, width, height, carrier, number, url, at, look_at)
"""

WRITE_CONTENTS = """
    INSERT INTO package_content (package_id, fulfilment_line_id, line_id, quantity)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
"""
