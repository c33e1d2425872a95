"""/checkout: contact, address, delivery, payment and review on one page; "Pay" places the order, which holds the stock.

The form bears the checkout's id, which is the order's idempotency key: pressing twice, two tabs, going back and a lost
network all come to the same order.  After a refusal the checkout gets another id, for it was not this order that was
placed.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from orderwright.counter import place_one
from orderwright.customers import asking
from orderwright.customers.checking import address_problems, customer_problems
from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.customers.models import Address, Customer
from orderwright.flows.place_orders import Placed, Request
from orderwright.flows.promise_orders import promise_orders
from orderwright.inventory.models import Location
from orderwright.kernel import actors
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.drafting import Draft, TenderDraft
from orderwright.orders.models import Order
from orderwright.orders.refusals import OutOfStock, TotalChanged, UnknownDeliveryOption
from orderwright.payments.methods import STORE_CREDIT
from orderwright.shipping.models import DeliveryOption, Handover
from orderwright.web.answering import is_part, page, part
from orderwright.web.shop import crediting, paying, reviewing
from orderwright.web.shop.crediting import Given
from orderwright.web.shop.paying import Way
from orderwright.web.shop.reviewing import Review

CLIENT = 0  # of no API key: the shop's own pages
KEYS_KEPT = 5
PARTS = {  # what is worked out anew when a field changes: the first takes its place, the others find theirs
    "address": ("address", "deliveries", "summary"),
    "deliveries": ("deliveries", "summary"),
    "summary": ("summary",),
    "credit": ("credit", "summary"),
}
LONGEST_GIFT = 500

WRONG: Mapping[str, str | Promise] = {
    "required": gettext_lazy("This is needed."),
    "unknown": gettext_lazy("This is not known there."),
    "malformed": gettext_lazy("This cannot be right. Is a digit or a letter missing?"),
    "unprintable": gettext_lazy("There are signs in this that cannot be printed."),
    "elsewhere": gettext_lazy("This postal code belongs to another region."),
}


class Form(NamedTuple):
    """What stands in the fields."""

    email: str
    phone: str
    address: AddressDraft
    option: str
    gift_message: str
    hide_prices: bool
    method: str
    gift_card: str
    use_credit: bool
    key: str
    shown_total: str


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The page; what stands in its fields is worked out anew, or the order is placed."""
    placed = _placed_before(request)
    if placed is not None:
        return paying.lead_on(request, placed)
    cart = reviewing.cart_of(request.session)
    if not cart:
        return page(request, "shop/checkout_empty.html", _left_behind(request))
    offered = paying.ways(request)
    form = _form(request)
    review = reviewing.review(
        cart, country=form.address.country, postal_code=form.address.postal_code, option=form.option
    )
    do = request.POST.get("do")
    credit, wrong = _credit(request, form, review)
    if do not in ("pay", "check"):
        return _show(request, form, review, offered, problems={"gift_card": wrong} if wrong else {})
    form, problems = _checked(form, review, offered, credit)
    if any(one.method == STORE_CREDIT for one in credit) and form.email.lower() != _own_email(request):
        problems.setdefault("email", _("Your credit is yours alone: order with your own address, or do not use it."))
    if wrong:
        problems["gift_card"] = wrong
    notes = _notes(form, review)
    if problems or notes:
        status = 200 if do == "check" else 422
        return _show(request, form, review, offered, problems=problems, notes=notes, status=status)
    if do == "check":  # a script asks, before it has the provider take the card
        return HttpResponse(status=204)
    return _pay(request, form, review, offered, credit)


def _credit(request: HttpRequest, form: Form, review: Review) -> tuple[list[Given], str | Promise]:
    """What a gift card and the buyer's own credit pay of it."""
    customer = paying.customer_of(request) if form.use_credit else None
    return crediting.given(form.gift_card, customer, review.currency, review.total_minor)


def _own_email(request: HttpRequest) -> str | None:
    """The address of who is signed in: the order is placed for it, and it is that customer's credit which is spent."""
    customer = paying.customer_of(request)
    if customer is None:
        return None
    return Customer.objects.filter(pk=customer, forgotten_at=None).values_list("email", flat=True).first()


def _pay(request: HttpRequest, form: Form, review: Review, offered: list[Way], credit: Sequence[Given]) -> HttpResponse:
    """Place the order, or say kindly why the shop does not take it."""
    paying.guard(request)
    draft = _draft(form, review, _tenders(request, form, review, offered, credit))
    asked = Request(draft, actors.system("shop"), CLIENT, f"checkout-{form.key}", b"checkout")
    outcome = place_one(asked)
    if isinstance(outcome, Placed):
        _remember(request, form.key, outcome.order_id)
        again_on_conflict(lambda: promise_orders([outcome.order_id]))  # the next page names the day
        return paying.lead_on(request, outcome.order_id)
    request.session["checkout"] = _new_key()  # first of all: this one's refusal is remembered for ever
    notes = _refused(outcome.refusal, review)
    again = reviewing.review(
        reviewing.cart_of(request.session),
        country=form.address.country,
        postal_code=form.address.postal_code,
        option=form.option,
    )
    form = form._replace(key=request.session["checkout"])
    return _show(request, form, again, offered, notes=notes, status=outcome.refusal.status)


