"""Work that a location has and does not do: not accepted, not packed, late, or to be given back."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions._answers import only, order_of
from orderwright.exceptions.kinds import Asked, Choice, Kind, Repair, Stands, need
from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.answer_recalls import AnswerRecall, answer_recalls
from orderwright.flows.move_fulfilment import Move, move_fulfilment
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import TakeBack, take_back_orders
from orderwright.kernel.actors import Actor


def _take_back(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"taken_back": only(take_back_orders([TakeBack(order_of(one))], actor=actor)).units}


def _accept(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"accepted": only(accept_fulfilment([Accept(one.subject)], actor=actor)).units}


def _source_anew(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    """As if the location itself had said no."""
    anew = only(reject_fulfilment([Reject(one.subject, asked.reason or "capacity")], actor=actor))
    return {"kept": anew.kept, "backordered": anew.backordered, "fulfilment_orders": anew.fulfilment_orders}


def _move(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    moved = only(move_fulfilment([Move(one.subject, need(asked, "location"))], actor=actor))
    return {"moved": moved.units, "fulfilment_order": moved.fulfilment_order}


def _answer(answer: str) -> Repair:
    def tell(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
        return {"canceled": only(answer_recalls([AnswerRecall(one.subject, answer)], actor=actor)).units}

    return tell


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
ACCEPT = Choice("accept", _("Accept it in the location's name."), "flows.accept_fulfilment", _accept)
ANEW = Choice("source_anew", _("Find another location for it."), "flows.reject_fulfilment", _source_anew)
MOVE = Choice("move", _("Give it to this location."), "flows.move_fulfilment", _move, needs=("location",))
GIVEN_BACK = Choice("accept", _("The location gives it back."), "flows.answer_recalls", _answer("accepted"))
NOT_GIVEN_BACK = Choice("refuse", _("The location does not give it back."), "flows.answer_recalls", _answer("refused"))

KINDS = (
    Kind(
        code="not_accepted",
        about="fulfilment order",
        cause=_("{location} was asked to do {fulfilment_order} by {ship_on}, and has not answered."),
        next_step=_("Ask the location; accept it in its name, or give the work to another."),
        hours=24,
        find=NOT_ACCEPTED,
        choices=(ACCEPT, ANEW, MOVE, TAKE_BACK),
    ),
    Kind(
        code="not_packed",
        about="fulfilment order",
        cause=_("{fulfilment_order} is to leave {location} on {ship_on}, and {units} units are not packed yet."),
        next_step=_("Have it packed now, or give it to another location, before the day is over."),
        hours=6,
        is_ahead=True,
        find=NOT_PACKED,
        choices=(MOVE, ANEW, TAKE_BACK),
    ),
    Kind(
        code="late_to_leave",
        about="fulfilment order",
        cause=_("{fulfilment_order} was to leave {location} on {ship_on}; {units} units are still there."),
        next_step=_("Have it leave at once, or give it to another location, and tell the customer."),
        hours=0,
        find=LATE_TO_LEAVE,
        choices=(MOVE, ANEW, TAKE_BACK),
    ),
    Kind(
        code="recall_unanswered",
        about="fulfilment order",
        cause=_("{location} was asked to give {fulfilment_order} back ({reason}), and has not answered."),
        next_step=_("Ask the location whether it has left; answer in its name."),
        hours=4,
        find=RECALL_UNANSWERED,
        choices=(GIVEN_BACK, NOT_GIVEN_BACK),
    ),
)
