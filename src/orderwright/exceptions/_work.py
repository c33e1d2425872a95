"""Work that a location has and does not do: not accepted, not packed, late, or to be given back."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions._answers import only, order_of
from orderwright.exceptions.kinds import Asked, Choice, Kind, Stands
from orderwright.flows.release_orders import TakeBack, take_back_orders
from orderwright.kernel.actors import Actor


def _take_back(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"taken_back": only(take_back_orders([TakeBack(order_of(one))], actor=actor)).units}


# A fulfilment order that nothing stops: no hold stands on it or on its order, and it is not called back.
FREE = """
       AND NOT EXISTS (SELECT FROM order_hold h WHERE h.order_id = f.order_id AND h.lifted_at IS NULL)
       AND NOT EXISTS (SELECT FROM fulfilment_hold h WHERE h.fulfilment_order_id = f.id AND h.lifted_at IS NULL)
       AND NOT EXISTS (SELECT FROM fulfilment_recall r WHERE r.fulfilment_order_id = f.id AND r.answer IS NULL)
"""

NOT_ACCEPTED = f"""
    SELECT f.name AS subject, f.order_id, f.released_at AS since,
           jsonb_build_object('order', o.number, 'fulfilment_order', f.name, 'location', p.code,
                              'ship_on', f.ship_on) AS facts
      FROM fulfilment_order f
      JOIN orders o ON o.id = f.order_id
      JOIN location p ON p.id = f.location_id
     WHERE f.closed_at IS NULL AND f.state = 'offered' AND f.released_at <= %(before)s::timestamptz {FREE}
"""

# The day ends by the location's own clock.
OF_THE_DAY = """
      FROM fulfilment_order f
      JOIN orders o ON o.id = f.order_id
      JOIN location p ON p.id = f.location_id
     CROSS JOIN LATERAL (SELECT (f.ship_on + 1)::timestamp AT TIME ZONE p.time_zone AS ends) day
     CROSS JOIN LATERAL (SELECT coalesce(sum(w.open), 0)::bigint AS open, coalesce(sum(w.packed), 0)::bigint AS packed
                           FROM fulfilment_line l JOIN work_sheet w ON w.holder_id = l.id
                          WHERE l.fulfilment_order_id = f.id) work
"""

NOT_PACKED = f"""
    SELECT f.name AS subject, f.order_id, day.ends - (%(ahead)s::timestamptz - %(now)s::timestamptz) AS since,
           jsonb_build_object('order', o.number, 'fulfilment_order', f.name, 'location', p.code,
                              'ship_on', f.ship_on, 'units', work.open) AS facts
    {OF_THE_DAY}
     WHERE f.closed_at IS NULL AND f.state = 'accepted' AND work.open > 0
       AND day.ends <= %(ahead)s::timestamptz AND day.ends > %(now)s::timestamptz {FREE}
"""

LATE_TO_LEAVE = f"""
    SELECT f.name AS subject, f.order_id, day.ends AS since,
           jsonb_build_object('order', o.number, 'fulfilment_order', f.name, 'location', p.code,
                              'ship_on', f.ship_on, 'units', work.open + work.packed, 'state', f.state) AS facts
    {OF_THE_DAY}
     WHERE f.closed_at IS NULL AND day.ends <= %(before)s::timestamptz AND work.open + work.packed > 0 {FREE}
"""

RECALL_UNANSWERED = """
    SELECT f.name AS subject, f.order_id, r.asked_at AS since,
           jsonb_build_object('order', o.number, 'fulfilment_order', f.name, 'location', p.code,
                              'reason', r.reason) AS facts
      FROM fulfilment_recall r
      JOIN fulfilment_order f ON f.id = r.fulfilment_order_id
      JOIN orders o ON o.id = f.order_id
      JOIN location p ON p.id = f.location_id
     WHERE r.answer IS NULL AND r.asked_at <= %(before)s::timestamptz
"""

TAKE_BACK = Choice(
    "take_back", _("Take it back from the location; it can be released again."), "flows.release_orders", _take_back
)

KINDS = (
    Kind(
        code="not_accepted",
        about="fulfilment order",
        cause=_("{location} was asked to do {fulfilment_order} by {ship_on}, and has not answered."),
        next_step=_("Ask the location; accept it in its name, or give the work to another."),
        hours=24,
        find=NOT_ACCEPTED,
        choices=(TAKE_BACK,),
    ),
    Kind(
        code="not_packed",
        about="fulfilment order",
        cause=_("{fulfilment_order} is to leave {location} on {ship_on}, and {units} units are not packed yet."),
        next_step=_("Have it packed now, or give it to another location, before the day is over."),
        hours=6,
        is_ahead=True,
        find=NOT_PACKED,
        choices=(TAKE_BACK,),
    ),
    Kind(
        code="late_to_leave",
        about="fulfilment order",
        cause=_("{fulfilment_order} was to leave {location} on {ship_on}; {units} units are still there."),
        next_step=_("Have it leave at once, or give it to another location, and tell the customer."),
        hours=0,
        find=LATE_TO_LEAVE,
        choices=(TAKE_BACK,),
    ),
    Kind(
        code="recall_unanswered",
        about="fulfilment order",
        cause=_("{location} was asked to give {fulfilment_order} back ({reason}), and has not answered."),
        next_step=_("Ask the location whether it has left; answer in its name."),
        hours=4,
        find=RECALL_UNANSWERED,
    ),
)
