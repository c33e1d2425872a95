"""/cart: what a visitor means to buy: how many of which SKU, what it comes to now, and kindly what is in the way.

The cart is kept with the visitor's session: `cart` has quantities by SKU, `cart_prices` what each cost when it was last
looked at.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.catalog import browsing, selling
from orderwright.catalog.browsing import Pictured
from orderwright.catalog.selling import ForSale
from orderwright.kernel import money, sql
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.web.answering import go, page, say
from orderwright.web.shop import standing
from orderwright.web.shop.reviewing import MOST_LINES, cart_of, shop_channel
from orderwright.web.shop.standing import Stands

MOST = 999


class Row(NamedTuple):
    """A line of the cart."""

    sku: ForSale
    quantity: int
    unit_price_micros: int
    before_micros: int | None  # what it cost when the buyer last looked, where that was something else
    total_minor: int
    stands: Stands
    picture: Pictured

    @property
    def short(self) -> bool:
        """Is more wanted than there is, of what may not wait?"""
        return self.stands.most is not None and self.quantity > self.stands.most and not standing.may_wait(self.sku)

    @property
    def problem(self) -> bool:
        return self.short or not self.stands.buyable


@require_http_methods(["GET", "HEAD", "POST"])
def cart(request: HttpRequest) -> HttpResponse:
    """The cart; a change of quantities leads back to it."""
    if request.method == "POST":
        return _change(request)
    channel = shop_channel()
    wanted = cart_of(request.session)
    skus = sql.ask(selling.for_sale(wanted.keys())) if wanted else {}
    rows, gone = _rows(request, wanted, skus, channel.currency, channel.id)
    words = {
        "rows": rows,
        "gone": gone,
        "total_minor": sum(row.total_minor for row in rows),
        "count": sum(row.quantity for row in rows),
        "currency": channel.currency,
        "in_the_way": any(row.problem for row in rows),
        "most": MOST,
    }
    _remember(request, wanted, gone, {row.sku.code: row.unit_price_micros for row in rows})
    return page(request, "shop/cart.html", words)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Lay something into the cart; no more of it than there is."""
    code, quantity = request.POST.get("sku", "")[:200], _quantity(request.POST.get("quantity", "1"))
    channel = shop_channel()
    sku = sql.ask(selling.for_sale([code.replace("\x00", "")])).get(code)
    price = sku.prices.get(channel.currency) if sku is not None and sku.active else None
    if sku is None or price is None:
        raise NotFound(thing="product", name=code)
    wanted = cart_of(request.session)
    stands = standing.of_all({code: sku}, channel.id)[code]
    asked = wanted.get(code, 0) + quantity
    given = _at_most(asked, stands, sku)
    if given and (code in wanted or len(wanted) < MOST_LINES):
        request.session["cart"] = {**wanted, code: given}
        request.session["cart_prices"] = {**_prices(request), code: price}
    if given == asked:
        say(request, _("{name} is in your cart.").format(name=sku.name))
    elif given:
        say(request, _("There are only {left} of {name}.").format(left=given, name=sku.name), tone="wait")
    else:
        say(request, _("{name} is sold out.").format(name=sku.name), tone="bad")
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return go(request, back if safe and back.startswith("/") else "/cart")


def _change(request: HttpRequest) -> HttpResponse:
    """Other quantities: `quantity-SKU` for each line, and `remove` for the one that goes."""
    wanted = cart_of(request.session)
    removed = request.POST.get("remove", "")
    changed = {
        code: _quantity(request.POST.get(f"quantity-{code}", str(quantity)))
        for code, quantity in wanted.items()
        if code != removed
    }
    request.session["cart"] = {code: quantity for code, quantity in changed.items() if quantity}
    if request.POST.get("do") == "checkout":
        return go(request, "/checkout")
    return go(request, "/cart")


def _rows(
    request: HttpRequest, wanted: Mapping[str, int], skus: Mapping[str, ForSale], currency: str, channel: int
) -> tuple[list[Row], list[str]]:
    """The lines, and the names of what is not sold any more; two statements at most."""
    stands, before = standing.of_all(skus, channel) if skus else {}, _prices(request)
    pictures = browsing.pictures_of([sku.id for sku in skus.values()]) if skus else {}
    rows, gone = [], []
    for code, quantity in wanted.items():
        sku = skus.get(code)
        price = sku.prices.get(currency) if sku is not None and sku.active else None
        if sku is None or price is None:
            gone.append(sku.name if sku is not None else code)
            continue
        known = before.get(code, price)
        total = money.line_total(quantity, price, currency)
        changed = known if known != price else None
        rows.append(Row(sku, quantity, price, changed, total, stands[code], pictures[sku.id]))
    return rows, gone


def _remember(request: HttpRequest, wanted: Mapping[str, int], gone: list[str], prices: dict[str, int]) -> None:
    """What was told now is not told again: other prices, and what is gone."""
    if gone:
        request.session["cart"] = {code: quantity for code, quantity in wanted.items() if code in prices}
    if prices != _prices(request):
        request.session["cart_prices"] = prices


def _prices(request: HttpRequest) -> dict[str, int]:
    said = request.session.get("cart_prices")
    return said if isinstance(said, dict) else {}


def _at_most(asked: int, stands: Stands, sku: ForSale) -> int:
    if standing.may_wait(sku):
        return min(asked, MOST)
    return min(asked, stands.left, MOST)


def _quantity(said: str) -> int:
    said = said.strip()
    if not (said.isascii() and said.isdigit() and len(said) < 6):
        raise Invalid(field="quantity", problem="a whole number is needed")
    return min(int(said), MOST)


PATHS = [path("cart", cart), path("cart/add", add)]
