"""Parcels that do not come: no label, not handed over, silent, waiting, lost, come back, or nobody's."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions._answers import only, order_of
from orderwright.exceptions.kinds import Asked, Choice, Kind, Repair, Stands, need
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.give_up_packages import GiveUp, give_up_packages
from orderwright.flows.label_packages import Label, Number, label_packages, number_packages
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.kernel.actors import Actor
from orderwright.kernel.money import minor, write
from orderwright.shipping import asking, polling
from orderwright.shipping.packages import packages_of_orders
from orderwright.shipping.stages import Stage


def _ask_again(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    """Its turn is now: the worker looks it up by its key in a moment."""
    return {"asking": asking.hasten([one.subject])}


def _look(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"asking": polling.look_now([one.subject])}


def _look_at_all(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    names = [package.name for package in packages_of_orders([order_of(one)])[order_of(one)]]
    return {"asking": polling.look_now(names)}


def _noted(stage: Stage) -> Repair:
    def note(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
        only(note_scans([Note(one.subject, stage)], actor=actor))
        return {"package": one.subject, "stage": stage.value}

    return note


def _ship(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"shipped": only(confirm_shipments([Confirm(one.subject)], actor=actor)).units}


def _ask_for_label(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"asking": len(only(label_packages([Label(one.subject)], actor=actor)).questions)}


def _unpack(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    shipment = str(one.facts["shipment"])
    return {"shipment": shipment, "unpacked": only(discard_shipments([shipment], actor=actor)).units}


def _send_again(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"sent_again": only(send_again([SendAgain(order_of(one), [one.subject])], actor=actor)).units}


def _give_up(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    given_up = GiveUp(order_of(one), [one.subject], asked.reason or "lost")
    return {"canceled": only(give_up_packages([given_up], actor=actor)).units}


def _refund(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    currency = str(one.facts["currency"])
    amount = minor(need(asked, "amount"), currency)
    refund = Refund(order_of(one), asked.reason or "returned", amount, goodwill=True)
    return {"asked_for": write(only(refund_orders([refund], actor=actor)).amount_minor, currency), "currency": currency}


def _match(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    package, carrier = need(asked, "package"), str(one.facts["carrier"])
    only(number_packages([Number(package, carrier, str(one.facts["tracking_number"]))], actor=actor))
    return {"package": package}


CARRIER_UNKNOWN = """
    SELECT q.id::text AS subject, s.order_id, q.asked_at AS since,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', q.carrier,
                              'verb', q.verb) AS facts
      FROM carrier_question q
      JOIN package p ON p.id = q.package_id
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     WHERE q.ask_again_at IS NOT NULL AND q.asked_at <= %(before)s::timestamptz
"""

# The last that was said of a label for a package that waits to leave, and has no number.
LABEL_REFUSED = """
    SELECT p.name AS subject, s.order_id, q.answered_at AS since,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', q.carrier,
                              'reason', q.reason) AS facts
      FROM shipment s
      JOIN package p ON p.shipment_id = s.id
      JOIN orders o ON o.id = s.order_id
     CROSS JOIN LATERAL (SELECT * FROM carrier_question a
                          WHERE a.package_id = p.id AND a.verb = 'label' ORDER BY a.id DESC LIMIT 1) q
     WHERE s.state = 'prepared' AND p.tracking_number IS NULL
       AND q.answer = 'refused' AND q.answered_at <= %(before)s::timestamptz
"""

NOT_HANDED_OVER = """
    SELECT s.name AS subject, s.order_id, s.prepared_at AS since,
           jsonb_build_object('order', o.number, 'shipment', s.name, 'location', l.code,
                              'packages', (SELECT count(*) FROM package p WHERE p.shipment_id = s.id)) AS facts
      FROM shipment s
      JOIN orders o ON o.id = s.order_id
      JOIN location l ON l.id = s.location_id
     WHERE s.state = 'prepared' AND s.prepared_at <= %(before)s::timestamptz
"""

NUMBER = "coalesce(nullif(concat_ws(' ', nullif(p.carrier, ''), p.tracking_number), ''), 'without a number')"

# Of what has no number nobody will say anything.
PARCEL_SILENT = f"""
    SELECT p.name AS subject, s.order_id, greatest(p.stage_at, s.shipped_at) AS since,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', p.carrier,
                              'tracking_number', p.tracking_number, 'number', {NUMBER}, 'stage', p.stage) AS facts
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     WHERE p.settled = '' AND p.stage_at <= %(before)s::timestamptz AND s.shipped_at <= %(before)s::timestamptz
       AND s.state = 'shipped' AND p.tracking_number IS NOT NULL
       AND p.stage NOT IN ('attempt_failed', 'ready_for_pickup')
