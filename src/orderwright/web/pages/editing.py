"""/desk/orders/…/edit: one change of an order, looked at before it is made; and another order like one.

The preview does the change and takes it back, so what it says is what happens.  It is made once: a form that somebody
else was ahead of is told so, and nothing is done.
"""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orderwright.catalog import selling
from orderwright.counter import place_one
from orderwright.flows.duplicate_orders import like
from orderwright.flows.edit_orders import Edited, edit_orders
from orderwright.flows.offer_delivery import Basket, Offer, offer_delivery
from orderwright.flows.place_orders import Placed
from orderwright.flows.preview_edits import preview_edits
from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders import queries
from orderwright.orders.editing import Edit, NothingToEdit
from orderwright.orders.locking import id_of, lock_orders
from orderwright.orders.queries import OrderSeen
from orderwright.orders.timeline import timeline
from orderwright.payments.linking import token_of
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, is_part, page, part, say
from orderwright.web.pages import editing_form
from orderwright.web.pages.order_actions import EDITED, refuse_if_changed

MOST_UNITS = 1_000_000


@require_http_methods(["GET", "HEAD", "POST"])
@allow("orders:write")
def edit(request: Visit, number: str) -> HttpResponse:
    """The form; what it would do; and, when that is wanted, do it."""
    demand(request, "prices:read")
    found = queries.get(number)
    if request.method != "POST":
        return page(request, "orders/edit.html", _form(request, found, request.POST))
    if request.POST.get("do") == "apply":
        return _applied(request, found)
    typed = _typed(request)
    whole = not is_part(request) or "add" in typed or "drop" in typed
    words = _form(request, found, typed) if whole else {"currency": found.head.currency}
    words |= _previewed(request, found, typed)
    if not is_part(request):
        return page(request, "orders/edit.html", words)
    return part(request, "orders/_edit_form.html" if whole else "orders/_edit_preview.html", words)


@require_safe
@allow("orders:write")
def skus(request: Visit, number: str) -> HttpResponse:
    """What may be added, while somebody types."""
    demand(request, "prices:read")
    found = queries.get(number)
    asked = request.GET.get("q", "").strip()
    words = {"found": editing_form.offered_skus(found, asked), "asked": asked, "currency": found.head.currency}
    return part(request, "orders/_edit_found.html", words | {"url": _url(number)})


def _typed(request: Visit) -> QueryDict:
    """The form; a button says in the address what is to be added, or left out, where no form is sent whole."""
    typed = request.POST.copy()
    for name in ("add", "drop"):
        if name in request.GET:
            typed[name] = request.GET[name]
    return typed


def _form(request: Visit, found: OrderSeen, typed: QueryDict) -> dict[str, Any]:
    seen = timeline(found.head.id)
    asked = typed.get("q", "").strip() if "add" not in typed else ""
    return {
        "order": found,
        "currency": found.head.currency,
        "url": _url(found.head.number),
        "seen": typed.get("seen") or (seen[-1].place if seen else 0),
        "asked": asked,
        "found": editing_form.offered_skus(found, asked),
        **editing_form.shown(found, typed, reads_customers="customers:read" in request.may),
    }


def _previewed(request: Visit, found: OrderSeen, typed: QueryDict) -> dict[str, Any]:
    """What the form would do; or why it cannot."""
    form = typed.copy()
    if "add" in form or "drop" in form:
        _renumber(form, editing_form.added_rows(found, form))
    quoted = _quoted(form, found)
    try:
        shipping = _shipping(form, found, quoted)
        asked = editing_form.read(form, found, shipping_minor=shipping)
    except Refusal as problem:
        return {"problem": problem, "quoted": quoted}
    seen = again_on_conflict(lambda: preview_edits(asked, actor=request.actor))
    if isinstance(seen, Refusal):
        quiet = isinstance(seen, NothingToEdit)
        return {"quoted": quoted} if quiet else {"problem": seen, "quoted": quoted}
    before = {one.line.position: one.now for one in editing_form.offer_lines(found, form)}
    changed = [
        (line, before.get(line.position, 0))
        for line in seen.edited.lines
        if line.is_new or line.quantity != before.get(line.position, line.quantity)
    ]
    return {
        "preview": seen,
        "changed": changed,
        "discounts": asked.discounts,
        "quoted": quoted,
        "takes_quoted": quoted is not None and shipping == quoted.price_minor,
    }


