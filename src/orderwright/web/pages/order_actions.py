"""/desk/orders/…/…: what one may do about an order.  Each form calls one flow; its refusal is the answer.

A form carries the place of the last event that its page showed.  Whom a colleague, a program or the customer was ahead
of is told what they did, and nothing is done: the order is locked while that is looked at, so there is no gap.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.flows.recall_fulfilment import Recall, Recalled, recall
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.tag_orders import PutTags, tag_orders
from orderwright.flows.void_payments import Void, void_payments
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.notifications import queries as letters
from orderwright.notifications import resending
from orderwright.orders import queries
from orderwright.orders.locking import id_of, lock_orders
from orderwright.orders.moving import Wanted
from orderwright.orders.refusals import OrderChanged
from orderwright.orders.timeline import timeline
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, say
from orderwright.web.moments import SENTENCES
from orderwright.web.once import once as once_a_form
from orderwright.web.once import use_up
from orderwright.web.pages.order import CANCELLATIONS, HOLDS, REFUNDS
from orderwright.web.whereabouts import show
from orderwright.web.whose import called

LONGEST_NOTE = 5000
HARMLESS = ("order.noted", "order.tagged", "order.untagged")  # no reason to decide anew
# What pressing twice, or going back and pressing again, must not do once more.
STRUCK = ("order.canceled", "order.partly_canceled", "fulfilment.recall_asked")
EDITED = ("order.edited",)
GIVEN_BACK = ("tender.refund_asked", "tender.refunded")
TAKEN = ("tender.capture_asked", "tender.captured")
CAME = ("tender.received",)


@require_POST
@allow("orders:write")
def hold(request: Visit, number: str) -> HttpResponse:
    """It is not released, nor shipped, before all its holds are lifted."""
    reason = reading.one_of(request.POST, "reason", [code for code, _words in HOLDS])
    note = reading.text(request.POST, "note", most=LONGEST_NOTE)
    act(request, number, hold_orders, lambda id_: PutHold(id_, reason, note))
    return _done(request, number, _("The order is on hold."))


@require_POST
@allow("orders:write")
def lift(request: Visit, number: str) -> HttpResponse:
    """One hold, or all that stand."""
    hold_id = reading.id_or_none(request.POST, "hold")
    act(request, number, lift_holds, lambda id_: LiftHold(id_, hold_id))
    return _done(request, number, _("The hold is lifted."))


@require_POST
@allow("orders:write")
def cancel(request: Visit, number: str) -> HttpResponse:
    """So many units of each line; where locations have some of them, they are asked to give them back."""
    reason = reading.one_of(request.POST, "reason", [code for code, _words in CANCELLATIONS])
    lines = [line for line in show(queries.get(number).lines, {}) if line.cancelable]
    wanted = _wanted(request, [line.line.position for line in lines])
    back = any(line.called_back for line in lines if line.line.position in {one.position for one in wanted})
    if back:
        told: Recalled = act(request, number, recall, lambda id_: Recall(id_, reason, wanted), once=STRUCK)
        if told.asked:
            say(request, _("Asked to give units back: {works}.").format(works=", ".join(told.asked)), tone="wait")
    else:
        told = act(request, number, cancel_orders, lambda id_: Cancel(id_, reason, wanted), once=STRUCK)
    words = ngettext("{units} unit is canceled.", "{units} units are canceled.", told.units)
    return _done(request, number, words.format(units=told.units))


@require_POST
@allow("orders:write")
def release(request: Visit, number: str) -> HttpResponse:
    """Hand all that is reserved to the warehouse."""
    done = act(request, number, release_orders, Release)
    words = ngettext("{units} unit goes to the warehouse.", "{units} units go to the warehouse.", done.units)
    return _done(request, number, words.format(units=done.units))


@require_POST
@allow("orders:write")
def note(request: Visit, number: str) -> HttpResponse:
    """For colleagues; the customer does not see it."""
    text = reading.text(request.POST, "text", most=LONGEST_NOTE, needed=True)
    act(request, number, note_orders, lambda id_: WriteNote(id_, text), checks=False)
    return _done(request, number, _("The note is written down."))


@require_POST
@allow("orders:write")
def tags(request: Visit, number: str) -> HttpResponse:
    """The tags that the order is to have."""
    wished = [tag.strip() for tag in reading.text(request.POST, "tags", most=2000).split(",")]
    wished = list(dict.fromkeys(filter(None, wished)))
    had = queries.get(number).tags
    changed = PutTags(0, [tag for tag in wished if tag not in had], [tag for tag in had if tag not in wished])
    act(request, number, tag_orders, lambda id_: changed._replace(order_id=id_), checks=False)
    return _done(request, number, _("The tags are changed."))


@require_POST
@allow("payments:write")
def refund(request: Visit, number: str) -> HttpResponse:
    """Give back a part, of one means of payment or of all as they came; as goodwill, where nothing is overpaid."""
    reason = reading.one_of(request.POST, "reason", [code for code, _words in REFUNDS])
    amount, tender = _amount(request, number), reading.id_or_none(request.POST, "tender")
    goodwill = reading.ticked(request.POST, "goodwill")
    act(request, number, refund_orders, lambda id_: Refund(id_, reason, amount, tender, goodwill), once=GIVEN_BACK)
    return _done(request, number, _("The money is being given back."))


@require_POST
@allow("payments:write")
def capture(request: Visit, number: str) -> HttpResponse:
    """Take money that is set aside."""
    amount, tender = _amount(request, number), reading.id_or_none(request.POST, "tender")
    act(request, number, capture_payments, lambda id_: Capture(id_, amount, tender), once=TAKEN)
    return _done(request, number, _("The money is being captured."))


@require_POST
@allow("payments:write")
def void(request: Visit, number: str) -> HttpResponse:
    """Let go of money that is set aside or awaited."""
    tender = reading.id_or_none(request.POST, "tender")
    act(request, number, void_payments, lambda id_: Void(id_, tender))
    return _done(request, number, _("The money is let go."))


@require_POST
@allow("payments:write")
def received(request: Visit, number: str) -> HttpResponse:
    """Money came that was awaited."""
    amount, tender = _amount(request, number), reading.id_or_none(request.POST, "tender")
    on = reading.day(request.POST, "received_on") if request.POST.get("received_on") else None
    reference = reading.text(request.POST, "reference")
    act(request, number, mark_received, lambda id_: Received(id_, amount, on, reference, tender), once=CAME)
    return _done(request, number, _("The money is marked as received."))


@require_POST
@allow("letters:write")
@once_a_form
def resend(request: Visit, number: str, letter: int) -> HttpResponse:
    """Send a letter of this order once more, written anew."""
    if letters.letter(letter).order != number:
        raise NotFound(thing=_("letter"), name=letter)
    resending.resend(letter)
    return _done(request, number, _("The letter goes out once more."))


def act(
    request: Visit,
    number: str,
    flow: Callable[..., Sequence[Any]],
    ask: Callable[[int], Any],
    *,
    checks: bool = True,
    once: Collection[str] = (),
) -> Any:
    """Hand one order to a flow, if it is still as its page showed it; its refusal is the answer.

    `once`: the events of what is not to be done twice from the same page, be it by who did it first.  A form that may
    be sent more than once from one page bears a word instead, which is used up: see web/once.py.
    """
    order_id = id_of(number)

    @transaction.atomic
    def done() -> Any:
        use_up(request)
        lock_orders([order_id])
        if checks:
            seen = reading.whole_or_none(request.POST, "seen")
            refuse_if_changed(order_id, number, seen, request.actor, once=once)
        (answer,) = flow([ask(order_id)], actor=request.actor)
        if isinstance(answer, Refusal):  # raised in here, so that the form's word is not used up
            raise answer
        return answer

    return again_on_conflict(done)


def refuse_if_changed(
    order_id: int, number: str, seen: int | None, actor: Actor, *, once: Collection[str] = ()
) -> None:
    """Whether somebody else changed an order after its event `seen`, or pressed twice; the order is locked."""
    if seen is None:
        return
    for moment in timeline(order_id, SENTENCES, after=seen, limit=100):
        by_others = moment.actor != actor and not moment.actor.startswith("system:")
        if (by_others and moment.kind not in HARMLESS) or (moment.actor == actor and moment.kind in once):
            who = called([moment.actor])[moment.actor]
            raise OrderChanged(who=who, number=number, what=moment.sentence)


def _wanted(request: Visit, positions: Sequence[int]) -> list[Wanted]:
    """So many units of each line, as the form says."""
    asked = [(position, reading.whole_or_none(request.POST, f"line-{position}")) for position in positions]
    wanted = [Wanted(position, quantity) for position, quantity in asked if quantity]
    if not wanted:
        raise Invalid(field="lines", problem=_("choose what is meant"))
    return wanted


def _amount(request: Visit, number: str) -> int | None:
    return reading.amount_or_none(request.POST, "amount", queries.heads([id_of(number)])[id_of(number)].currency)


def _done(request: Visit, number: str, words: str) -> HttpResponse:
    say(request, words)
    return go(request, f"/desk/orders/{quote(number, safe='')}")


PATHS = [
    path("desk/orders/<str:number>/hold", hold),
    path("desk/orders/<str:number>/lift", lift),
    path("desk/orders/<str:number>/cancel", cancel),
    path("desk/orders/<str:number>/release", release),
    path("desk/orders/<str:number>/note", note),
    path("desk/orders/<str:number>/tags", tags),
    path("desk/orders/<str:number>/refund", refund),
    path("desk/orders/<str:number>/capture", capture),
    path("desk/orders/<str:number>/void", void),
    path("desk/orders/<str:number>/received", received),
    path("desk/orders/<str:number>/letters/<int:letter>/resend", resend),
]