"""

PARCEL_WAITS = f"""
    SELECT p.name AS subject, s.order_id, p.stage_at AS since,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', p.carrier,
                              'tracking_number', p.tracking_number, 'number', {NUMBER}, 'stage', p.stage) AS facts
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     WHERE p.settled = '' AND p.stage_at <= %(before)s::timestamptz AND s.state = 'shipped'
       AND p.stage IN ('attempt_failed', 'ready_for_pickup')
"""

# Of what came back, that money was given back since is a decision too.
UNDECIDED = f"""
    SELECT p.name AS subject, s.order_id, p.stage_at AS since,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', p.carrier,
                              'tracking_number', p.tracking_number, 'number', {NUMBER}, 'currency', o.currency) AS facts
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     WHERE p.settled IN ('lost', 'returned') AND p.settled = '{{settled}}' AND p.stage_at <= %(before)s::timestamptz
       AND NOT (p.settled = 'returned' AND EXISTS (
           SELECT FROM event e
            WHERE e.order_id = o.id AND e.kind IN ('tender.refund_asked', 'tender.refunded') AND e.at >= p.stage_at))
"""

# What was to be canceled has left: asked for too late, refused, or not answered at all; or it was said to be unpacked.
CANCELED_BUT_MOVING = f"""
    SELECT p.name AS subject, s.order_id, greatest(r.asked_at, s.shipped_at) AS since,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', p.carrier,
                              'tracking_number', p.tracking_number, 'number', {NUMBER}, 'stage', p.stage,
                              'answer', coalesce(r.answer, 'none')) AS facts
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     CROSS JOIN LATERAL (SELECT r.asked_at, r.answer
                           FROM package_content c
                           JOIN fulfilment_line l ON l.id = c.fulfilment_line_id
                           JOIN fulfilment_recall r ON r.fulfilment_order_id = l.fulfilment_order_id
                          WHERE c.package_id = p.id AND coalesce(r.answer, '') <> 'accepted'
                          ORDER BY r.asked_at LIMIT 1) r
     WHERE p.settled = '' AND s.state = 'shipped'
       AND greatest(r.asked_at, s.shipped_at) <= %(before)s::timestamptz
     UNION ALL
    SELECT p.name, s.order_id, p.stage_at,
           jsonb_build_object('order', o.number, 'package', p.name, 'shipment', s.name, 'carrier', p.carrier,
                              'tracking_number', p.tracking_number, 'number', {NUMBER}, 'stage', p.stage,
                              'answer', 'unpacked')
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     WHERE s.state = 'discarded' AND p.stage NOT IN ('prepared', 'labelled', 'returned')
       AND p.stage_at <= %(before)s::timestamptz
"""

# A promise that was moved is another promise: this is the one that stands.  Its day ends at midnight, UTC.
LATE_TO_ARRIVE = """
    SELECT o.number AS subject, o.id AS order_id, late.ends AS since,
           jsonb_build_object('order', o.number, 'deliver_on', late.deliver_on, 'lines', late.lines,
                              'status', s.status) AS facts
      FROM (SELECT p.order_id, min(p.deliver_on) AS deliver_on, count(*) AS lines,
                   (min(p.deliver_on) + 1)::timestamp AT TIME ZONE 'UTC' AS ends
              FROM promise p
             WHERE p.superseded_at IS NULL AND p.came_on IS NULL AND p.deliver_on IS NOT NULL
               AND p.ship_on <= (%(before)s::timestamptz AT TIME ZONE 'UTC')::date
               AND (p.deliver_on + 1)::timestamp AT TIME ZONE 'UTC' <= %(before)s::timestamptz
             GROUP BY p.order_id) late
      JOIN orders o ON o.id = late.order_id
      JOIN order_summary s ON s.order_id = late.order_id
     WHERE s.holds = 0
"""

SCAN_UNMATCHED = """
    SELECT c.carrier || ' ' || c.tracking_number AS subject, NULL::bigint AS order_id, min(c.received_at) AS since,
           jsonb_build_object('carrier', c.carrier, 'tracking_number', c.tracking_number, 'scans', count(*),
                              'stage', (array_agg(c.stage ORDER BY c.happened_at DESC, c.id DESC))[1]) AS facts
      FROM scan c
     WHERE c.package_id IS NULL
     GROUP BY c.carrier, c.tracking_number
    HAVING min(c.received_at) <= %(before)s::timestamptz