def _tenders(
    request: HttpRequest, form: Form, review: Review, offered: list[Way], credit: Sequence[Given]
) -> list[TenderDraft]:
    """Credit first, and the rest in the way that was chosen; nothing else where credit is enough."""
    tenders = [one.tender(review.currency) for one in credit]
    if sum(one.amount_minor for one in credit) < review.total_minor or not credit:
        way = next(way for way in offered if way.code == form.method)
        tenders.append(TenderDraft(way.code, None, paying.token_from(request, way)))
    return tenders


def _show(
    request: HttpRequest,
    form: Form,
    review: Review,
    offered: list[Way],
    *,
    problems: Mapping[str, str | Promise] | None = None,
    notes: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the part of it that depends on what stands in its fields."""
    pickup = review.chosen is not None and review.chosen.kind == Handover.PICKUP
    credit, _wrong = _credit(request, form, review)
    words: dict[str, Any] = {
        "credit": credit,
        "rest_minor": review.total_minor - sum(one.amount_minor for one in credit),
        "own_credit": crediting.own_credit(paying.customer_of(request), review.currency),
        "form": form,
        "review": review,
        "ways": offered,
        "problems": problems or {},
        "notes": notes or [],
        "countries": asking.countries(translation.get_language() or "en"),
        "fields": [
            (field, getattr(form.address, field.name), (problems or {}).get(field.name))
            for field in asking.fields_of(form.address.country)
        ],
        "pickup": pickup,
        "places": dict(
            Location.objects.filter(code__in=[one.pickup_at for one in review.offers]).values_list("code", "name")
        ),
        "method": form.method or (offered[0].code if offered else ""),
        "bank": paying.bank(),
    }
    wanted = PARTS.get(request.POST.get("do", "")) if is_part(request) else None
    if wanted is not None:
        return part(request, "shop/_parts.html", words | {"parts": wanted})
    return page(request, "shop/checkout.html", words, status=status, content_policy=paying.policy_for(offered))


def _form(request: HttpRequest) -> Form:
    """What was sent; of who is signed in and has just come, what is known of him."""
    said: Mapping[str, str] = request.POST if request.method == "POST" else _known(paying.customer_of(request))

    def text(name: str, longest: int = 200) -> str:
        return said.get(name, "").replace("\x00", "").replace("\r\n", "\n")[:longest]

    country = text("country", 2).upper()
    if country not in dict(asking.countries("en")):
        country = _country()
    address = AddressDraft(
        name=text("name"),
        company=text("company"),
        street=text("street", 500),
        postal_code=text("postal_code", 20),
        city=text("city"),
        region=text("region"),
        country=country,
        phone=text("phone", 40),
    )
    return Form(
        email=text("email", 254),
        phone=text("phone", 40),
        address=address,
        option=text("option", 100),
        gift_message=text("gift_message", LONGEST_GIFT),
        hide_prices=bool(said.get("hide_prices")),
        method=text("method", 100),
        gift_card=text("gift_card", 60),
        use_credit=bool(said.get("use_credit")),
        key=_key(request),
        shown_total=text("shown_total", 40),
    )


def _known(customer_id: int | None) -> dict[str, str]:
    """The contact of a customer, and where his last order went."""
    if customer_id is None:
        return {}
    customer = Customer.objects.filter(pk=customer_id, forgotten_at=None).first()
    if customer is None:
        return {}
    known = {"email": customer.email, "name": customer.name, "phone": customer.phone}
    last = Order.objects.filter(customer=customer, ship_to__isnull=False).order_by("-placed_at", "-pk")
    where = last.values_list("ship_to_id", flat=True).first()
    address = Address.objects.filter(pk=where).first() if where is not None else None
    if address is not None:
        fields = ("name", "company", "street", "postal_code", "city", "region", "country")
        known |= {field: getattr(address, field) for field in fields if getattr(address, field)}
    return {field: text or "" for field, text in known.items()}


def _checked(
    form: Form, review: Review, offered: list[Way], credit: Sequence[Given]
) -> tuple[Form, dict[str, str | Promise]]:
    """The form with its values in the form in which they are kept, and what is wrong, by field."""
    problems: dict[str, str | Promise] = {}
    customer, wrong = customer_problems(CustomerDraft(email=form.email, phone=form.phone), country=form.address.country)
    if not form.email.strip():
        problems["email"] = WRONG["required"]
    address, wrong_there = address_problems(form.address)
    pickup = review.chosen is not None and review.chosen.kind == Handover.PICKUP
    if not address.name:
        problems["name"] = WRONG["required"]
    for field, problem in [*wrong, *wrong_there]:
        if not pickup or field in ("email", "phone", "name"):
            problems.setdefault(field, WRONG[problem])
    is_covered = credit and sum(one.amount_minor for one in credit) == review.total_minor
    if form.method not in {way.code for way in offered} and not is_covered:
        problems["method"] = _("Choose how you want to pay.")
    form = form._replace(email=customer.email or form.email, address=address)
    return form, problems


def _notes(form: Form, review: Review) -> list[str]:
    """What is not wrong with a field and still in the way."""
    if not review.lines:
        return [_("Nothing in your cart is sold any more.")]
    if review.chosen is None:
        return [_("We cannot deliver this to where you are. Perhaps to another address?")]
    if form.option and form.option != review.chosen.code:
        return [_("The way of delivery that you chose is not offered any more. Please look at the others.")]
    if form.shown_total != review.expected_total:
        return [_("The total changed while this page was open. Please look at it, and pay if it is right.")]
    return []


def _refused(refusal: Refusal, review: Review) -> list[str]:
    """Why the shop does not take the order; what is not for a buyer to mend is raised as it is."""
    if refusal.code == OutOfStock.code:
        return reviewing.short_words(cast(Any, refusal.facts["short"]), review.lines)
    if refusal.code == TotalChanged.code:
        return [_("A price changed in this very moment. Please look at the total, and pay if it is right.")]
    if refusal.code == UnknownDeliveryOption.code:
        return [_("The way of delivery that you chose is not offered any more. Please look at the others.")]
    raise refusal


def _draft(form: Form, review: Review, tenders: list[TenderDraft]) -> Draft:
    assert review.chosen is not None
    address = form.address
    return Draft(
        channel=review.channel.code,
        lines=review.drafts(),
        customer=CustomerDraft(
            email=form.email, name=address.name, phone=address.phone, language=translation.get_language() or "en"
        ),
        ship_to=_pickup(address, review.chosen.pickup_at) if review.chosen.kind == Handover.PICKUP else address,
        adjustments=review.adjustments,
        tenders=tenders,
        when_short="backorder",  # where the SKU may wait
        delivery_option=review.chosen.code,
        gift_message=form.gift_message.strip(),
        hide_prices=form.hide_prices,
        expected_total=review.expected_total,
    )


def _pickup(address: AddressDraft, code: str) -> AddressDraft:
    """Where the goods are fetched: that is where they go to, under the buyer's name."""
    place = Location.objects.get(code=code)
    return msgspec.structs.replace(
        AddressDraft(name=address.name, phone=address.phone),
        company=place.name,
        city=place.city,
        country=place.country,
        latitude=place.latitude,
        longitude=place.longitude,
    )


def _country() -> str:
    """Where most parcels of the shop go: the first country of its delivery options, or its first location's."""
    for countries in (
        DeliveryOption.objects.filter(active=True).order_by("rank", "pk").values_list("countries", flat=True)
    ):
        if "DE" in countries or not countries:
            break
        return str(countries[0])
    return (
        Location.objects.filter(active=True)
        .exclude(country="")
        .order_by("rank", "pk")
        .values_list("country", flat=True)
        .first()
        or "DE"
    )


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def _key(request: HttpRequest) -> str:
    """The id of this checkout: the one that its form bears, if it is ours."""
    said = request.POST.get("key", "")
    known = request.session.get("checkout")
    if not known:
        known = request.session["checkout"] = _new_key()
    return said if said == known else str(known)


def _placed_before(request: HttpRequest) -> int | None:
    """The order that this very form placed before: pressing twice, or going back and pressing again, leads to it."""
    if request.method != "POST":
        return None
    placed = dict(request.session.get("placed", []))
    found = placed.get(request.POST.get("key", ""))
    return found if isinstance(found, int) else None


def _left_behind(request: HttpRequest) -> dict[str, str]:
    """The order of this visit that still waits for its payment: who goes back from his bank finds it again."""
    placed = request.session.get("placed", [])
    if not placed:
        return {}
    order_id = placed[-1][1]
    found = paying.standing(order_id)
    if found.state in (paying.State.DONE, paying.State.CANCELED):
        return {}
    return {"waiting": found.head.number, "waiting_url": paying.thanks_path(order_id)}


def _remember(request: HttpRequest, key: str, order_id: int) -> None:
    """The order is placed: the cart is empty, and whoever presses again with this form is led to the order."""
    request.session["placed"] = [*request.session.get("placed", []), [key, order_id]][-KEYS_KEPT:]
    request.session["cart"] = {}
    request.session["checkout"] = _new_key()


PATHS = [path("checkout", checkout)]
