"""/, /c/…, /p/…, /search: what the shop sells, with its pictures, its prices, and how much of it is there."""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.catalog import browsing, queries, selling
from orderwright.catalog.browsing import PER_PAGE, Card, Shelf, Shown, Variant
from orderwright.catalog.picturing import media_type
from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound
from orderwright.web.answering import page as whole
from orderwright.web.shop import standing
from orderwright.web.shop.reviewing import shop_channel

MOST_PAGES = 1000
IN_THE_WINDOW = 8
LONGEST_SEARCH = 100
KEPT = "public, max-age=31536000, immutable"

SORTS = {
    "name": _("Name"),
    "cheap": _("Lowest price first"),
    "dear": _("Highest price first"),
    "new": _("Newest first"),
}


class Displayed(NamedTuple):
    """A card, with how many there are of its best-stocked SKU."""

    card: Card
    left: int

    @property
    def few(self) -> bool:
        return 0 < self.left <= standing.FEW


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The window: categories with a picture each, and what is new."""
    channel = shop_channel()
    all_shelves = browsing.shelves(channel.currency)
    newest = browsing.cards(channel.currency, order="new", limit=IN_THE_WINDOW)[:IN_THE_WINDOW]
    words = {
        "shelves": [shelf for shelf in all_shelves if shelf.parent is None],
        "below": _below(all_shelves),
        "cards": _displayed(newest, channel.id),
        "currency": channel.currency,
    }
    return whole(request, "shop/home.html", words)


@require_safe
def category(request: HttpRequest, code: str) -> HttpResponse:
    """A category with all that is below it."""
    channel = shop_channel()
    all_shelves = browsing.shelves(channel.currency)
    by_code = {shelf.code: shelf for shelf in all_shelves}
    here = by_code.get(code)
    if here is None:
        raise NotFound(thing="category", name=code[:LONGEST_SEARCH])
    words = {
        "here": here,
        "path": _path(here, by_code),
        "shelves": [shelf for shelf in all_shelves if shelf.parent == code],
        **_page_of_cards(request, channel.currency, channel.id, category=code),
    }
    return whole(request, "shop/category.html", words)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What has all the words in its name, its description or a SKU's code."""
    channel = shop_channel()
    said = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    found: dict[str, Any] = {"cards": [], "currency": channel.currency}
    if said:
        found = _page_of_cards(request, channel.currency, channel.id, words=said)
    shelves = [shelf for shelf in browsing.shelves(channel.currency) if shelf.parent is None]
    return whole(request, "shop/search.html", {"q": said, "shelves": shelves, **found})


@require_safe
def product(request: HttpRequest, sku: str) -> HttpResponse:
    """A product with its variants; the one that the address names is chosen."""
    channel = shop_channel()
    found = browsing.shown(sku, channel.currency)
    variants = {variant.code: variant for variant in found.variants}
    skus = sql.ask(selling.for_sale(variants))
    stands = standing.of_all(skus, channel.id)
    chosen = variants.get(sku) or next((one for one in found.variants if stands[one.code].buyable), found.variants[0])
    stands[chosen.code] = standing.with_date(skus[chosen.code], stands[chosen.code], channel.id)
    by_code = {shelf.code: shelf for shelf in browsing.shelves(channel.currency)}
    here = by_code.get(found.category or "")
    words = {
        "found": found,
        "chosen": chosen,
        "stands": stands[chosen.code],
        "variants": [(variant, _own_name(variant, found), stands[variant.code]) for variant in found.variants],
        "parts": skus[chosen.code].parts,
        "path": [*_path(here, by_code), here] if here else [],
        "currency": channel.currency,
        "most": min(stands[chosen.code].most or 99, 99),
    }
    return whole(request, "shop/product.html", words)


@require_safe
def picture(request: HttpRequest, version: int, code: str) -> FileResponse:
    """A product's picture; a browser keeps it for ever, for a new one has another address."""
    content = queries.picture(code) if "\x00" not in code else None
    if content is None:
        raise NotFound(thing="picture", name=code[:LONGEST_SEARCH])
    answer = FileResponse(io.BytesIO(content), content_type=media_type(content))
    answer["Cache-Control"] = KEPT
    return answer


def _own_name(variant: Variant, found: Shown) -> str:
    """What tells a variant from its sisters: its name without the product's."""
    return variant.name.removeprefix(found.name).lstrip(" ,-–:") or variant.name


def _page_of_cards(
    request: HttpRequest, currency: str, channel: int, *, category: str = "", words: str = ""
) -> dict[str, Any]:
    said, sort = request.GET.get("page", "1"), request.GET.get("sort", "name")
    number = min(max(int(said), 1), MOST_PAGES) if said.isascii() and said.isdigit() and len(said) < 6 else 1
    sort = sort if sort in SORTS else "name"
    found = browsing.cards(currency, category=category, words=words, order=sort, page=number)
    return {
        "cards": _displayed(found[:PER_PAGE], channel),
        "currency": currency,
        "sort": sort,
        "sorts": SORTS.items(),
        "earlier": number - 1,
        "later": number + 1 if len(found) > PER_PAGE else 0,
    }


def _displayed(cards: Sequence[Card], channel: int) -> list[Displayed]:
    left = standing.of_cards({card.product: card.skus for card in cards}, channel)
    return [Displayed(card, left[card.product]) for card in cards]


def _below(shelves: Sequence[Shelf]) -> dict[str, list[Shelf]]:
    below: dict[str, list[Shelf]] = {}
    for shelf in shelves:
        if shelf.parent is not None:
            below.setdefault(shelf.parent, []).append(shelf)
    return below


def _path(shelf: Shelf, by_code: dict[str, Shelf]) -> list[Shelf]:
    """What stands above a category, the top first."""
    found: list[Shelf] = []
    above = by_code.get(shelf.parent or "")
    while above is not None and above not in found:
        found.insert(0, above)
        above = by_code.get(above.parent or "")
    return found


PATHS = [
    path("", home),
    path("c/<str:code>", category),
    path("p/<str:sku>", product),
    path("search", search),
    path("pictures/<int:version>/<str:code>", picture),
]
