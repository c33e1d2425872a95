"""The report of a play: what became of its orders, counted in the database of the play."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from orderwright.flows.audit import audit
from orderwright.kernel import sql

Facts = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """Figures by name, in groups; `clean` says whether the audit found nothing."""

    facts: Facts = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.facts["audit"]["wrong"]

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        said = []
        for group, figures in self.facts.items():
            said.append(group.replace("_", " ").capitalize())
            said += [f"  {name.replace('_', ' '):<34}{_text(figure):>14}" for name, figure in _flat(figures)]
        return said


def report(until: datetime, *, seconds: float, days: int, stopped: bool, timed: Mapping[str, float]) -> Report:
    """Count what is there now; `until` is the last moment that was played, `timed` how long each step took."""
    return Report(
        {
            "played": {
                "until": until.isoformat(timespec="minutes"),
                "days": days,
                "stopped": stopped,
                "seconds": round(seconds, 1),
            },
            "orders": _one(ORDERS),
            "stock": _one(STOCK) | _one(BACKORDERS, {"until": until}),
            "promises": _one(PROMISES),
            "fulfilment": _one(FULFILMENT) | {"rejected_for": _counted(REJECTIONS)},
            "packages": _one(PACKAGES),
            "letters": _counted(LETTERS),
            "webhooks": _counted(WEBHOOKS),
            "exceptions": {
                "appeared": _counted(APPEARED),
                "cleared": _counted(CLEARED),
                "standing": _counted(STANDING),
            },
            "audit": _audited(),
            "seconds_of": {name: round(took, 1) for name, took in sorted(timed.items(), key=lambda one: -one[1])},
        }
    )


def _one(statement: str, parameters: Mapping[str, Any] | None = None) -> Facts:
    """The one row of a query as figures."""
    facts: Facts = msgspec.json.decode(
        sql.value(f"SELECT to_jsonb(found)::text FROM ({statement}) found", dict(parameters or {}))
    )
    return facts


def _counted(statement: str) -> Facts:
    return {str(name): int(count) for name, count in sql.rows(statement)}


def _audited() -> Facts:
    found = audit()
    return {
        "checks": len(found),
        "wrong": {one.check.name: one.wrong for one in found if one.wrong},
        "seconds": round(sum(one.seconds for one in found), 1),
    }


def _flat(figures: Facts, before: str = "") -> list[tuple[str, object]]:
    flat: list[tuple[str, object]] = []
    for name, figure in figures.items():
        if isinstance(figure, dict):
            flat += _flat(figure, f"{before}{name}: ") if figure else [(f"{before}{name}", "none")]
        else:
            flat.append((f"{before}{name}", figure))
    return flat


def _text(figure: object) -> str:
    if isinstance(figure, bool) or figure is None:
        return {True: "yes", False: "no", None: "-"}[figure]
    if isinstance(figure, int):
        return f"{figure:,}"
    return f"{figure:.2f}" if isinstance(figure, float) else str(figure)


ORDERS = """
    SELECT count(*) AS orders,
           (SELECT count(*) FROM order_line WHERE parent_id IS NULL) AS lines,
           sum(units)::bigint AS units,
           count(*) FILTER (WHERE fulfilment = 'delivered') AS delivered,
           count(*) FILTER (WHERE fulfilment NOT IN ('delivered', 'returned', 'canceled')) AS under_way
      FROM order_summary
"""

# Units that were kept for an order when it was placed, of all that were asked for.
STOCK = """
    SELECT round(sum(amount) FILTER (WHERE target = 'reserved') / nullif(sum(amount), 0), 4) AS fill_rate,
           coalesce(sum(amount) FILTER (WHERE target = 'backordered'), 0)::bigint AS units_backordered
      FROM line_entry
     WHERE source = 'asked'
"""

# Each unit that waited counts from when it was put on backorder until it was filled or canceled, or is counted now.
BACKORDERS = """
    SELECT round((sum(CASE WHEN e.target = 'backordered' THEN -e.amount ELSE e.amount END * t.seconds)
                  + sum(CASE WHEN e.target = 'backordered' THEN e.amount ELSE -e.amount END)
                    * extract(epoch FROM %(until)s::timestamptz))
                 / nullif(sum(e.amount) FILTER (WHERE e.target = 'backordered'), 0) / 86400, 2) AS mean_backorder_days
      FROM line_entry e
      JOIN event v ON v.id = e.event_id
     CROSS JOIN LATERAL (SELECT extract(epoch FROM v.at) AS seconds) t
     WHERE 'backordered' IN (e.source, e.target)
"""

PROMISES = """
    SELECT count(*) FILTER (WHERE kind = 'promise.kept') AS kept,
           count(*) FILTER (WHERE kind = 'promise.missed') AS missed,
           count(*) FILTER (WHERE kind = 'promise.changed') AS changed,
           round(count(*) FILTER (WHERE kind = 'promise.kept')::numeric
                 / nullif(count(*) FILTER (WHERE kind IN ('promise.kept', 'promise.missed')), 0), 4) AS on_time_share
      FROM event
     WHERE kind IN ('promise.kept', 'promise.missed', 'promise.changed')
"""

FULFILMENT = """
    SELECT count(*) AS orders_shipped, sum(shipments)::bigint AS shipments,
           round(count(*) FILTER (WHERE shipments > 1)::numeric / nullif(count(*), 0), 4) AS split_rate
      FROM (SELECT order_id, count(*) AS shipments FROM shipment WHERE state = 'shipped' GROUP BY order_id) s
"""

REJECTIONS = (
    "SELECT reason, count(DISTINCT fulfilment_line_id) FROM fulfilment_rejection GROUP BY reason ORDER BY reason"
)

PACKAGES = """
    SELECT count(*) AS packages,
           count(*) FILTER (WHERE late) AS late,
           count(*) FILTER (WHERE attempted) AS failed_attempts,
           count(*) FILTER (WHERE lost) AS lost,
           count(*) FILTER (WHERE returned) AS returned
      FROM (SELECT p.id, bool_or(s.stage = 'delayed') AS late, bool_or(s.stage = 'attempt_failed') AS attempted,
                   bool_or(s.stage = 'lost') AS lost, bool_or(s.stage = 'returned') AS returned
              FROM package p
              JOIN shipment h ON h.id = p.shipment_id AND h.state = 'shipped'
              LEFT JOIN scan s ON s.package_id = p.id
             GROUP BY p.id) found
"""

LETTERS = "SELECT facts ->> 'kind', count(*) FROM event WHERE kind = 'letter.sent' GROUP BY 1 ORDER BY 1"
WEBHOOKS = "SELECT state, count(*) FROM webhook_delivery GROUP BY 1 ORDER BY 1"
APPEARED = "SELECT kind, count(*) FROM exception GROUP BY 1 ORDER BY 1"
CLEARED = "SELECT kind, count(*) FROM exception WHERE cleared_at IS NOT NULL GROUP BY 1 ORDER BY 1"
STANDING = "SELECT kind, count(*) FROM exception WHERE cleared_at IS NULL GROUP BY 1 ORDER BY 1"
