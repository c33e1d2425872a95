"""Reading credits: gift cards, a customer's credit, and what happened to one."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from orderwright.credits import codes
from orderwright.kernel import clock, sql
from orderwright.kernel.errors import NotFound


class Credit(NamedTuple):
    """An account with where its money is, in minor units."""

    id: int
    kind: str
    currency: str
    customer_id: int | None
    last_four: str
    expires_on: date | None
    disabled_at: datetime | None
    created_at: datetime
    available: int
    held: int
    spent: int

    @property
    def issued(self) -> int:
        """What there is and was of it, but for what was taken back."""
        return self.available + self.held + self.spent

    @property
    def state(self) -> str:
        """active, empty, expired or disabled."""
        if self.disabled_at is not None:
            return "disabled"
        if self.expires_on is not None and self.expires_on < clock.now().date():
            return "expired"
        return "active" if self.available or self.held else "empty"


class Moved(NamedTuple):
    """Some money of an account moved."""

    event_id: int
    kind: str  # of the event
    at: datetime
    actor: str
    source: str
    target: str
    amount_minor: int
    order: str | None  # its number
    reason: str


def cards(*, last_four: str = "", before: int | None = None, limit: int) -> list[Credit]:
    """Gift cards, the newest first; `before` goes on behind one."""
    where = "a.kind = 'gift_card' AND (%s::text = '' OR a.last_four = %s::text) AND a.id < %s::bigint"
    four = last_four.replace("\x00", "").upper()
    return _read(where + ORDER, [four, four, before if before is not None else 2**62, limit])


def card(account: int) -> Credit:
    return _one(_read("a.kind = 'gift_card' AND a.id = %s::bigint" + ORDER, [account, 1]), account)


def card_of(typed: str) -> Credit | None:
    """The gift card with the code that somebody typed."""
    code = codes.read(typed)
    if code is None:
        return None
    found = _read("a.digest = %s::bytea" + ORDER, [codes.digest(code), 1])
    return found[0] if found else None


def credits_of(customers: Collection[int]) -> dict[int, list[Credit]]:
    """What customers have to their credit, by currency: one statement for any number of them."""
    found: dict[int, list[Credit]] = {customer: [] for customer in customers}
    for one in _read("a.customer_id = ANY (%s::bigint[]) ORDER BY a.currency", [sql.ints(sorted(found))]):
        assert one.customer_id is not None
        found[one.customer_id].append(one)
    return found


def history(account: int, *, limit: int = 200) -> list[Moved]:
    """What happened to the money of an account, the newest first."""
    return [Moved(*row) for row in sql.rows(HISTORY, [account, limit])]


def _read(where: str, parameters: list[Any]) -> list[Credit]:
    return [Credit(*row) for row in sql.rows(CREDITS.format(where=where), parameters)]


def _one(found: list[Credit], account: int) -> Credit:
    if not found:
        raise NotFound(thing="gift card", name=account)
    return found[0]


ORDER = " ORDER BY a.id DESC LIMIT %s::bigint"

CREDITS = """
    SELECT a.id, a.kind, a.currency, a.customer_id, a.last_four, a.expires_on, a.disabled_at, a.created_at,
           coalesce(s.available, 0), coalesce(s.held, 0), coalesce(s.spent, 0)
      FROM credit_account a
      LEFT JOIN credit_sheet s ON s.holder_id = a.id AND s.place_id = 0
     WHERE {where}
"""

HISTORY = """
    SELECT v.id, v.kind, v.at, v.actor, e.source, e.target, e.amount, o.number, coalesce(v.facts->>'reason', '')
      FROM credit_entry e
      JOIN event v ON v.id = e.event_id
      LEFT JOIN orders o ON o.id = (v.facts->>'order')::bigint
     WHERE e.holder_id = %s::bigint
     ORDER BY e.id DESC
     LIMIT %s::bigint
"""
