"""Money that is not where it should be: unknown, contradicted, about to be lost, too much, or never paid."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions._answers import only, order_of
from orderwright.exceptions.kinds import Asked, Choice, Kind, Stands
from orderwright.exceptions.noting import settle_contradiction
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.void_payments import Void, void_payments
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.money import write
from orderwright.payments import asking, hearing
from orderwright.payments.questions import Asked as MoneyAsked


def _asked(answers: Sequence[MoneyAsked | Refusal], currency: str) -> Mapping[str, object]:
    return {"asked_for": write(only(answers).amount_minor, currency), "currency": currency}


def _capture(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return _asked(capture_payments([Capture(order_of(one))], actor=actor), one.facts["currency"])


def _void(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    void = Void(order_of(one), int(one.subject))
    return _asked(void_payments([void], actor=actor), one.facts["currency"])


def _refund(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    refund = Refund(order_of(one), asked.reason or "overpaid")
    return _asked(refund_orders([refund], actor=actor), one.facts["currency"])


def _ask_again(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    """Its turn is now: the worker looks it up by its key in a moment."""
    return {"asking": asking.hasten([one.subject])}


def _settle(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"settled": settle_contradiction(int(one.subject), actor=actor)}


def _leave(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"left": hearing.leave(str(one.facts["provider"]), str(one.facts["message"]))}


PAYMENT_UNKNOWN = """
    SELECT a.id::text AS subject, t.order_id, a.asked_at AS since,
           jsonb_build_object('order', o.number, 'provider', a.provider, 'verb', a.verb,
                              'amount_minor', a.amount_minor, 'currency', t.currency) AS facts
      FROM payment_attempt a
      JOIN tender t ON t.id = a.tender_id
      JOIN orders o ON o.id = t.order_id
     WHERE a.ask_again_at IS NOT NULL AND a.answer IS NULL AND a.asked_at <= %(before)s::timestamptz
"""

PAYMENT_CONTRADICTED = """
    SELECT c.event_id::text AS subject, c.order_id, c.told_at AS since,
           jsonb_build_object('order', o.number, 'provider', c.facts ->> 'method', 'attempt', c.attempt_id,
                              'amount_minor', c.facts -> 'amount_minor', 'currency', c.facts ->> 'currency',
                              'was', c.facts ->> 'was', 'now', c.facts ->> 'now') AS facts
      FROM payment_contradiction c
      JOIN orders o ON o.id = c.order_id
     WHERE c.settled_at IS NULL AND c.told_at <= %(before)s::timestamptz
"""

# What is being captured or voided will have ended in time.
AUTHORIZATION_ENDING = """
    SELECT t.id::text AS subject, t.order_id, t.expires_at - (%(ahead)s::timestamptz - %(now)s::timestamptz) AS since,
           jsonb_build_object('order', o.number, 'provider', t.method, 'amount_minor', s.authorized,
                              'currency', t.currency, 'ends_at', t.expires_at) AS facts
      FROM tender t
      JOIN tender_sheet s ON s.holder_id = t.id
      JOIN orders o ON o.id = t.order_id
     WHERE t.expires_at IS NOT NULL AND t.expires_at <= %(ahead)s::timestamptz AND s.authorized > 0
"""

# What is being given back already is on its way.
OVERPAID = """
    SELECT o.number AS subject, o.id AS order_id, last.at AS since,
           jsonb_build_object('order', o.number, 'currency', o.currency,
                              'amount_minor', m.captured_minor - m.refunded_minor - m.total_minor) AS facts
      FROM order_summary m
      JOIN orders o ON o.id = m.order_id
     CROSS JOIN LATERAL (SELECT e.at FROM event e
                          WHERE e.order_id = o.id
                            AND (e.kind LIKE 'tender.%%' OR e.kind IN ('order.placed', 'order.canceled',
                                 'order.partly_canceled', 'order.discounted'))
                          ORDER BY e.place_in_order DESC LIMIT 1) last
     WHERE m.payment = 'overpaid' AND last.at <= %(before)s::timestamptz
       AND NOT EXISTS (SELECT FROM tender t JOIN tender_sheet s ON s.holder_id = t.id
                        WHERE t.order_id = o.id AND s.refunding > 0)
