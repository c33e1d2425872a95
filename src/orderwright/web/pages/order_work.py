"""/desk/orders/…/work/…: what one may do about the part of an order that a location is to do."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.hold_fulfilment import LiftWorkHold, PutWorkHold, hold_fulfilment, lift_fulfilment_holds
from orderwright.flows.merge_fulfilment import Merge, merge_fulfilment
from orderwright.flows.move_fulfilment import Move, move_fulfilment
from orderwright.flows.reject_fulfilment import Reject, SourcedAnew, reject_fulfilment
from orderwright.flows.split_fulfilment import Split, split_fulfilment
from orderwright.fulfilment import queries
from orderwright.fulfilment.queries import WorkSeen
from orderwright.fulfilment.reasons import Reason
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.orders.moving import Wanted
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, say
from orderwright.web.pages.order import HOLDS
from orderwright.web.pages.order_actions import act


@require_POST
@allow("fulfilment:write")
def accept(request: Visit, number: str, work: str) -> HttpResponse:
    """Its location does it."""
    _act(request, number, work, accept_fulfilment, Accept(work))
    return _done(request, number, _("{work} is taken on.").format(work=work))


@require_POST
@allow("fulfilment:write")
def reject(request: Visit, number: str, work: str) -> HttpResponse:
    """Its location does not do it; it is sourced anew."""
    reason, said = reading.one_of(request.POST, "reason", Reason.values), reading.text(request.POST, "note")
    asked = Reject(work, reason, None, said)
    done: SourcedAnew = _act(request, number, work, reject_fulfilment, asked)
    words = _("{kept} units come from elsewhere, {waiting} are waited for.")
    return _done(request, number, words.format(kept=done.kept, waiting=done.backordered))


@require_POST
@allow("fulfilment:write")
def move(request: Visit, number: str, work: str) -> HttpResponse:
    """Another location is to do it."""
    to = reading.text(request.POST, "to", needed=True)
    done = _act(request, number, work, move_fulfilment, Move(work, to))
    return _done(
        request, number, _("{location} does it now, as {work}.").format(location=to, work=done.fulfilment_order)
    )


@require_POST
@allow("fulfilment:write")
def split(request: Visit, number: str, work: str) -> HttpResponse:
    """Some of its units go on by themselves."""
    found = _of(number, work)
    asked = [(line.position, reading.whole_or_none(request.POST, f"line-{line.position}")) for line in found.lines]
    wanted = [Wanted(position, quantity) for position, quantity in asked if quantity]
    if not wanted:
        raise Invalid(field="lines", problem=_("choose what goes on by itself"))
    done = _act(request, number, work, split_fulfilment, Split(work, wanted))
    return _done(request, number, _("{work} goes on by itself.").format(work=done.fulfilment_order))


@require_POST
@allow("fulfilment:write")
def merge(request: Visit, number: str) -> HttpResponse:
    """What is open of several goes into one."""
    into, others = reading.text(request.POST, "into", needed=True), request.POST.getlist("others")[:50]
    for name in others:
        _of(number, name)
    _act(request, number, into, merge_fulfilment, Merge(into, [name for name in others if name != into]))
    return _done(request, number, _("All goes with {work}.").format(work=into))


@require_POST
@allow("fulfilment:write")
def hold(request: Visit, number: str, work: str) -> HttpResponse:
    """Nothing of it is packed or leaves before the hold is lifted."""
    reason = reading.one_of(request.POST, "reason", [code for code, _words in HOLDS])
    note = reading.text(request.POST, "note")
    _act(request, number, work, hold_fulfilment, PutWorkHold(work, reason, note=note))
    return _done(request, number, _("{work} is on hold.").format(work=work))


@require_POST
@allow("fulfilment:write")
def lift(request: Visit, number: str, work: str) -> HttpResponse:
    """It goes on."""
    _act(request, number, work, lift_fulfilment_holds, LiftWorkHold(work))
    return _done(request, number, _("{work} goes on.").format(work=work))


def _act(request: Visit, number: str, work: str, flow: Callable[..., Sequence[Any]], asked: Any) -> Any:
    _of(number, work)
    return act(request, number, flow, lambda _order_id: asked)


def _of(number: str, work: str) -> WorkSeen:
    """The fulfilment order of this name, if it is this order's."""
    found = queries.named([work]).get(work)
    if found is None or found.number != number:
        raise NotFound(thing=_("fulfilment order"), name=work)
    return found


def _done(request: Visit, number: str, words: str) -> HttpResponse:
    say(request, words)
    return go(request, f"/desk/orders/{quote(number, safe='')}")


PATHS = [
    path("desk/orders/<str:number>/merge", merge),
    path("desk/orders/<str:number>/work/<str:work>/accept", accept),
    path("desk/orders/<str:number>/work/<str:work>/reject", reject),
    path("desk/orders/<str:number>/work/<str:work>/move", move),
    path("desk/orders/<str:number>/work/<str:work>/split", split),
    path("desk/orders/<str:number>/work/<str:work>/hold", hold),
    path("desk/orders/<str:number>/work/<str:work>/lift", lift),
]
