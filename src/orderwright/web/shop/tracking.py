"""/track/…: where an order is, for who ordered it: by the link in a letter, or by its number and an e-mail address.

Nobody needs an account.  Links are signed and name no order; who guesses numbers is slowed down, and whatever is wrong
is answered alike.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from orderwright.customers.checking import address_problems
from orderwright.customers.drafting import AddressDraft
from orderwright.customers.models import Customer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.readdress_orders import Readdress, readdress_orders
from orderwright.kernel import actors, clock, throttling
from orderwright.kernel.errors import Refusal
from orderwright.orders import queries, readdressing
from orderwright.orders.locking import lock_orders
from orderwright.orders.of_customers import order_of
from orderwright.orders.queries import LineSeen, OrderSeen
from orderwright.payments import linking, waiting
from orderwright.promises import queries as promises
from orderwright.promises.models import Reason
from orderwright.promises.queries import Entry
from orderwright.shipping import queries as shipping
from orderwright.shipping.queries import PackageShown, ScanShown
from orderwright.web.answering import go, is_part, page, part, say
from orderwright.web.pages.order import Step, steps
from orderwright.web.shop.structured import order_as_json
from orderwright.web.signing_in import network_of
from orderwright.web.visiting import LANGUAGE_COOKIE

TRIES_OF_A_NETWORK, TRIES_OF_A_NUMBER, TRIES_SECONDS = 20, 10, 10 * 60
FIELDS = ("name", "company", "street", "postal_code", "city", "region", "phone")
LONGEST: Mapping[str, int] = {"street": 500, "postal_code": 20, "phone": 40}

WHY: Mapping[str, Promise] = {
    Reason.RECEIPT: gettext_lazy("We are waiting for a delivery from our supplier."),
    Reason.LEAD_TIME: gettext_lazy("We have ordered it for you."),
    Reason.IN_WORK: gettext_lazy("Our warehouse needs longer than we thought."),
    Reason.IN_STOCK: gettext_lazy("Our warehouse needs longer than we thought."),
    Reason.ON_ITS_WAY: gettext_lazy("The carrier needs longer than we thought."),
    Reason.UNKNOWN: gettext_lazy("We do not know yet when it comes in. You will hear from us."),
}
PROBLEMS: Mapping[str, Promise] = {
    "required": gettext_lazy("This is needed."),
    "malformed": gettext_lazy("This cannot be right."),
    "unknown": gettext_lazy("This is not known there."),
    "elsewhere": gettext_lazy("This is not there."),
    "unprintable": gettext_lazy("This has characters that cannot be printed."),
}


class TooLateToChange(Refusal):
    code = "too_late_to_change"
    status = 409
    sentence = gettext_lazy(
        "Order {number} can no longer be changed here: it is being packed, or is on its way. Write to us, and we will "
        "see what can be done."
    )


class Parcel(NamedTuple):
    """A parcel that left, as its receiver sees it."""

    place: int
    package: PackageShown
    inside: list[tuple[int, str]]  # how many of what
    steps: list[Step]
    scans: list[ScanShown]
    last: ScanShown | None
    expected_on: date | None


class Later(NamedTuple):
    """A line of which units have not left: how many, when they arrive, and what is to be said of it."""

    line: LineSeen
    quantity: int
    deliver_on: date | None
    first_on: date | None  # promised first, where that is another day
    is_waiting: bool
    why: str | Promise


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """By the number and the e-mail address that it was ordered with."""
    if request.method != "POST":
        return page(request, "shop/track_find.html")
    number = request.POST.get("number", "").strip()[:100].replace("\x00", "")
    email = request.POST.get("email", "").strip()[:254].replace("\x00", "")
    throttling.count("tracking from", network_of(request), most=TRIES_OF_A_NETWORK, seconds=TRIES_SECONDS)
    throttling.count("tracking of", number.upper(), most=TRIES_OF_A_NUMBER, seconds=TRIES_SECONDS)
    found = order_of(number, email)
    if found is None:
        words = {"number": number, "email": email, "problem": True}
        return page(request, "shop/track_find.html", words, status=422)
    return go(request, f"/track/{linking.token_of(found, linking.TRACK)}")


@require_safe
def track(request: HttpRequest, token: str) -> HttpResponse:
    """Where it is."""
    found, customer = _found(token)
    with spoken(request, customer):
        words = whole(found, token)
        if is_part(request):
            return part(request, "shop/_track.html", words)
        return page(request, "shop/track.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """By the customer, as long as nobody packs it; asked for twice."""
    found, customer = _found(token)
    with spoken(request, customer):
        if request.method != "POST":
            refuse_if_late(found)
            return page(request, "shop/track_cancel.html", {"order": found, "token": token})
        with transaction.atomic():
            lock_orders([found.head.id])
            refuse_if_late(found)
            actor = actors.customer(customer.pk)
            (answer,) = cancel_orders([Cancel(found.head.id, "customer_request")], actor=actor)
        if isinstance(answer, Refusal):
            raise answer
        say(request, _("Your order is canceled."))
    return go(request, f"/track/{token}")


@require_http_methods(["GET", "HEAD", "POST"])
def readdress(request: HttpRequest, token: str) -> HttpResponse:
    """To another address in the same country, as long as nobody packs it."""
    found, customer = _found(token)
    with spoken(request, customer):
        refuse_if_late(found)
        typed = _typed(request, found)
        problems = {} if request.method != "POST" else _problems(typed)
        if request.method != "POST" or problems:
            words = {"order": found, "token": token, "typed": typed, "problems": problems}
            return page(request, "shop/track_address.html", words, status=422 if problems else 200)
        with transaction.atomic():
            lock_orders([found.head.id])
            refuse_if_late(found)
            actor = actors.customer(customer.pk)
            (answer,) = readdress_orders([Readdress(found.head.id, typed)], actor=actor)
        if isinstance(answer, Refusal):
            raise answer
        say(request, _("Your order goes to the new address."))
    return go(request, f"/track/{token}")


def whole(found: OrderSeen, token: str) -> dict[str, Any]:
    """What the page tells; a fixed number of statements."""
    id_ = found.head.id
    entries = promises.of_order(id_)
    scans = shipping.scans_of_order(id_)
    sent = [one for one in shipping.of_orders([id_])[id_] if one.state == "shipped"]
    names = {line.position: line.name or line.sku for line in found.lines}
    parcels = [
        _parcel(place, package, names, scans.get(package.name, ()), entries)
        for place, package in enumerate((package for shipment in sent for package in shipment.packages), 1)
    ]
    later = _later(found, entries)
    canceled = [(quantity, line) for line in found.lines if (quantity := _units(line, "canceled"))]
    return {
        "order": found,
        "head": found.head,
        "token": token,
        "parcels": parcels,
        "later": later,
        "canceled": canceled,
        "deliver_on": _last_day(entries),
        "may_change": may_change(found),
        "kept_until": waiting.kept_until(id_) if found.head.status == "unpaid" else None,
        "structured": order_as_json(found, [parcel.package for parcel in parcels]),
    }


def may_change(found: OrderSeen) -> bool:
    """Whether its customer may change or cancel it: nobody packs it, and the shop's window for it is still open."""
    if settings.SELF_SERVICE_MINUTES is not None:
        until = found.head.placed_at + timedelta(minutes=settings.SELF_SERVICE_MINUTES)
        if clock.now() >= until:
            return False
    return readdressing.where([found.head.id])[found.head.id].is_untouched


