"""Orders that nobody moves on: ready and not released, paid and without stock to come."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions._answers import only, order_of
from orderwright.exceptions.kinds import Asked, Choice, Kind, Stands
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.fill_backorders import fill_backorders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.orders.moving import Wanted


def _release(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"released": only(release_orders([Release(order_of(one))], actor=actor)).units}


def _fill(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    """Older orders that wait for the same SKUs come first."""
    skus = [sku_id for (sku_id,) in sql.rows(SKUS_WAITED_FOR, [order_of(one)])]
    filled = fill_backorders(skus, actor=actor)
    return {"filled": sum(done.units for done in filled if done.order_id == one.order_id)}


def _cancel_backordered(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    """Of a kit, as many as wait for any of their parts."""
    lines = [Wanted(position, kits) for position, kits in sql.rows(LINES_WAITING, [order_of(one)])]
    canceled = cancel_orders([Cancel(order_of(one), asked.reason or "out_of_stock", lines)], actor=actor)
    return {"canceled": only(canceled).units}


# Since when: what happened last to the order, but for notes, tags and where its packages are.  What waits for stock
# beside what is packed already counts too.
NOT_RELEASED = """
    SELECT o.number AS subject, o.id AS order_id, last.at AS since,
           jsonb_build_object('order', o.number, 'units', kept.units) AS facts
      FROM order_summary s
      JOIN orders o ON o.id = s.order_id
     CROSS JOIN LATERAL (SELECT sum(k.reserved)::bigint AS units
                           FROM order_line l JOIN line_sheet k ON k.holder_id = l.id
                          WHERE l.order_id = s.order_id AND k.reserved > 0) kept
     CROSS JOIN LATERAL (SELECT e.at FROM event e
                          WHERE e.order_id = s.order_id AND split_part(e.kind, '.', 1) NOT IN ('package', 'promise')
                            AND e.kind NOT IN ('order.noted', 'order.tagged', 'order.untagged')
                          ORDER BY e.place_in_order DESC LIMIT 1) last
     WHERE s.status IN ('ready', 'partly_shipped') AND s.placed_at <= %(before)s::timestamptz AND s.holds = 0
       AND s.total_minor - s.captured_minor + s.refunded_minor <= s.secured_minor
       AND kept.units > 0 AND last.at <= %(before)s::timestamptz
       AND NOT EXISTS (SELECT FROM scheduled_release r WHERE r.order_id = o.id AND r.release_at > %(now)s::timestamptz)
"""

# The partial index of sheets with waiting units keeps this small.  Since when: the order began to wait, was paid, or
# the last expectation was closed.
PAID_WITHOUT_STOCK = """
    SELECT o.number AS subject, o.id AS order_id, began.at AS since,
           jsonb_build_object('order', o.number, 'units', w.units, 'skus', w.skus) AS facts
      FROM (SELECT l.order_id, sum(k.backordered)::bigint AS units,
                   string_agg(DISTINCT u.code, ', ' ORDER BY u.code) AS skus, array_agg(DISTINCT l.sku_id) AS sku_ids
              FROM line_sheet k
              JOIN order_line l ON l.id = k.holder_id
              JOIN sku u ON u.id = l.sku_id
             WHERE k.backordered > 0
               AND NOT EXISTS (SELECT FROM expectation e WHERE e.sku_id = l.sku_id AND e.closed_at IS NULL
                                                           AND e.quantity > e.received + e.lost)
             GROUP BY l.order_id) w
      JOIN orders o ON o.id = w.order_id
      JOIN order_summary s ON s.order_id = w.order_id
     CROSS JOIN LATERAL (SELECT greatest(
               (SELECT e.at FROM event e
                 WHERE e.order_id = o.id AND e.kind IN ('order.placed', 'order.confirmed', 'order.sent_again',
                                                        'order.reallocated')
                 ORDER BY e.place_in_order DESC LIMIT 1),
               (SELECT max(e.closed_at) FROM expectation e WHERE e.sku_id = ANY (w.sku_ids))) AS at) began
     WHERE o.placed_at <= %(before)s::timestamptz AND began.at <= %(before)s::timestamptz
       AND s.total_minor - s.captured_minor + s.refunded_minor <= s.secured_minor
"""

SKUS_WAITED_FOR = """
    SELECT DISTINCT l.sku_id
      FROM order_line l JOIN line_sheet k ON k.holder_id = l.id
     WHERE l.order_id = %s::bigint AND k.backordered > 0
     ORDER BY l.sku_id
"""

LINES_WAITING = """
    SELECT whole.position,
           max((k.backordered * whole.quantity + l.quantity - 1) / l.quantity)::bigint
      FROM order_line l
      JOIN line_sheet k ON k.holder_id = l.id
      JOIN order_line whole ON whole.id = coalesce(l.parent_id, l.id)
     WHERE l.order_id = %s::bigint AND k.backordered > 0
     GROUP BY whole.position
     ORDER BY whole.position
"""

KINDS = (
    Kind(
        code="not_released",
        about="order",
        cause=_("Order {order} could go to the warehouse, with {units} units, and nobody has released it."),
        next_step=_("Release it, or put a hold on it that says why it waits."),
        hours=24,
        find=NOT_RELEASED,
        choices=(Choice("release", _("Release it now."), "flows.release_orders", _release),),
    ),
    Kind(
        code="paid_without_stock",
        about="order",
        cause=_("Order {order} is paid for and waits for {units} units of {skus}, of which nothing is expected."),
        next_step=_("Order them, or cancel what waits; the money goes back."),
        hours=24,
        find=PAID_WITHOUT_STOCK,
        choices=(
            Choice("fill", _("Keep for it what there is by now."), "flows.fill_backorders", _fill),
            Choice("cancel", _("Cancel the units that wait."), "flows.cancel_orders", _cancel_backordered),
        ),
    ),
)
