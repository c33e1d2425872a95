"""Reading orders: one whole, and lists that cost the same on every page."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound
from orderwright.orders import worth
from orderwright.orders.models import LINE_BUCKETS
from orderwright.orders.wishing import Wished
from orderwright.orders.worth import Written


class Listed(NamedTuple):
    """An order as a list shows it."""

    id: int
    number: str
    channel: str
    reference: str | None
    customer_id: int
    placed_at: datetime
    status: str
    fulfilment: str
    payment: str
    currency: str
    total_minor: int
    captured_minor: int
    refunded_minor: int
    secured_minor: int
    units: int
    holds: int


class Where(NamedTuple):
    """Units of a line that are together."""

    bucket: str
    location: str | None  # None: nowhere yet
    quantity: int


class LineSeen(NamedTuple):
    id: int
    position: int
    kit: int | None  # the position of the kit's line that this is a part of
    sku: str
    name: str
    is_kit: bool
    quantity: int
    unit_price_micros: int
    total_minor: int
    where: list[Where]


class HoldSeen(NamedTuple):
    id: int
    reason: str
    note: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class NoteSeen(NamedTuple):
    id: int
    text: str
    written_by: str
    written_at: datetime


class AddressSeen(NamedTuple):
    id: int
    name: str
    company: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    phone: str


class OrderSeen(NamedTuple):
    """An order whole."""

    head: Listed
    when_short: str
    ship_to: AddressSeen | None
    bill_to: AddressSeen | None
    wish: Wished
    lines: list[LineSeen]
    adjustments: list[Written]
    holds: list[HoldSeen]
    notes: list[NoteSeen]
    tags: list[str]


class Filters(NamedTuple):
    """What a list is narrowed to; what is left out does not narrow it."""

    statuses: Sequence[str] = ()
    channel: str | None = None
    customer_id: int | None = None
    email: str | None = None
    number: str | None = None
    reference: str | None = None
    tag: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None


def get(number: str) -> OrderSeen:
    """The order with this number; seven statements.  Raises `NotFound`."""
    found = sql.rows(HEAD, [number]) if "\x00" not in number else []
    if not found:
        raise NotFound(thing="order", name=number)
    (row,) = found
    head, (when_short, ship_to, bill_to, *wished) = Listed(*row[:16]), row[16:]
    addresses = {one[0]: AddressSeen(*one) for one in sql.rows(ADDRESSES, [sql.ints([ship_to, bill_to])])}
    return OrderSeen(
        head,
        when_short,
        addresses.get(ship_to),
        addresses.get(bill_to),
        Wished(head.id, *wished),
        _lines(head.id),
        worth.adjustments_of([head.id])[head.id],
        [HoldSeen(*one) for one in sql.rows(HOLDS, [head.id])],
        [NoteSeen(*one) for one in sql.rows(NOTES, [head.id])],
        [tag for (tag,) in sql.rows(TAGS, [head.id])],
    )


def heads(order_ids: Collection[int]) -> dict[int, Listed]:
    """These orders, as a list shows them."""
    return {row[0]: Listed(*row) for row in sql.rows(HEADS, [sql.ints(sorted(set(order_ids)))])}


def listed(filters: Filters, *, after: tuple[datetime, int] | None, limit: int) -> list[Listed]:
    """Orders, the newest first, behind `after` (placed_at, id); two statements at most.

    An e-mail address, a number and a reference are looked up first: they name a customer, or few orders.
    """
    conditions, parameters = _conditions(filters, after)
    if conditions is None:
        return []
    newest = NEWEST.format(conditions="".join(f" AND {condition}" for condition in conditions))
    if filters.statuses:
        statement = LISTED.format(found=BY_STATUS.format(newest=newest.format(status="AND s.status = w.status")))
        parameters = [sql.texts(sorted(set(filters.statuses))), *parameters, limit, limit]
    else:
        statement = LISTED.format(found=newest.format(status=""))
        parameters = [*parameters, limit, limit]
    return [Listed(*row) for row in sql.rows(statement, parameters)]


def _conditions(filters: Filters, after: tuple[datetime, int] | None) -> tuple[list[str] | None, list[Any]]:
    """The conditions of a list with their parameters; None where nothing can be found."""
    conditions: list[str] = []
    parameters: list[Any] = []

    def narrow(condition: str, *values: Any) -> None:
        conditions.append(condition)
        parameters.extend(values)

    words = (filters.channel, filters.email, filters.number, filters.reference, filters.tag)
    if any(word is not None and "\x00" in word for word in words):
        return None, []
    if any(word is not None for word in (filters.channel, filters.email, filters.number, filters.reference)):
        named = _named(filters)
        if named is None:
            return None, []
        for column, value in named.items():
            narrow(f"s.{column} = %s::bigint" if isinstance(value, int) else f"s.{column} = ANY (%s::bigint[])", value)
    if filters.customer_id is not None:
        narrow("s.customer_id = %s::bigint", filters.customer_id)
    if filters.tag is not None:
        narrow("s.order_id IN (SELECT t.order_id FROM order_tag t WHERE t.tag = %s)", filters.tag)
    if filters.placed_from is not None:
        narrow("s.placed_at >= %s::timestamptz", filters.placed_from)
    if filters.placed_before is not None:
        narrow("s.placed_at < %s::timestamptz", filters.placed_before)
    if after is not None:
        narrow("(s.placed_at, s.order_id) < (%s::timestamptz, %s::bigint)", *after)
    return conditions, parameters


def _named(filters: Filters) -> dict[str, int | str] | None:
    """The ids behind the names of a list's filters, by column of the summary; None where one is nobody's."""
    email = filters.email.strip().lower() if filters.email is not None else None
    parameters = [filters.channel, email, filters.number, filters.reference, filters.channel]
    ((channel_id, customer_id, numbered, referenced),) = sql.rows(NAMED, parameters)
    found: dict[str, int | str] = {}
    for name, column, ids in (
        (filters.channel, "channel_id", channel_id),
        (filters.email, "customer_id", customer_id),
        (filters.number, "order_id", numbered),
    ):
        if name is not None:
            if ids is None:
                return None
            found[column] = int(ids)
    if filters.reference is not None:
        orders = set(referenced or ()) & ({found["order_id"]} if "order_id" in found else set(referenced or ()))
        if not orders:
            return None
        found["order_id"] = sql.ints(sorted(orders))
    return found


def _lines(order_id: int) -> list[LineSeen]:
    lines: dict[int, LineSeen] = {}
    for row in sql.rows(LINES_OF, [order_id]):
        line = lines.setdefault(row[0], LineSeen._make([*row[:9], []]))
        place, location = row[9:11]
        line.where.extend(
            Where(bucket, location if place else None, quantity)
            for bucket, quantity in zip(LINE_BUCKETS, row[11:], strict=True)
            if quantity
        )
    return list(lines.values())


COLUMNS = """
           o.id, o.number, c.code, o.reference, s.customer_id, s.placed_at, s.status, s.fulfilment, s.payment,
           o.currency, s.total_minor, s.captured_minor, s.refunded_minor, s.secured_minor, s.units, s.holds"""

HEAD = f"""
    SELECT {COLUMNS}, o.when_short, o.ship_to_id, o.bill_to_id, coalesce(w.delivery_option, ''),
           coalesce(w.gift_message, ''), coalesce(w.hide_prices, false)
      FROM orders o
      JOIN order_summary s ON s.order_id = o.id
      JOIN channel c ON c.id = o.channel_id
      LEFT JOIN order_wish w ON w.order_id = o.id
     WHERE o.number = %s
