"""/desk/orders/…/edit: one change of an order, looked at before it is made; and another order like one.

The preview does the change and takes it back, so what it says is what happens.  It is made once: a form that somebody
else was ahead of is told so, and nothing is done.
"""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.counter import place_one
from orderwright.customers.drafting import AddressDraft
from orderwright.flows.duplicate_orders import like
from orderwright.flows.edit_orders import Edited, edit_orders, preview
from orderwright.flows.place_orders import Placed
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.kernel.money import micros
from orderwright.orders import queries
from orderwright.orders.drafting import LineDraft
from orderwright.orders.editing import Change, Discount, Edit, standing_quantity
from orderwright.orders.locking import id_of, lock_orders
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.queries import OrderSeen
from orderwright.orders.timeline import timeline
from orderwright.orders.units import units_of
from orderwright.payments.linking import token_of
from orderwright.shipping.options import active_options
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, is_part, page, part, say
from orderwright.web.pages.order_actions import EDITED, refuse_if_changed

ROWS_TO_ADD = 3
OF_ADDRESS = (
    ("name", gettext_lazy("Name")),
    ("company", gettext_lazy("Company")),
    ("street", gettext_lazy("Street")),
    ("postal_code", gettext_lazy("Postal code")),
    ("city", gettext_lazy("City")),
    ("region", gettext_lazy("Region")),
    ("phone", gettext_lazy("Phone")),
)
SHORT = (("backorder", gettext_lazy("It may wait for stock")), ("refuse", gettext_lazy("Only what there is")))
REASONS = (
    ("customer_request", gettext_lazy("The customer asked for it")),
    ("mistake", gettext_lazy("We made a mistake")),
    ("out_of_stock", gettext_lazy("It does not come any more")),
    ("goodwill", gettext_lazy("Goodwill")),
    ("other", gettext_lazy("Another reason")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("orders:write")
def edit(request: Visit, number: str) -> HttpResponse:
    """The form; what it would do; and, when that is wanted, do it."""
    demand(request, "prices:read")
    found = queries.get(number)
    words = _form(found, request.POST, "customers:read" in request.may)
    if request.method != "POST":
        return page(request, "orders/edit.html", words)
    asked = _read(request.POST, found)
    if request.POST.get("do") != "apply":
        words |= {"seen_before": again_on_conflict(lambda: preview(asked, actor=request.actor))}
        if isinstance(words["seen_before"], Refusal):
            words |= {"problem": str(words["seen_before"]), "seen_before": None}
        whole = "orders/_edit_preview.html" if is_part(request) else "orders/edit.html"
        return (part if is_part(request) else page)(request, whole, words)
    edited = again_on_conflict(lambda: _apply(request, asked, number))
    say(request, _done_words(edited))
    return go(request, f"/desk/orders/{quote(number, safe='')}")


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


def _form(found: OrderSeen, typed: QueryDict, reads_customers: bool) -> dict[str, object]:
    units = units_of([found.head.id])[found.head.id]
    seen = timeline(found.head.id)
    lines = []
    for line in found.lines:
        if line.kit is None:
            now = standing_quantity(units, next(one for one in units.lines if one.id == line.id))
            lines.append({"line": line, "now": now, "typed": typed.get(f"line-{line.position}", str(now))})
    shipping = sum(one.amount_minor for one in found.adjustments if one.kind == AdjustmentKind.SHIPPING)
    return {
        "order": found,
        "currency": found.head.currency,
        "url": f"/desk/orders/{quote(found.head.number, safe='')}",
        "seen": typed.get("seen") or (seen[-1].place if seen else 0),
        "lines": [one for one in lines if one["now"]],
        "shipping": shipping,
        "rows": [
            {name: typed.get(f"{name}-{row}", "") for name in ("sku", "quantity", "price")} | {"row": row}
            for row in range(1, ROWS_TO_ADD + 1)
        ],
        "typed": typed,
        "address": [
            (name, label, typed.get(f"to-{name}", getattr(found.ship_to, name)))
            for name, label in OF_ADDRESS
            if found.ship_to and reads_customers
        ],
        "tells": not typed or "tell" in typed,
        "options": [("", _("as it is")), *((option.code, option.code) for option in active_options())],
        "shorts": SHORT,
        "reasons": REASONS,
    }


def _read(form: QueryDict, found: OrderSeen) -> Edit:
    """What the form asks for."""
    currency = found.head.currency
    changes = [
        Change(line.position, reading.whole(form, f"line-{line.position}"))
        for line in found.lines
        if line.kit is None and form.get(f"line-{line.position}", "").strip()
    ]
    discount = reading.amount_or_none(form, "discount", currency)
    if discount is not None and discount < 1:
        raise Invalid(field="discount", problem=_("more than nothing is needed"))
    shipping = reading.amount_or_none(form, "shipping", currency)
    return Edit(
        found.head.id,
        changes=changes,
        added=list(_added(form)),
        discounts=[Discount(discount, reading.text(form, "label") or "discount")] if discount else [],
        shipping_minor=shipping if shipping is None or shipping >= 0 else _refuse_shipping(),
        delivery_option=form.get("option") or None,
        ship_to=_address(form, found),
        when_short=reading.one_of(form, "short", [code for code, _words in SHORT]),
        reason=reading.one_of(form, "reason", [code for code, _words in REASONS]),
        note=reading.text(form, "note", most=5000),
        tells="tell" in form,
    )


def _address(form: QueryDict, found: OrderSeen) -> AddressDraft | None:
    """Where the order is to go, if that is elsewhere."""
    was = found.ship_to
    if was is None or "to-street" not in form:
        return None
    typed: dict[str, Any] = {
        name: reading.text(form, f"to-{name}", most=500).replace("\r\n", "\n") for name, _label in OF_ADDRESS
    }
    if all(getattr(was, name) == text for name, text in typed.items()):
        return None
    return AddressDraft(country=was.country, **typed)


def _refuse_shipping() -> int:
    raise Invalid(field="shipping", problem=_("less than nothing is not possible"))


def _added(form: QueryDict) -> Iterator[LineDraft]:
    for row in range(1, ROWS_TO_ADD + 1):
        sku = reading.text(form, f"sku-{row}", most=100)
        if sku:
            price = form.get(f"price-{row}", "").strip().replace(",", ".")
            if price and micros(price) < 0:
                raise Invalid(field="price", problem=_("less than nothing is not possible"))
            yield LineDraft(sku, reading.whole(form, f"quantity-{row}", least=1), price or None)


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
    return go(request, f"/desk/orders/{quote(placed.number, safe='')}")


@require_POST
@allow("orders:write")
def pay_link(request: Visit, number: str) -> HttpResponse:
    """The page on which the customer pays what is due; whoever has its address may pay, and see what is due."""
    return go(request, f"/pay/{token_of(id_of(number))}")


PATHS = [
    path("desk/orders/<str:number>/edit", edit),
    path("desk/orders/<str:number>/duplicate", duplicate),
    path("desk/orders/<str:number>/pay-link", pay_link),
]
