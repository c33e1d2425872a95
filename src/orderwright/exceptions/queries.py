"""Reading exceptions: lists, one, and how many there are of each kind."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.kinds import Stands
from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound
from orderwright.kernel.money import write


class Filters(NamedTuple):
    """What is asked for; what is None is not looked at.  An empty owner: those that nobody cares for."""

    kinds: Collection[str] = ()
    owner: str | None = None
    order: str | None = None
    since_before: datetime | None = None
    cleared: bool = False


class Counted(NamedTuple):
    """How many exceptions of a kind stand, since when the oldest, and how many of them nobody cares for."""

    kind: str
    standing: int
    oldest_since: datetime | None
    without_owner: int


def listed(filters: Filters, *, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[Stands]:
    """The exceptions that stand, the longest standing first; or those that cleared, in the order in which they did."""
    age = "x.cleared_at" if filters.cleared else "x.since"
    conditions = ["x.cleared_at IS NOT NULL" if filters.cleared else "x.cleared_at IS NULL"]
    parameters: dict[str, object] = {"limit": limit}
    if filters.kinds:
        conditions.append("x.kind = ANY (%(kinds)s::text[])")
        parameters["kinds"] = sql.texts(filters.kinds)
    if filters.owner is not None:
        conditions.append("x.owner = %(owner)s::text")
        parameters["owner"] = filters.owner
    if filters.order is not None:
        conditions.append("x.order_id = (SELECT id FROM orders WHERE number = %(order)s::text)")
        parameters["order"] = filters.order
    if filters.since_before is not None:
        conditions.append("x.since < %(since_before)s::timestamptz")
        parameters["since_before"] = filters.since_before
    if after is not None:
        conditions.append(f"({age}, x.id) > (%(after_at)s::timestamptz, %(after_id)s::bigint)")
        parameters |= {"after_at": after[0], "after_id": after[1]}
    order = f"{' AND '.join(conditions)} ORDER BY {age}, x.id LIMIT %(limit)s::bigint"
    return [_seen(row) for row in sql.rows(SEEN.format(conditions=order), parameters)]


def one(exception_id: int) -> Stands:
    """One exception, whether it stands or cleared; raises `NotFound`."""
    found = sql.rows(SEEN.format(conditions="x.id = %s::bigint"), [exception_id])
    if not found:
        raise NotFound(thing="exception", name=exception_id)
    return _seen(found[0])


def these(ids: Collection[int]) -> list[Stands]:
    """The exceptions with these ids."""
    return [_seen(row) for row in sql.rows(SEEN.format(conditions="x.id = ANY (%s::bigint[])"), [sql.ints(ids)])]


def owners() -> list[str]:
    """Those who care for something that stands, by name."""
    return [owner for (owner,) in sql.rows(OWNERS)]


def counts() -> list[Counted]:
    """Of each kind, in the order of the table."""
    found = {row[0]: Counted(*row) for row in sql.rows(COUNTS)}
    return [found.get(kind, Counted(kind, 0, None, 0)) for kind in KINDS]


def standing(most: int) -> int:
    """How many stand, counted to a bound: `most` + 1 are more than that; one look at an index."""
    return int(sql.value(STANDING, [most + 1]))


def cause(stands: Stands) -> str:
    """What is wrong, in a sentence."""
    facts = dict(stands.facts)
    if "amount_minor" in facts:
        facts["amount"] = f"{write(int(facts['amount_minor']), str(facts['currency']))} {facts['currency']}"
    return str(KINDS[stands.kind].cause).format(**facts)


def _seen(row: Sequence[Any]) -> Stands:
    return Stands._make((*row[:8], msgspec.json.decode(row[8]), *row[9:]))


SEEN = """
    SELECT x.id, x.kind, x.subject, x.order_id, o.number, x.since, x.appeared_at, x.cleared_at, x.facts::text, x.owner,
           x.note, x.version
      FROM exception x
      LEFT JOIN orders o ON o.id = x.order_id
     WHERE {conditions}
"""

OWNERS = "SELECT DISTINCT owner FROM exception WHERE cleared_at IS NULL AND owner <> '' ORDER BY owner"

COUNTS = """
    SELECT kind, count(*)::int, min(since), (count(*) FILTER (WHERE owner = ''))::int
      FROM exception
     WHERE cleared_at IS NULL
     GROUP BY kind
"""

STANDING = "SELECT count(*)::int FROM (SELECT FROM exception WHERE cleared_at IS NULL LIMIT %s::bigint) x"