def _renumber(form: QueryDict, added: Sequence[editing_form.Added]) -> None:
    """The form as it is when a row came or went."""
    for row in range(1, editing_form.MOST_ADDED + 1):
        for name in ("sku", "quantity", "price"):
            form.pop(f"{name}-{row}", None)
    for one in added:
        form[f"sku-{one.row}"], form[f"quantity-{one.row}"], form[f"price-{one.row}"] = one.sku, one.quantity, one.price


def _quoted(form: QueryDict, found: OrderSeen) -> Offer | None:
    """The delivery option that is chosen anew, with what it costs for what the order has then."""
    code = form.get("option", "")
    if not code or code not in dict(editing_form.options(found)):
        return None
    wanted = {one.line.sku: int(one.typed) for one in editing_form.offer_lines(found, form) if one.typed.isdigit()}
    for one in editing_form.added_rows(found, form):
        if one.quantity.isdigit():
            wanted[one.sku] = wanted.get(one.sku, 0) + int(one.quantity)
    known = sql.ask(selling.for_sale(wanted))
    lines = [(known[sku].id, units) for sku, units in wanted.items() if sku in known and 0 < units < MOST_UNITS]
    worth = sum(line.total_minor for line in found.lines if line.kit is None)
    channel = sql.ask(selling.channels([found.head.channel])).get(found.head.channel)
    to = found.ship_to
    basket = Basket(
        lines,
        worth,
        found.head.currency,
        to.country if to else "",
        form.get("to-postal_code", to.postal_code if to else "")[:20],
        channel.id if channel else None,
    )
    return next((offer for offer in offer_delivery(basket) if offer.code == code), None) if lines else None


def _shipping(form: QueryDict, found: OrderSeen, quoted: Offer | None) -> int | None:
    """What the delivery is to cost: what somebody typed; else what another option costs, or what it cost before."""
    typed = editing_form.typed_shipping(form, found.head.currency)
    if typed is not None or form.get("charge") == editing_form.KEPT or quoted is None:
        return typed
    return quoted.price_minor


def _applied(request: Visit, found: OrderSeen) -> HttpResponse:
    """Do it, at the price of delivery that was shown."""
    form, number = request.POST, found.head.number
    shown = reading.whole_or_none(form, "quoted-minor") if form.get("quoted") == form.get("option") else None
    quoted = _quoted(form, found) if shown is None else None
    shipping = _shipping(form, found, quoted)
    if shown is not None and shipping is None and form.get("charge") != editing_form.KEPT:
        shipping = shown
    asked = editing_form.read(form, found, shipping_minor=shipping)
    edited = again_on_conflict(lambda: _apply(request, asked, number))
    say(request, _done_words(edited))
    return go(request, _url(number))


@transaction.atomic
def _apply(request: Visit, asked: Edit, number: str) -> Edited:
    lock_orders([asked.order_id])
    seen = reading.whole_or_none(request.POST, "seen")
    refuse_if_changed(asked.order_id, number, seen, request.actor, once=EDITED)
    (answer,) = edit_orders([asked], actor=request.actor)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _done_words(edited: Edited) -> str:
    if edited.owed_minor > max(0, edited.owed_before_minor):
        return _("The order is changed. The rest is asked for by the pay link on this page.")
    return _("The order is changed.")


def _url(number: str) -> str:
    return f"/desk/orders/{quote(number, safe='')}"


@require_POST
@allow("orders:write")
def duplicate(request: Visit, number: str) -> HttpResponse:
    """Place another order like this one, at today's prices and without its discounts; it is to be paid."""
    key = reading.text(request.POST, "key") or uuid.uuid4().hex
    print_ = hashlib.sha256(number.encode()).digest()
    placed = place_one(like(number, actor=request.actor, key=f"copy {key[:64]}", fingerprint=print_))
    if not isinstance(placed, Placed):
        raise placed.refusal
    say(request, _("This order is like {number}, at today's prices.").format(number=number))
    return go(request, _url(placed.number))


@require_POST
@allow("orders:write")
def pay_link(request: Visit, number: str) -> HttpResponse:
    """The page on which the customer pays what is due; whoever has its address may pay, and see what is due."""
    return go(request, f"/pay/{token_of(id_of(number))}")


PATHS = [
    path("desk/orders/<str:number>/edit", edit),
    path("desk/orders/<str:number>/edit/skus", skus),
    path("desk/orders/<str:number>/duplicate", duplicate),
    path("desk/orders/<str:number>/pay-link", pay_link),
]
