"""What is shown of shipments, their packages, labels and scans; and how carriers are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.errors import NotFound
from orderwright.shipping import carriers
from orderwright.shipping.refusals import NoLabel


class Filters(NamedTuple):
    """Which shipments: those in one of these states, at a location, of an order (codes and numbers); None: any."""

    states: Sequence[str] = ()
    location: str | None = None
    order: str | None = None


class UnitsSeen(NamedTuple):
    line: int  # its position
    sku: str
    quantity: int


class PackageShown(NamedTuple):
    """A package; `label` says what became of its label: asked, labelled, refused, voided, or nothing yet."""

    number: int  # in its shipment: 1, 2, 3 …
    name: str
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    carrier: str
    tracking_number: str | None
    tracking_url: str
    stage: str
    stage_at: datetime
    settled: str
    has_label: bool
    label: str
    label_reason: str
    label_message: str
    label_price_minor: int | None
    label_currency: str
    units: list[UnitsSeen]


class ShipmentShown(NamedTuple):
    """A shipment with its packages."""

    id: int
    name: str
    order: str
    location: str
    option: str | None
    state: str
    prepared_at: datetime
    shipped_at: datetime | None
    packages: list[PackageShown]


class ScanShown(NamedTuple):
    """What was said of a package; not `believed` where it cannot be true (see `shipping.tracking`)."""

    id: int
    stage: str
    happened_at: datetime
    time_zone: str
    place: str
    words: str
    told_by: str
    received_at: datetime
    believed: bool
    taken_by: str = ""
    left_where: str = ""


class Unmatched(NamedTuple):
    """A scan of a package that is not known here."""

    id: int
    carrier: str
    tracking_number: str
    stage: str
    happened_at: datetime
    place: str
    received_at: datetime


class CarrierSeen(NamedTuple):
    """How it stands with a carrier: what it was not asked or has not answered, since when, and when it last did."""

    carrier: str
    questions_open: int
    oldest_question_at: datetime | None
    last_answer_at: datetime | None
    last_scan_at: datetime | None
    packages_under_way: int
    to_look_at: int  # packages whose turn it is to be asked about


def shipments(filters: Filters, *, after: int = 0, limit: int = 100) -> list[ShipmentShown]:
    """Shipments by id, behind `after`; three statements, however many there are."""
    wanted: dict[str, object] = {"after": after, "limit": limit, "states": sql.texts(filters.states)}
    conditions = ["s.state = ANY (%(states)s::text[])"] if filters.states else []
    for name, column, code in (("location", "l.code", filters.location), ("order", "o.number", filters.order)):
        if code is not None:
            conditions.append(f"{column} = %({name})s::text")
            wanted[name] = "" if "\x00" in code else code
    heads = sql.rows(LISTED.format(conditions="".join(f" AND {one}" for one in conditions)), wanted)
    return _whole(heads)


def shipment(name: str) -> ShipmentShown:
    """The shipment of this name; refused where there is none."""
    heads = sql.rows(NAMED, [name]) if "\x00" not in name else []
    if not heads:
        raise NotFound(thing="shipment", name=name)
    return _whole(heads)[0]


def package_name(shipment_name: str, number: int) -> str:
    """The name of the package with this number in a shipment; refused where there is none."""
    name = f"{shipment_name}/{number}"
    if "\x00" in name or not sql.rows("SELECT 1 FROM package WHERE name = %s", [name]):
        raise NotFound(thing="package", name=name)
    return name


def label(package: str) -> bytes:
    """The document of a package's label, a PDF; refused where there is none."""
    found = sql.rows(LABEL, [package])
    if not found:
        raise NoLabel(package=package)
    return bytes(found[0][0])


def scans(package: str) -> list[ScanShown]:
    """All that was said of a package, in the order in which it happened."""
    return [ScanShown(*row) for row in sql.rows(SCANS, [package])]


def scans_of_order(order_id: int) -> dict[str, list[ScanShown]]:
    """All that was said of an order's packages, by package, in the order in which it happened."""
    found: dict[str, list[ScanShown]] = {}
    for package, *row in sql.rows(SCANS_OF_ORDER, [order_id]):
        found.setdefault(package, []).append(ScanShown(*row))
    return found


def unmatched_scans(*, after: int = 0, limit: int = 100) -> list[Unmatched]:
    """Scans of packages that are not known here, by id behind `after`: they wait until they are."""
    return [Unmatched(*row) for row in sql.rows(UNMATCHED, [after, limit])]


def health() -> list[CarrierSeen]:
    """How it stands with each carrier that the shop has an account with."""
    codes = sorted(carriers.codes())
    return [CarrierSeen(*row) for row in sql.rows(HEALTH, {"codes": sql.texts(codes), "now": clock.now()})]


def _whole(heads: Sequence[Any]) -> list[ShipmentShown]:
    ids = [head[0] for head in heads]
    units: dict[int, list[UnitsSeen]] = {}
    for package_id, *part in sql.rows(UNITS, [sql.ints(ids)]):
        units.setdefault(package_id, []).append(UnitsSeen(*part))
    packages: dict[int, list[PackageShown]] = {id_: [] for id_ in ids}
    for package_id, shipment_id, name, *row in sql.rows(PACKAGES, [sql.ints(ids)]):
        number = int(name.rpartition("/")[2])
        packages[shipment_id].append(PackageShown._make((number, name, *row, units.get(package_id, []))))
    return [ShipmentShown._make((*head, packages[head[0]])) for head in heads]