"""

# The last capture of a tender was declined, the goods are gone, and money is still owed.
CAPTURE_DECLINED = """
    SELECT t.id::text AS subject, t.order_id, a.answered_at AS since,
           jsonb_build_object('order', o.number, 'provider', a.provider, 'reason', a.reason,
                              'amount_minor', a.amount_minor, 'currency', t.currency,
                              'left_minor', s.authorized) AS facts
      FROM payment_attempt a
      JOIN tender t ON t.id = a.tender_id
      JOIN tender_sheet s ON s.holder_id = t.id
      JOIN orders o ON o.id = t.order_id
      JOIN order_summary m ON m.order_id = o.id
     WHERE a.verb = 'capture' AND a.answer = 'declined' AND a.answered_at <= %(before)s::timestamptz
       AND m.fulfilment IN ('partly_shipped', 'shipped', 'delivered', 'returned')
       AND m.total_minor - m.captured_minor + m.refunded_minor > 0
       AND NOT EXISTS (SELECT FROM payment_attempt n WHERE n.tender_id = t.id AND n.verb = 'capture' AND n.id > a.id)
"""

MESSAGE_UNMATCHED = """
    SELECT w.provider || ' ' || w.message_id AS subject, NULL::bigint AS order_id, w.received_at AS since,
           jsonb_build_object('provider', w.provider, 'message', w.message_id, 'verb', w.told ->> 'verb',
                              'reference', w.reference) AS facts
      FROM provider_message w
     WHERE w.matched_at IS NULL AND w.received_at <= %(before)s::timestamptz
"""

ASK_NOW = Choice("ask_again", _("Ask the provider now what became of it."), "payments.asking", _ask_again)
CAPTURE = Choice("capture", _("Take the money now, as far as it is owed."), "flows.capture_payments", _capture)

KINDS = (
    Kind(
        code="payment_unknown",
        about="question",
        cause=_("{provider} was asked to {verb} {amount} for order {order}, and nobody knows what it answered."),
        next_step=_("Ask again, or look at the provider's own pages; the money stays where it is until it is known."),
        hours=1,
        find=PAYMENT_UNKNOWN,
        choices=(ASK_NOW,),
    ),
    Kind(
        code="payment_contradicted",
        about="event",
        cause=_("{provider} first answered {was} and then {now} about {amount} for order {order}. Nothing was moved."),
        next_step=_("Find out at the provider which is right; put it right there or here, and say that it is settled."),
        hours=0,
        find=PAYMENT_CONTRADICTED,
        choices=(
            Choice("settled", _("Somebody found out, and put right what had to be."), "exceptions.noting", _settle),
        ),
    ),
    Kind(
        code="authorization_ending",
        about="tender",
        cause=_("{provider} sets {amount} for order {order} aside only until {ends_at}."),
        next_step=_("Ship the order, or take the money before; or let it go."),
        hours=48,
        is_ahead=True,
        find=AUTHORIZATION_ENDING,
        choices=(CAPTURE, Choice("void", _("Let it go."), "flows.void_payments", _void)),
    ),
    Kind(
        code="overpaid",
        about="order",
        cause=_("Order {order} is overpaid by {amount}, and nobody gives it back."),
        next_step=_("Give it back. What came by bank transfer goes back by hand, and is noted with the refund."),
        hours=24,
        find=OVERPAID,
        choices=(Choice("refund", _("Give back what is too much."), "flows.refund_orders", _refund),),
    ),
    Kind(
        code="capture_declined",
        about="tender",
        cause=_("Goods of order {order} have left, and {provider} does not pay the {amount} for them: {reason}."),
        next_step=_("Try once more, as long as something is set aside; else ask the customer for other money."),
        hours=0,
        find=CAPTURE_DECLINED,
        choices=(CAPTURE,),
    ),
    Kind(
        code="message_unmatched",
        about="message",
        cause=_("{provider} told us of {reference} ({verb}), which no order here knows of."),
        next_step=_("Look at the provider's own pages whether the money belongs to another shop or a lost order."),
        hours=24,
        find=MESSAGE_UNMATCHED,
        choices=(Choice("pass_over", _("It is none of ours: leave it at that."), "payments.hearing", _leave),),
    ),
)