def refuse_if_late(found: OrderSeen) -> None:
    if not may_change(found):
        raise TooLateToChange(number=found.head.number)


def spoken(request: HttpRequest, customer: Customer) -> AbstractContextManager[None]:
    """The customer's language, where the visitor has not chosen one."""
    known = {code for code, _name in settings.LANGUAGES}
    if LANGUAGE_COOKIE in request.COOKIES or customer.language not in known:
        return nullcontext()
    return translation.override(customer.language)


def _found(token: str) -> tuple[OrderSeen, Customer]:
    """The order of a link, and whose it is."""
    head = queries.heads([linking.order_of(token, linking.TRACK)])
    if not head:
        raise linking.BadPayLink
    (one,) = head.values()
    return queries.get(one.number), Customer.objects.get(pk=one.customer_id)


def _parcel(
    place: int,
    package: PackageShown,
    names: Mapping[int, str],
    scans: Sequence[ScanShown],
    entries: Sequence[Entry],
) -> Parcel:
    believed = [scan for scan in reversed(scans) if scan.believed]
    lines = {units.line for units in package.units}
    days = [entry.deliver_on for entry in entries if entry.superseded_at is None and entry.line in lines]
    known = [day for day in days if day is not None]
    return Parcel(
        place,
        package,
        [(units.quantity, names.get(units.line, units.sku)) for units in package.units],
        steps(package.stage, [scan.stage for scan in believed]),
        believed,
        believed[0] if believed else None,
        max(known) if known and package.stage not in ("delivered", "returned", "lost") else None,
    )


def _later(found: OrderSeen, entries: Sequence[Entry]) -> list[Later]:
    """What has not left yet, line by line."""
    told = []
    for line in found.lines:
        quantity = _units(line, "open", "backordered", "reserved", "released")
        if not quantity:
            continue
        own = [entry for entry in entries if entry.line in (line.position, line.kit)]
        now = own[-1] if own else None
        first = next((entry.deliver_on for entry in own if entry.deliver_on), None)
        is_late = now is not None and first is not None and (now.deliver_on is None or now.deliver_on > first)
        is_waiting = bool(_units(line, "backordered"))
        why = WHY.get(now.reason, "") if now is not None and (is_late or is_waiting) else ""
        day = now.deliver_on if now is not None else None
        told.append(Later(line, quantity, day, first if is_late else None, is_waiting, why))
    return told


def _last_day(entries: Sequence[Entry]) -> date | None:
    """The day on which all of it is there, where that is known and still to come."""
    open_ones = [entry for entry in entries if entry.superseded_at is None and entry.came_on is None]
    days = [entry.deliver_on for entry in open_ones if entry.deliver_on is not None]
    return max(days) if days and len(days) == len(open_ones) else None


def _units(line: LineSeen, *buckets: str) -> int:
    return sum(where.quantity for where in line.where if where.bucket in buckets)


def _typed(request: HttpRequest, found: OrderSeen) -> AddressDraft:
    """The address of a form; where it goes now, before one was sent."""
    was = found.ship_to
    if request.method != "POST":
        known = {name: getattr(was, name) if was else "" for name in (*FIELDS, "country")}
        return msgspec.convert(known, AddressDraft)
    said = {name: request.POST.get(name, "").replace("\x00", "")[: LONGEST.get(name, 200)].strip() for name in FIELDS}
    return msgspec.convert(said | {"country": was.country if was else ""}, AddressDraft)


def _problems(typed: AddressDraft) -> dict[str, str | Promise]:
    """What is wrong with an address, by field."""
    found = address_problems(typed)[1]
    return {one.field.rpartition("/")[2]: PROBLEMS.get(one.problem, one.problem) for one in found}


PATHS = [
    path("track", find),
    path("track/<str:token>", track),
    path("track/<str:token>/cancel", cancel),
    path("track/<str:token>/address", readdress),
]
