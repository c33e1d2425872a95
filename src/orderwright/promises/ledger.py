"""The ledger: promises that stand are read, new ones written behind them, and what came is compared with them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import sql
from orderwright.promises.dating import Dated, words


class Stands(NamedTuple):
    """The promise of a line that stands, and the day by which it was promised first."""

    id: int
    order_id: int
    line_id: int
    ship_on: date | None
    deliver_on: date | None
    reason: str
    came_on: date | None
    first_deliver_on: date | None
    location: int | None
    renewed: int  # how many times, with nothing new known


class New(NamedTuple):
    """What is promised of a line from now on."""

    order_id: int
    line_id: int
    position: int
    sku: str
    dated: Dated
    option: str
    country: str
    before: Stands | None

    def facts(self) -> dict[str, Any]:
        """As an event tells it: dates, a word for the reason, and the reason in a sentence."""
        told: dict[str, Any] = {"line": self.position, "sku": self.sku}
        if self.before:
            told |= {"was_ship_on": _day(self.before.ship_on), "was_deliver_on": _day(self.before.deliver_on)}
        facts: dict[str, Any] = self.dated.facts()
        return told | {
            "ship_on": _day(self.dated.ship_on),
            "deliver_on": _day(self.dated.deliver_on),
            "reason": self.dated.reason.value,
            "words": words(self.dated.reason, facts["parts"]),
            **facts,
        }

    @property
    def later(self) -> bool:
        """Whether it is later than what was promised before, or not known any more.

        Where nobody could say before, it counts against what was promised first.
        """
        if self.before is None:
            return False
        was = self.before.deliver_on or self.before.ship_on or self.before.first_deliver_on
        now = self.dated.deliver_on or self.dated.ship_on
        return was is not None and (now is None or now > was)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def standing(order_ids: Collection[int]) -> dict[int, Stands]:
    """The promises of these orders that stand, by line; one statement."""
    return {row[2]: Stands(*row) for row in sql.rows(STANDING, [sql.ints(sorted(order_ids))])}


def write(new: Sequence[New], ended: Collection[int], at: datetime) -> None:
    """Write promises behind those that stand; `ended` are promises of lines of which nothing is left to promise."""
    over = [one.before.id for one in new if one.before] + list(ended)
    if over:
        sql.run(SUPERSEDE, [at, sql.ints(over)])
    if new:
        sql.run(
            WRITE,
            [
                at,
                sql.ints(one.order_id for one in new),
                sql.ints(one.line_id for one in new),
                sql.texts(_day(one.dated.ship_on) for one in new),
                sql.texts(_day(one.dated.deliver_on) for one in new),
                sql.texts(one.dated.reason.value for one in new),
                sql.texts(msgspec.json.encode(one.dated.facts()).decode() for one in new),
                sql.ints(one.dated.location for one in new),
                sql.texts(one.option for one in new),
                sql.texts(one.country for one in new),
            ],
        )


def settle(came: Mapping[int, date]) -> None:
    """Compare all that was promised of these lines with the day on which they came."""
    if came:
        sql.run(SETTLE, [sql.ints(came), sql.texts(day.isoformat() for day in came.values())])


def end_canceled(order_ids: Collection[int], at: datetime) -> None:
    """Promises of lines of which everything was canceled end in the same moment."""
    sql.run(END_CANCELED, [at, sql.ints(order_ids)])


STANDING = """
    SELECT p.id, p.order_id, p.line_id, p.ship_on, p.deliver_on, p.reason, p.came_on,
           (SELECT f.deliver_on FROM promise f
             WHERE f.line_id = p.line_id AND f.deliver_on IS NOT NULL ORDER BY f.id LIMIT 1),
           p.location_id, coalesce((p.facts ->> 'renewed')::int, 0)
      FROM promise p
     WHERE p.order_id = ANY (%s::bigint[]) AND p.superseded_at IS NULL
"""

SUPERSEDE = "UPDATE promise SET superseded_at = %s::timestamptz WHERE id = ANY (%s::bigint[])"

WRITE = """
    INSERT INTO promise (made_at, order_id, line_id, ship_on, deliver_on, reason, facts, location_id, option, country)
    SELECT %s::timestamptz, order_id, line_id, ship_on, deliver_on, reason, facts::jsonb, location_id, option, country
      FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::text[], %s::text[], %s::bigint[], %s::text[],
                  %s::text[]) WITH ORDINALITY
           AS n(order_id, line_id, ship_on, deliver_on, reason, facts, location_id, option, country, ordinal)
     ORDER BY ordinal
"""

SETTLE = """
    UPDATE promise p SET came_on = c.came_on, days_late = c.came_on - p.deliver_on
      FROM unnest(%s::bigint[], %s::date[]) AS c(line_id, came_on)
     WHERE p.line_id = c.line_id
"""

# What came back counts here as little as what was canceled.
END_CANCELED = """
    UPDATE promise p SET superseded_at = %s::timestamptz
     WHERE p.order_id = ANY (%s::bigint[]) AND p.superseded_at IS NULL AND p.came_on IS NULL
       AND NOT EXISTS (
           SELECT FROM order_line l JOIN line_sheet s ON s.holder_id = l.id
            WHERE l.order_id = p.order_id AND (l.id = p.line_id OR l.parent_id = p.line_id)
              AND s.open + s.backordered + s.reserved + s.released + s.shipped + s.lost + s.delivered > 0)
"""
