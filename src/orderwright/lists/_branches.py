"""By what an order can be found: for each, the orders that an index gives, and how to try it on one order."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orderwright.kernel import sql
from orderwright.lists import _leaving

FEW = 1_500  # so many orders are listed; what more fit is tried on each
MORE = 2_500  # so many lines and packages of orders that are late, to leave, or packed
SHORTEST = 3  # letters that an index of trigrams can find


class Branch(NamedTuple):
    """One way to fit: `finds` gives the ids of orders by an index, `fits` tries one order; both take `value` once."""

    finds: str
    fits: str
    value: Any
    enough: int = 0  # so many are enough for a page: what more fit is neither listed nor counted; 0: `FEW`, and all


def named(field: str, value: str) -> list[Branch]:
    """The orders that have this value in this field."""
    return [Branch(*STATEMENTS[field], _value(field, value))]


def any_of(field: str, values: Sequence[str]) -> list[Branch]:
    """The orders that have one of these values."""
    return [Branch(*STATEMENTS[field], sql.texts(values))]


def leaving(kind: str, now: datetime) -> list[Branch]:
    """The orders of which something should have left, or is to leave; `kind` is one of `_leaving.DAYS`."""
    return [Branch(*_leaving.due(kind), now, MORE)]


def packed() -> list[Branch]:
    """The orders of which something is packed and has not left."""
    return [Branch(*STATEMENTS["packed"], "prepared", MORE)]


def words(given: Sequence[str], *, people: bool) -> list[list[Branch]]:
    """For each word, all that it may be; several without a digit are a name, as people write it.

    Without `people`, none is a name, an e-mail address or a phone number.
    """
    if not given:
        return []
    if not people:
        return [_code(word) for word in given]
    if len(given) == 1:
        return [_word(given[0])]
    return [_word(word) for word in given] if any(map(_is_code, given)) else [_names(given)]


def channel_ids(codes: Sequence[str]) -> list[int]:
    """The ids of these channels."""
    return [id_ for (id_,) in sql.rows("SELECT id FROM channel WHERE code = ANY (%s::text[])", [sql.texts(codes)])]


def _word(word: str) -> list[Branch]:
    found = [*_code(word), *named("email", word)]
    if len(word) >= SHORTEST and not _is_code(word):
        found += named("name", word)
    if sum(letter.isdigit() for letter in word) >= 5:
        found += named("phone", word)
    return found


def _code(word: str) -> list[Branch]:
    return [named(field, word)[0] for field in ("number", "reference", "sku", "tracking")]


def _names(given: Sequence[str]) -> list[Branch]:
    patterns = [f"%{escaped(word)}%" for word in given]
    return [Branch(*STATEMENTS["names"], sql.texts(patterns))]


def _is_code(word: str) -> bool:
    return any(letter.isdigit() or letter == "@" for letter in word)


def _value(field: str, value: str) -> str:
    if field == "name":
        return f"%{escaped(value)}%"
    if field == "phone":
        return f"%{re.sub('[^0-9]', '', value).lstrip('0') or 'none'}%"
    if field == "email":
        return f"{escaped(value.lower())}%"
    return f"{escaped(value)}%" if field in ("number", "postal") else value


def escaped(value: str) -> str:
    """A word in which no letter means any letter to LIKE."""
    return re.sub(r"([%_\\])", r"\\\1", value)


def _of_orders(condition: str) -> tuple[str, str]:
    return (
        f"SELECT o.id FROM orders o WHERE {condition}",
        f"EXISTS (SELECT FROM orders o WHERE o.id = s.order_id AND {condition})",
    )


def _of_customers(condition: str) -> tuple[str, str]:
    return (
        f"SELECT f.order_id FROM customer c JOIN order_summary f ON f.customer_id = c.id WHERE {condition}",
        f"EXISTS (SELECT FROM customer c WHERE c.id = s.customer_id AND {condition})",
    )


def _of_addresses(condition: str) -> tuple[str, str]:
    return (
        f"SELECT o.id FROM address a JOIN orders o ON o.ship_to_id = a.id WHERE {condition}",
        f"EXISTS (SELECT FROM orders o JOIN address a ON a.id = o.ship_to_id WHERE o.id = s.order_id AND {condition})",
    )


STATEMENTS: dict[str, tuple[str, str]] = {
    "number": _of_orders("o.number LIKE %s::text"),
    "reference": (
        "SELECT o.id FROM channel c JOIN orders o ON o.channel_id = c.id AND o.reference = %s::text",
        "EXISTS (SELECT FROM orders o WHERE o.id = s.order_id AND o.reference = %s::text)",
    ),
    "email": _of_customers("c.email LIKE %s::text"),
    "name": _of_customers("c.name ILIKE %s::text"),
    "names": _of_customers("c.name ILIKE ALL (%s::text[])"),
    "phone": _of_customers("c.phone ILIKE %s::text"),
    "sku": (
        "SELECT l.order_id FROM sku k JOIN order_line l ON l.sku_id = k.id WHERE k.code = %s::text",
        "EXISTS (SELECT FROM order_line l JOIN sku k ON k.id = l.sku_id"
        " WHERE l.order_id = s.order_id AND k.code = %s::text)",
    ),
    "tracking": (
        "SELECT h.order_id FROM package p JOIN shipment h ON h.id = p.shipment_id WHERE p.tracking_number = %s::text",
        "EXISTS (SELECT FROM package p JOIN shipment h ON h.id = p.shipment_id"
        " WHERE h.order_id = s.order_id AND p.tracking_number = %s::text)",
    ),
    "city": _of_addresses("lower(a.city) = lower(%s::text)"),
    "postal": _of_addresses("a.postal_code LIKE %s::text"),
    "country": _of_addresses("a.country = ANY (%s::text[])"),
    "tag": (
        "SELECT t.order_id FROM order_tag t WHERE t.tag = ANY (%s::text[])",
        "EXISTS (SELECT FROM order_tag t WHERE t.order_id = s.order_id AND t.tag = ANY (%s::text[]))",
    ),
    "packed": (
        "SELECT h.order_id FROM shipment h WHERE h.state = %s::text",
        "EXISTS (SELECT FROM shipment h WHERE h.order_id = s.order_id AND h.state = %s::text)",
    ),
}

AT_LOCATION = (
    "EXISTS (SELECT FROM order_line l JOIN line_sheet h ON h.holder_id = l.id JOIN location p ON p.id = h.place_id"
    " WHERE l.order_id = s.order_id AND p.code = ANY (%s::text[]))"
)