"""

HEADS = f"""
    SELECT {COLUMNS}
      FROM orders o
      JOIN order_summary s ON s.order_id = o.id
      JOIN channel c ON c.id = o.channel_id
     WHERE o.id = ANY (%s::bigint[])
"""

ADDRESSES = """
    SELECT id, name, company, street, postal_code, city, region, country, phone
      FROM address WHERE id = ANY (%s::bigint[])
"""

LINES_OF = f"""
    SELECT l.id, l.position, kit.position, k.code, l.name, l.is_kit, l.quantity, l.unit_price_micros, l.total_minor,
           s.place_id, p.code, {", ".join(f"coalesce(s.{bucket}, 0)" for bucket in LINE_BUCKETS)}
      FROM order_line l
      JOIN sku k ON k.id = l.sku_id
      LEFT JOIN order_line kit ON kit.id = l.parent_id
      LEFT JOIN line_sheet s ON s.holder_id = l.id
      LEFT JOIN location p ON p.id = s.place_id
     WHERE l.order_id = %s
     ORDER BY l.position, l.id, s.place_id
"""

HOLDS = """
    SELECT id, reason, note, placed_by, placed_at, lifted_by, lifted_at
      FROM order_hold WHERE order_id = %s ORDER BY id
"""

NOTES = "SELECT id, text, written_by, written_at FROM order_note WHERE order_id = %s ORDER BY id"

TAGS = "SELECT tag FROM order_tag WHERE order_id = %s ORDER BY tag"

# The page is found in the summary alone; only its rows meet the other tables.
LISTED = f"""
    WITH s AS MATERIALIZED ({{found}})
    SELECT {COLUMNS}
      FROM s
      JOIN orders o ON o.id = s.order_id
      JOIN channel c ON c.id = s.channel_id
     ORDER BY s.placed_at DESC, s.order_id DESC
     LIMIT %s::bigint
"""

NEWEST = """
        SELECT s.* FROM order_summary s WHERE true {{status}} {conditions}
         ORDER BY s.placed_at DESC, s.order_id DESC LIMIT %s::bigint
"""

# Each status has its own run of the index (status, placed_at, order_id); the newest of each are merged.
BY_STATUS = """
        SELECT n.* FROM unnest(%s::text[]) AS w(status) CROSS JOIN LATERAL ({newest}) n
"""

NAMED = """
    SELECT (SELECT id FROM channel WHERE code = %s::text),
           (SELECT id FROM customer WHERE email = %s::text),
           (SELECT id FROM orders WHERE number = %s::text),
           (SELECT array_agg(o.id) FROM channel c JOIN orders o ON o.channel_id = c.id AND o.reference = %s::text
             WHERE coalesce(c.code = %s::text, true))
"""
