"""Finding customers; what one of them bought and was told; and all that is stored about a person."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound
from orderwright.kernel.events import Happening, record
from orderwright.lists._branches import SHORTEST, escaped

FEW = 2_000
LOOKS = 20_000


class Listed(NamedTuple):
    """A customer, as a list shows one."""

    id: int
    name: str
    email: str | None
    phone: str
    forgotten_at: datetime | None
    created_at: datetime
    orders: int  # at most a hundred are counted
    last_at: datetime | None


class Money(NamedTuple):
    """What a customer bought in one currency, over the newest thousand orders at most."""

    currency: str
    orders: int
    worth_minor: int  # captured and not given back
    refunded_minor: int
    open_minor: int  # still owed, of orders that are not canceled


def found(search: str, *, before: int | None, limit: int) -> list[Listed]:
    """The newest customers; by the beginning of an e-mail address, a part of a name, a phone number, or their number.

    A name that thousands have is tried while walking from the newest on.
    """
    words = search.replace("\x00", "").split()[:8]
    parameters: list[Any] = [before or 2**62]
    conditions = ["true"]
    if len(words) == 1 and ("@" in words[0] or not any(map(str.isalpha, words[0]))):
        return _by_code(words[0], before, limit)
    if words:
        conditions.append("c.name ILIKE ALL (%s::text[])")
        parameters.append(sql.texts([f"%{escaped(word)}%" for word in words]))
    statement = LISTED.format(found=FOUND.format(where=" AND ".join(conditions)))
    if words and all(len(word) >= SHORTEST for word in words):
        ids = [id_ for (id_,) in sql.rows(FEW_NAMED, [parameters[1], FEW + 1])]
        if len(ids) <= FEW:
            return _of_ids(ids, before, limit)
    return [Listed(*row) for row in sql.rows(statement, [*parameters, limit])]


def _by_code(word: str, before: int | None, limit: int) -> list[Listed]:
    digits = "".join(filter(str.isdigit, word)).lstrip("0")
    email = f"{escaped(word.lower())}%" if "@" in word else None
    number = int(digits) if word.isascii() and word.isdigit() and 0 < len(digits) < 18 else None
    phone = f"%{digits}%" if len(digits) >= 5 and "@" not in word else None
    ids = [id_ for (id_,) in sql.rows(BY_CODE, [email, number, phone, FEW])]
    return _of_ids(ids, before, limit)


def _of_ids(ids: Sequence[int], before: int | None, limit: int) -> list[Listed]:
    statement = LISTED.format(found=FOUND_AMONG)
    return [Listed(*row) for row in sql.rows(statement, [before or 2**62, sql.ints(ids), limit])]


def money(customer_id: int) -> list[Money]:
    """A customer's money, by currency; one statement."""
    return [Money(*row) for row in sql.rows(MONEY, [customer_id])]


def notes(customer_id: int, limit: int) -> list[tuple[str, str, str, datetime]]:
    """The newest notes on a customer's orders: the order's number, the words, who wrote them, and when."""
    return [row for row in sql.rows(NOTES, [customer_id, limit]) if row]


FOUND = f"""
        SELECT c.* FROM (SELECT * FROM customer WHERE id < %s::bigint ORDER BY id DESC LIMIT {LOOKS}) c
         WHERE {{where}} ORDER BY c.id DESC LIMIT %s::bigint
"""

FOUND_AMONG = """
        SELECT c.* FROM customer c WHERE c.id < %s::bigint AND c.id = ANY (%s::bigint[])
         ORDER BY c.id DESC LIMIT %s::bigint
"""

LISTED = """
    SELECT c.id, c.name, c.email, c.phone, c.forgotten_at, c.created_at, o.orders, o.last_at
      FROM ({found}) c
     CROSS JOIN LATERAL (SELECT count(*)::int AS orders, max(placed_at) AS last_at
                           FROM (SELECT s.placed_at FROM order_summary s WHERE s.customer_id = c.id
                                  ORDER BY s.placed_at DESC, s.order_id DESC LIMIT 100) s) o
     ORDER BY c.id DESC
"""

FEW_NAMED = "SELECT id FROM customer WHERE name ILIKE ALL (%s::text[]) LIMIT %s::bigint"

