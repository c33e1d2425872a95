"""The form in which an order is edited: what it shows, what somebody typed, and the edit that this means."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from orderwright.catalog import selling
from orderwright.catalog.finding import Found, found
from orderwright.catalog.queries import pictured
from orderwright.customers import asking
from orderwright.customers.drafting import AddressDraft
from orderwright.inventory.availability import availability
from orderwright.kernel import money, sql
from orderwright.kernel.errors import Invalid
from orderwright.kernel.money import MICROS, micros
from orderwright.orders.drafting import LineDraft
from orderwright.orders.editing import Change, Discount, Edit, standing_quantity
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.queries import AddressSeen, LineSeen, OrderSeen
from orderwright.orders.units import units_of
from orderwright.shipping.options import active_options, going_to, terms_of
from orderwright.web import reading

MOST_ADDED = 50
MOST_FOUND = 8
PERCENT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*%")
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
QUOTED, KEPT = "quoted", "kept"


class LineOffered(NamedTuple):
    """A line that may be changed: how many units of it stand, and what somebody typed."""

    line: LineSeen
    now: int
    typed: str
    off: str
    why: str
    picture: str


class Added(NamedTuple):
    """A SKU that is to be added."""

    row: int
    sku: str
    name: str
    quantity: str
    price: str
    listed: int | None  # micros
    available: int | None


class Offered(NamedTuple):
    """A SKU that was found, with what is available of it for the order's channel."""

    sku: Found
    available: int


def offer_lines(order: OrderSeen, typed: QueryDict) -> list[LineOffered]:
    """The lines of which units stand; of kits, the kits."""
    units = units_of([order.head.id])[order.head.id]
    of_id = {one.id: one for one in units.lines}
    pictures = pictured([line.sku for line in order.lines])
    lines = []
    for line in order.lines:
        now = standing_quantity(units, of_id[line.id]) if line.kit is None else 0
        if now:
            product, version = pictures.get(line.sku, ("", 0))
            name = str(line.position)
            lines.append(
                LineOffered(
                    line,
                    now,
                    typed.get(f"line-{name}", str(now)),
                    typed.get(f"off-{name}", ""),
                    typed.get(f"why-{name}", ""),
                    f"/pictures/{version}/{product}" if product else "",
                )
            )
    return lines


def added_rows(order: OrderSeen, typed: QueryDict) -> list[Added]:
    """What is to be added so far, with what was just chosen; two statements."""
    rows = [(row, typed.get(f"sku-{row}", "").strip()) for row in range(1, MOST_ADDED + 1)]
    taken = [(row, sku) for row, sku in rows if sku and typed.get("drop") != str(row)]
    chosen = typed.get("add", "").strip()
    if chosen and len(taken) < MOST_ADDED and "\x00" not in chosen:
        taken.append((max((row for row, _sku in taken), default=0) % MOST_ADDED + 1, chosen))
    skus = {sku for _row, sku in taken if "\x00" not in sku}
    known = sql.ask(selling.for_sale(skus)) if skus else {}
    there = _available(order, [one.id for one in known.values()])
    added = []
    for place, (row, sku) in enumerate(taken, 1):
        one = known.get(sku)
        is_new = sku == chosen and place == len(taken)
        added.append(
            Added(
                place,
                sku,
                one.name if one else "",
                "1" if is_new else typed.get(f"quantity-{row}", "1"),
                "" if is_new else typed.get(f"price-{row}", ""),
                one.prices.get(order.head.currency) if one else None,
                there.get(one.id, 0) if one else None,
            )
        )
    return added


def offered_skus(order: OrderSeen, typed: str) -> list[Offered]:
    """What may be added, as somebody types it; two statements."""
    skus = found(typed[:100], currency=order.head.currency, limit=MOST_FOUND)
    there = _available(order, [one.id for one in skus])
    return [Offered(one, there.get(one.id, 0)) for one in skus]


def _available(order: OrderSeen, skus: list[int]) -> dict[int, int]:
    if not skus:
        return {}
    channel = sql.ask(selling.channels([order.head.channel])).get(order.head.channel)
    return {sku: one.total for sku, one in availability(skus, channel=channel.id if channel else None).items()}


def shown(order: OrderSeen, typed: QueryDict, *, reads_customers: bool) -> dict[str, Any]:
    """What the form shows, as it is or as it was typed."""
    shipping = sum(one.amount_minor for one in order.adjustments if one.kind == AdjustmentKind.SHIPPING)
    return {
        "lines": offer_lines(order, typed),
        "added": added_rows(order, typed),
        "shipping": shipping,
        "typed": typed,
        "ship_to": _address_shown(order.ship_to, typed, "to") if order.ship_to and reads_customers else [],
        "bill_to": _address_shown(order.bill_to, typed, "bill") if reads_customers else [],
        "ship_changed": _address(typed, order.ship_to, "to") is not None,
        "bill_changed": _address(typed, order.bill_to, "bill") is not None,
        "bill_country": typed.get("bill-country", order.bill_to.country if order.bill_to else ""),
        "countries": asking.countries(get_language() or "en"),
        "tells": not typed or "tell" in typed,
        "options": options(order),
        "option": typed.get("option", ""),
        "charge": typed.get("charge", QUOTED),
        "shorts": SHORT,
        "reasons": REASONS,
    }


