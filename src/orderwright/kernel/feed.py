"""The feed: every event once, in an order that never changes, readable from any point.

An id is taken at insert and seen at commit, so a reader that remembers "last id 8" can miss 7 for ever.  So the feed
is read in (epoch, transaction, id) order and stops below the oldest transaction still open: what is returned can
never be preceded by what comes later.  A long write transaction delays the feed; nothing makes it skip.

The cursor that others hold is opaque.  The epoch in it survives a restore: transaction numbers of another server may
start again lower, so a restored database begins a new epoch (`begin_epoch`), and all that was restored comes before.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal

START = ""


class BadCursor(Refusal):
    code = "bad_cursor"
    status = 422
    sentence = _("{cursor} is not a cursor that this feed gave out.")


class Told(NamedTuple):
    """An event as a reader sees it, with the cursor that stands behind it."""

    cursor: str
    id: int
    kind: str
    version: int
    order_id: int | None
    place_in_order: int | None
    actor: str
    facts: dict[str, Any]
    at: datetime
    recorded_at: datetime


def read(
    after: str = START,
    *,
    limit: int = 100,
    kinds: Collection[str] = (),
    order_id: int | None = None,
) -> list[Told]:
    """The next events behind the cursor `after`, at most `limit`; of these kinds, or of this order, where given.

    A kind may end in `.*` to take in all of a noun: `order.*`.
    """
    epoch, xact, id_ = position(after)
    exact = [kind for kind in kinds if not kind.endswith(".*")]
    nouns = [kind[:-1] for kind in kinds if kind.endswith(".*")]
    conditions = ""
    parameters: list[Any] = [epoch, xact, id_]
    if kinds:
        conditions += " AND (kind = ANY (%s::text[]) OR split_part(kind, '.', 1) || '.' = ANY (%s::text[]))"
        parameters += [sql.texts(exact), sql.texts(nouns)]
    if order_id is not None:
        conditions += " AND order_id = %s"
        parameters.append(order_id)
    found = sql.rows(READ.format(conditions=conditions), [*parameters, limit])
    return [
        Told(f"{epoch}.{xact}.{id_}", id_, kind, version, order, place, actor, _facts(facts), at, recorded_at)
        for epoch, xact, id_, kind, version, order, place, actor, facts, at, recorded_at in found
    ]


def end() -> str:
    """The cursor behind the last event that can be read now: what comes later is new."""
    found = sql.rows(END)
    return "{}.{}.{}".format(*found[0]) if found else START


def behind(cursors: Iterable[str]) -> str:
    """The cursor among these that stands furthest on."""
    return max(cursors, key=position)


def begin_epoch(at_least: int = 1) -> int:
    """Begin a new epoch in a database that was restored; answers its number, which is not below `at_least`."""
    epoch = int(sql.value("SELECT greatest(coalesce(max(epoch), 0) + 1, %s::int) FROM event", [at_least]))
    sql.run(f"ALTER TABLE event ALTER COLUMN epoch SET DEFAULT {epoch}")
    return epoch


def lag_seconds() -> float:
    """How long the oldest event that cannot be read yet has been waiting."""
    return float(sql.value(LAG))


def _facts(found: Any) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.json.decode(found) if isinstance(found, str | bytes) else found
    return facts


def position(cursor: str) -> tuple[int, int, int]:
    """A cursor as numbers that can be compared: epoch, transaction, id.  Refused where this feed gave out no such."""
    if cursor == START:
        return 0, 0, 0
    parts = cursor.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadCursor(cursor=cursor[:80])
    if int(parts[0]) > 32767:
        raise BadCursor(cursor=cursor[:80])
    return int(parts[0]), int(parts[1]), int(parts[2])


# Events of an earlier epoch were all committed before the restore.
READ = """
    SELECT epoch, xact, id, kind, version, order_id, place_in_order, actor, facts, at, recorded_at
      FROM event
     WHERE (epoch, xact, id) > (%s, %s, %s)
       AND (epoch < (SELECT max(epoch) FROM event) OR xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
       {conditions}
     ORDER BY epoch, xact, id
     LIMIT %s
"""

END = """
    SELECT epoch, xact, id
      FROM event
     WHERE epoch < (SELECT max(epoch) FROM event) OR xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
     ORDER BY epoch DESC, xact DESC, id DESC
     LIMIT 1
"""

LAG = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)
      FROM event
     WHERE epoch = (SELECT max(epoch) FROM event) AND xact >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""