BY_CODE = """
    SELECT id FROM ((SELECT id FROM customer WHERE email LIKE %s::text)
              UNION (SELECT id FROM customer WHERE id = %s::bigint)
              UNION (SELECT id FROM customer WHERE phone ILIKE %s::text)) f LIMIT %s::bigint
"""

MONEY = """
    SELECT o.currency, count(*)::int, sum(s.captured_minor - s.refunded_minor)::bigint,
           sum(s.refunded_minor)::bigint,
           coalesce(sum(s.total_minor - s.captured_minor + s.refunded_minor)
                    FILTER (WHERE s.status <> 'canceled'), 0)::bigint
      FROM (SELECT * FROM order_summary WHERE customer_id = %s::bigint
             ORDER BY placed_at DESC, order_id DESC LIMIT 1000) s
      JOIN orders o ON o.id = s.order_id
     GROUP BY o.currency ORDER BY 1
"""

NOTES = """
    SELECT o.number, n.text, n.written_by, n.written_at
      FROM order_summary s JOIN orders o ON o.id = s.order_id JOIN order_note n ON n.order_id = o.id
     WHERE s.customer_id = %s::bigint AND n.text <> ''
     ORDER BY n.id DESC LIMIT %s::bigint
"""


@transaction.atomic
def export_person(customer_id: int, *, actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """All that is stored about a person, from every room, by what it is; one statement each, and one to tell of it."""
    if not sql.rows("SELECT FROM customer WHERE id = %s::bigint", [customer_id]):
        raise NotFound(thing=_("customer"), name=customer_id)
    record([Happening("customer.exported", actor, {"customer": customer_id})])
    return {name: _rows(select, customer_id) for name, select in TOLD.items()}


def _rows(select: str, customer_id: int) -> list[dict[str, Any]]:
    return [json.loads(row) for (row,) in sql.rows(ROWS.format(select=select), [customer_id])]


ROWS = "SELECT to_jsonb(f)::text FROM ({select}) f"
OF_ORDERS = "SELECT order_id FROM order_summary WHERE customer_id = %s::bigint"

TOLD = {
    "customer": "SELECT * FROM customer WHERE id = %s::bigint",
    "addresses": "SELECT * FROM address WHERE customer_id = %s::bigint ORDER BY id",
    "orders": "SELECT o.*, s.status, s.payment, s.fulfilment, s.total_minor, s.captured_minor, s.refunded_minor"
    " FROM order_summary s JOIN orders o ON o.id = s.order_id WHERE s.customer_id = %s::bigint ORDER BY o.id",
    "lines": "SELECT l.order_id, l.position, l.name, l.quantity, l.total_minor FROM order_line l"
    f" WHERE l.order_id IN ({OF_ORDERS}) ORDER BY l.order_id, l.position",
    "notes": f"SELECT * FROM order_note WHERE order_id IN ({OF_ORDERS}) ORDER BY id",
    "holds": f"SELECT * FROM order_hold WHERE order_id IN ({OF_ORDERS}) ORDER BY id",
    "wishes": f"SELECT * FROM order_wish WHERE order_id IN ({OF_ORDERS}) ORDER BY order_id",
    "tags": f"SELECT * FROM order_tag WHERE order_id IN ({OF_ORDERS}) ORDER BY order_id, tag",
    "payments": "SELECT id, order_id, method, amount_minor, currency FROM tender"
    f" WHERE order_id IN ({OF_ORDERS}) ORDER BY id",
    "packages": "SELECT h.order_id, p.name, p.carrier, p.tracking_number, p.stage, p.stage_at"
    f" FROM shipment h JOIN package p ON p.shipment_id = h.id WHERE h.order_id IN ({OF_ORDERS}) ORDER BY p.id",
    "letters": "SELECT l.* FROM letter l WHERE l.customer_id = %s::bigint ORDER BY l.id",
    "consents": "SELECT * FROM letter_consent WHERE customer_id = %s::bigint ORDER BY channel, kind",
    "credit": "SELECT id, kind, currency FROM credit_account WHERE customer_id = %s::bigint ORDER BY id",
    "events": "SELECT e.kind, e.order_id, e.at, e.actor, e.facts FROM event e"
    f" WHERE e.order_id IN ({OF_ORDERS}) ORDER BY e.id",
}