def of_orders(order_ids: Collection[int]) -> Mapping[int, list[ShipmentShown]]:
    """The shipments of these orders, those that were unpacked too; three statements."""
    found: dict[int, list[ShipmentShown]] = {order_id: [] for order_id in order_ids}
    rows = sql.rows(OF_ORDERS, [sql.ints(sorted(found))])
    for order_id, one in zip((row[0] for row in rows), _whole([row[1:] for row in rows]), strict=True):
        found[order_id].append(one)
    return found


HEAD = """s.id, s.name, o.number, l.code, d.code, s.state, s.prepared_at, s.shipped_at
      FROM shipment s
      JOIN orders o ON o.id = s.order_id
      JOIN location l ON l.id = s.location_id
      LEFT JOIN delivery_option d ON d.id = s.option_id"""

LISTED = f"""
    SELECT {HEAD}
     WHERE s.id > %(after)s::bigint{{conditions}}
     ORDER BY s.id
     LIMIT %(limit)s::bigint
"""

NAMED = f"SELECT {HEAD} WHERE s.name = %s"

OF_ORDERS = f"SELECT s.order_id, {HEAD} WHERE s.order_id = ANY (%s::bigint[]) ORDER BY s.id"

PACKAGES = """
    SELECT p.id, p.shipment_id, p.name, p.weight_grams, p.length_mm, p.width_mm, p.height_mm, p.carrier,
           p.tracking_number, p.tracking_url, p.stage, p.stage_at, p.settled,
           EXISTS (SELECT FROM label b WHERE b.package_id = p.id),
           coalesce(CASE WHEN q.ask_again_at IS NOT NULL THEN q.verb || '_asked' ELSE q.answer END, ''),
           coalesce(q.reason, ''), coalesce(q.message, ''), q.price_minor, coalesce(q.currency, '')
      FROM package p
      LEFT JOIN LATERAL (SELECT * FROM carrier_question q
                          WHERE q.package_id = p.id ORDER BY q.asked_at DESC, q.id DESC LIMIT 1) q ON true
     WHERE p.shipment_id = ANY (%s::bigint[])
     ORDER BY p.id
"""

UNITS = """
    SELECT c.package_id, n.position, k.code, sum(c.quantity)::bigint
      FROM package_content c
      JOIN package p ON p.id = c.package_id
      JOIN order_line n ON n.id = c.line_id
      JOIN sku k ON k.id = n.sku_id
     WHERE p.shipment_id = ANY (%s::bigint[])
     GROUP BY c.package_id, n.position, k.code
     ORDER BY c.package_id, n.position
"""

SCAN = """c.id, c.stage, c.happened_at, c.time_zone, c.place, c.words, c.told_by, c.received_at,
           (c.told_by = 'hand' OR (c.carrier = p.carrier AND c.tracking_number = p.tracking_number)) IS TRUE
           AND c.happened_at BETWEEN s.prepared_at - interval '1 day' AND c.received_at + interval '1 hour',
           c.taken_by, c.left_where
      FROM scan c
      JOIN package p ON p.id = c.package_id
      JOIN shipment s ON s.id = p.shipment_id"""

SCANS = f"SELECT {SCAN} WHERE p.name = %s ORDER BY c.happened_at, c.id"

SCANS_OF_ORDER = f"SELECT p.name, {SCAN} WHERE s.order_id = %s ORDER BY c.happened_at, c.id"

UNMATCHED = """
    SELECT id, carrier, tracking_number, stage, happened_at, place, received_at
      FROM scan
     WHERE package_id IS NULL AND id > %s::bigint
     ORDER BY id
     LIMIT %s::bigint
"""

# The newest of each stands at the end of its index: to find it costs the same in a shop's tenth year.
HEALTH = """
    SELECT c.code, q.open, q.oldest,
           (SELECT a.answered_at FROM carrier_question a
             WHERE a.carrier = c.code AND a.answer IN ('labelled', 'voided', 'refused') ORDER BY a.id DESC LIMIT 1),
           (SELECT s.received_at FROM scan s
             WHERE s.carrier = c.code AND s.told_by <> 'hand' ORDER BY s.id DESC LIMIT 1),
           p.under_way, p.due
      FROM unnest(%(codes)s::text[]) AS c(code)
     CROSS JOIN LATERAL (SELECT count(*) AS open, min(asked_at) AS oldest
                           FROM carrier_question WHERE carrier = c.code AND ask_again_at IS NOT NULL) q
     CROSS JOIN LATERAL (SELECT count(*) AS under_way,
                                count(*) FILTER (WHERE look_at <= %(now)s::timestamptz) AS due
                           FROM package WHERE carrier = c.code AND look_at IS NOT NULL) p
     ORDER BY c.code
"""

LABEL = "SELECT l.document FROM label l JOIN package p ON p.id = l.package_id WHERE p.name = %s"