def options(order: OrderSeen) -> list[tuple[str, str]]:
    """The delivery options that go there, by name; the one that the order has is the first, as it is."""
    here = going_to(order.ship_to.country if order.ship_to else "", active_options())
    names = {code: terms.name or code for code, terms in terms_of(here).items()}
    has = order.wish.delivery_option
    stays = _("as it is: {option}").format(option=names.get(has, has)) if has else _("as it is")
    return [("", stays), *((option.code, names[option.code]) for option in here if option.code != has)]


def _address_shown(was: AddressSeen | None, typed: QueryDict, before: str) -> list[tuple[str, str | Promise, str]]:
    return [
        (name, label, typed.get(f"{before}-{name}", getattr(was, name) if was else "")) for name, label in OF_ADDRESS
    ]


def read(form: QueryDict, order: OrderSeen, *, shipping_minor: int | None) -> Edit:
    """What the form asks for; `shipping_minor` is what its delivery is to cost, where that changes."""
    lines = offer_lines(order, form)
    return Edit(
        order.head.id,
        changes=[Change(one.line.position, _wanted(form, one)) for one in lines],
        added=list(_added(form)),
        discounts=list(_discounts(form, lines, order.head.currency)),
        shipping_minor=shipping_minor,
        delivery_option=form.get("option") or None,
        ship_to=_address(form, order.ship_to, "to"),
        bill_to=_address(form, order.bill_to, "bill"),
        when_short=reading.one_of(form, "short", [code for code, _words in SHORT]),
        reason=reading.one_of(form, "reason", [code for code, _words in REASONS]),
        note=reading.text(form, "note", most=5000),
        tells="tell" in form,
    )


def typed_shipping(form: QueryDict, currency: str) -> int | None:
    """What somebody wants the delivery to cost; None where nothing is typed."""
    amount = reading.amount_or_none(form, "shipping", currency)
    if amount is not None and amount < 0:
        raise Invalid(field="shipping", problem=_("less than nothing is not possible"))
    return amount


def _wanted(form: QueryDict, one: LineOffered) -> int:
    """So many units of a line are to stand; as many as now, where nothing is typed."""
    name = f"line-{one.line.position}"
    return reading.whole(form, name) if form.get(name, "").strip() else one.now


def _discounts(form: QueryDict, lines: list[LineOffered], currency: str) -> Iterator[Discount]:
    """What is off each line, and off the order: an amount, or percent of what the units come to that stand then."""
    whole = 0
    for one in lines:
        base = one.line.total_minor * min(one.now, _wanted(form, one)) // one.line.quantity
        whole += base
        name = f"off-{one.line.position}"
        if amount := _off(form, name, base, currency):
            yield Discount(amount, reading.text(form, f"why-{one.line.position}") or "discount", one.line.position)
    if amount := _off(form, "discount", whole, currency):
        yield Discount(amount, reading.text(form, "label") or "discount")


def _off(form: QueryDict, name: str, base: int, currency: str) -> int | None:
    typed = reading.text(form, name, most=30)
    percent = PERCENT.fullmatch(typed)
    if percent:
        share = micros(percent[1].replace(",", "."))
        if not 0 < share <= 100 * MICROS:
            raise Invalid(field=name, problem=_("more than 0 % and at most 100 % are possible"))
        return money.round_half_away(base * share, 100 * MICROS)
    amount = reading.amount_or_none(form, name, currency)
    if amount is not None and amount < 1:
        raise Invalid(field=name, problem=_("more than nothing is needed"))
    return amount


def _address(form: QueryDict, was: AddressSeen | None, before: str) -> AddressDraft | None:
    """Where the order goes, or is billed to, if that is elsewhere."""
    if f"{before}-street" not in form:
        return None
    typed: dict[str, Any] = {
        name: reading.text(form, f"{before}-{name}", most=500).replace("\r\n", "\n") for name, _label in OF_ADDRESS
    }
    country = reading.text(form, f"{before}-country", most=2) if before == "bill" else was.country if was else ""
    had = {name: getattr(was, name) if was else "" for name in typed}
    if typed == had and (was is None or country == was.country):
        return None
    return AddressDraft(country=country, **typed)


def _added(form: QueryDict) -> Iterator[LineDraft]:
    for row in range(1, MOST_ADDED + 1):
        sku = reading.text(form, f"sku-{row}", most=100)
        if sku:
            price = form.get(f"price-{row}", "").strip().replace(",", ".")
            if price and micros(price) < 0:
                raise Invalid(field="price", problem=_("less than nothing is not possible"))
            yield LineDraft(sku, reading.whole(form, f"quantity-{row}", least=1), price or None)
