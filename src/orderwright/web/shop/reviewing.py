"""Reviewing: what a cart comes to with a way of delivery, to the cent, in the same arithmetic that places the order."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.catalog import selling
from orderwright.catalog.models import Channel
from orderwright.catalog.selling import ForSale, SellingChannel
from orderwright.flows.offer_delivery import Basket, Offer, offer_delivery
from orderwright.kernel import money, sql
from orderwright.kernel.errors import Refusal
from orderwright.orders import totals
from orderwright.orders.drafting import AdjustmentDraft, LineDraft
from orderwright.orders.totals import Adjusted
from orderwright.shipping.models import Handover

MOST_LINES = 100
MOST_OF_ONE = 1_000_000


class ShopNotOpen(Refusal):
    code = "shop_not_open"
    status = 503
    sentence = gettext_lazy(
        "This shop sells nothing on these pages yet. Whoever runs it opens its channel in the settings."
    )


class Line(NamedTuple):
    """A line of the cart."""

    sku: ForSale
    quantity: int
    unit_price_micros: int
    total_minor: int


class Review(NamedTuple):
    """A cart, the ways in which it can be delivered, and what it comes to by the chosen one."""

    channel: SellingChannel
    lines: list[Line]
    gone: list[str]  # SKUs that are not sold any more
    offers: list[Offer]
    chosen: Offer | None
    adjustments: list[AdjustmentDraft]
    adjusted: list[Adjusted]
    goods_minor: int
    total_minor: int

    @property
    def currency(self) -> str:
        return self.channel.currency

    @property
    def expected_total(self) -> str:
        return money.write(self.total_minor, self.currency)

    def drafts(self) -> list[LineDraft]:
        return [LineDraft(line.sku.code, line.quantity) for line in self.lines]


def review(cart: Mapping[str, int], *, country: str, postal_code: str = "", option: str = "") -> Review:
    """Price a cart as it would be placed now; the first way of delivery is chosen where `option` is not offered."""
    channel, skus = shop_channel(), _skus(cart)
    lines, gone = _lines(cart, skus, channel.currency)
    goods = sum(line.total_minor for line in lines)
    offers = []
    if lines:
        wanted = [(line.sku.id, line.quantity) for line in lines]
        offers = offer_delivery(Basket(wanted, goods, channel.currency, country, postal_code, channel.id))
    chosen = next((offer for offer in offers if offer.code == option), None)
    if chosen is None:
        plain = [offer for offer in offers if offer.kind == Handover.DELIVERY]
        chosen = next(iter(plain or offers), None)
    adjustments = [*shipping(chosen, channel.currency), *tax()] if chosen else []
    line_totals = [line.total_minor for line in lines]
    adjusted = totals.adjust(adjustments, line_totals, channel.currency)
    total = totals.total(line_totals, adjusted, channel.currency)
    return Review(channel, lines, gone, offers, chosen, adjustments, adjusted, goods, total)


def shop_channel() -> SellingChannel:
    """The channel that the shop's own pages sell on."""
    found = sql.ask(selling.channels([settings.SHOP_CHANNEL])).get(settings.SHOP_CHANNEL)
    if found is None or not found.active:
        raise ShopNotOpen()
    return found


def cart_of(session: Mapping[str, object]) -> dict[str, int]:
    """The cart of a visitor: how many of which SKU.  What a session cannot have from us is left out."""
    said = session.get("cart")
    found = said.items() if isinstance(said, dict) else ()
    sound = {
        str(sku): quantity
        for sku, quantity in found
        if isinstance(quantity, int) and 1 <= quantity <= MOST_OF_ONE and "\x00" not in str(sku)
    }
    return dict(list(sound.items())[:MOST_LINES])


def shipping(offer: Offer, currency: str) -> list[AdjustmentDraft]:
    """What delivery costs, as an adjustment of the order; nothing where it costs nothing."""
    if not offer.price_minor:
        return []
    label = _("Delivery: {option}").format(option=offer.name)[:200]
    return [AdjustmentDraft("shipping", label, money.write(offer.price_minor, currency))]


def tax() -> list[AdjustmentDraft]:
    """The tax on goods and delivery, inside the prices or on top, as the channel has it; none, where none is set.

    It is worked out once, on the whole, and rounded to the cent: so the total is what is charged.
    """
    label, equals, rate = settings.SHOP_TAX.rpartition("=")
    if not equals:
        return []
    included = Channel.objects.values_list("prices_include_tax", flat=True).get(code=settings.SHOP_CHANNEL)
    return [AdjustmentDraft("tax", label.strip(), rate=rate.strip(), included=included)]


def _skus(cart: Mapping[str, int]) -> dict[str, ForSale]:
    return sql.ask(selling.for_sale(cart.keys()))


def _lines(cart: Mapping[str, int], skus: Mapping[str, ForSale], currency: str) -> tuple[list[Line], list[str]]:
    lines, gone = [], []
    for code, quantity in cart.items():
        sku = skus.get(code)
        price = sku.prices.get(currency) if sku is not None and sku.active else None
        if sku is None or price is None:
            gone.append(code)
        else:
            lines.append(Line(sku, quantity, price, money.line_total(quantity, price, currency)))
    return lines, gone


def short_words(short: Sequence[Mapping[str, object]], lines: Sequence[Line]) -> list[str]:
    """Why there is not enough, kindly: what is left of each SKU that somebody else was faster to buy."""
    names = {line.sku.code: line.sku.name for line in lines}
    names |= {part.code: part.name for line in lines for part in line.sku.parts}
    words = []
    for one in short:
        name, left = names.get(str(one["sku"]), one["sku"]), one["left"]
        if left:
            words.append(_("Only {left} of {name} are left.").format(left=left, name=name))
        else:
            words.append(_("{name} is sold out: somebody was a moment faster.").format(name=name))
    return words