"""

ASK_AGAIN = Choice("ask_again", _("Ask the carrier now what became of it."), "shipping.asking", _ask_again)
LABEL = Choice("ask_again", _("Ask the carrier for a label again."), "flows.label_packages", _ask_for_label)
UNPACK = Choice("unpack", _("Unpack it; it can be packed otherwise."), "flows.discard_shipments", _unpack)
SHIP = Choice("ship", _("It has left: note it."), "flows.confirm_shipments", _ship)
LOOK = Choice("look", _("Ask the carrier now where it is."), "shipping.polling", _look)
LOOK_ALL = Choice("look", _("Ask the carriers now where its packages are."), "shipping.polling", _look_at_all)
ARRIVED = Choice("delivered", _("It has arrived: note it."), "flows.note_scans", _noted(Stage.DELIVERED))
CAME_BACK = Choice("returned", _("It has come back: note it."), "flows.note_scans", _noted(Stage.RETURNED))
LOST = Choice("lost", _("Take it for lost."), "flows.note_scans", _noted(Stage.LOST))
AGAIN = Choice("send_again", _("Send its contents once more."), "flows.send_again", _send_again)
GIVE_UP = Choice("give_up", _("Cancel its contents; the money goes back."), "flows.give_up_packages", _give_up)
REFUND = Choice("refund", _("Give back so much money."), "flows.refund_orders", _refund, needs=("amount",))
MATCH = Choice("match", _("Say whose number it is."), "flows.label_packages", _match, needs=("package",))

KINDS = (
    Kind(
        code="carrier_unknown",
        about="question",
        cause=_("{carrier} was asked about package {package} ({verb}), and nobody knows what it answered."),
        next_step=_("Ask again. It is looked up by its key first: there are never two labels for one package."),
        hours=1,
        find=CARRIER_UNKNOWN,
        choices=(ASK_AGAIN,),
    ),
    Kind(
        code="label_refused",
        about="package",
        cause=_("{carrier} makes no label for package {package}: {reason}."),
        next_step=_("Put the address or the measures right and ask again, or unpack it and choose another carrier."),
        hours=0,
        find=LABEL_REFUSED,
        choices=(LABEL, UNPACK),
    ),
    Kind(
        code="not_handed_over",
        about="shipment",
        cause=_("Shipment {shipment} ({packages} packages) is packed at {location} and has not left."),
        next_step=_("Hand it to the carrier and note it, or unpack it."),
        hours=24,
        find=NOT_HANDED_OVER,
        choices=(SHIP, UNPACK),
    ),
    Kind(
        code="parcel_silent",
        about="package",
        cause=_("Nothing has been heard of package {package} ({number}) since it was {stage}."),
        next_step=_("Ask the carrier to search for it; take it for lost, and decide."),
        hours=7 * 24,
        find=PARCEL_SILENT,
        choices=(LOOK, ARRIVED, LOST),
    ),
    Kind(
        code="parcel_waits",
        about="package",
        cause=_("Package {package} ({number}) could not be given to the customer: {stage}."),
        next_step=_("Write to the customer before it comes back."),
        hours=3 * 24,
        find=PARCEL_WAITS,
        choices=(LOOK, ARRIVED, CAME_BACK),
    ),
    Kind(
        code="parcel_lost",
        about="package",
        cause=_("Package {package} ({number}) is lost, and nothing is decided."),
        next_step=_("Send its contents again, or give them up and give the money back; claim it from the carrier."),
        hours=0,
        find=UNDECIDED.replace("{settled}", "lost"),
        choices=(AGAIN, GIVE_UP),
    ),
    Kind(
        code="parcel_returned",
        about="package",
        cause=_("Package {package} ({number}) came back, and nothing is decided."),
        next_step=_("Find out why; send its contents again, or give them up and give the money back."),
        hours=24,
        find=UNDECIDED.replace("{settled}", "returned"),
        choices=(AGAIN, REFUND),
    ),
    Kind(
        code="canceled_but_moving",
        about="package",
        cause=_("Package {package} ({number}) was to be canceled and is {stage}; answer: {answer}."),
        next_step=_("Have the carrier stop it, or tell the customer to refuse it; note it when it is back."),
        hours=0,
        find=CANCELED_BUT_MOVING,
        choices=(CAME_BACK, LOOK),
    ),
    Kind(
        code="late_to_arrive",
        about="order",
        cause=_("Order {order} was promised for {deliver_on}; {lines} lines of it have not arrived: it is {status}."),
        next_step=_("Find out where it is, and tell the customer a day that can be kept."),
        hours=24,
        find=LATE_TO_ARRIVE,
        choices=(LOOK_ALL,),
    ),
    Kind(
        code="scan_unmatched",
        about="tracking number",
        cause=_("{carrier} speaks of {tracking_number} ({stage}), which no package here has."),
        next_step=_("Find the package that has this number and say which it is, or ask the carrier."),
        hours=1,
        find=SCAN_UNMATCHED,
        choices=(MATCH,),
    ),
)
