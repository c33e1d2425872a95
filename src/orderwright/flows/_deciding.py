"""Deciding on a draft: what it comes to and where its units come from, or why it is refused.

Pure, over what was read and locked, in arrival order: an order that is taken takes its units from the shelves, one
that is refused leaves them as they were.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from orderwright.catalog.selling import ForSale, Part, SellingChannel
from orderwright.fulfilment.sourcing.places import destination
from orderwright.fulfilment.sourcing.plan import Plan, Taken, plan
from orderwright.fulfilment.sourcing.sorters import Place
from orderwright.inventory.availability import SafetyRow, sellable
from orderwright.kernel import money
from orderwright.orders import refusals, totals
from orderwright.orders.drafting import Draft, LineDraft, TenderDraft
from orderwright.payments.authorizing import UnknownPaymentMethod, is_known

MOST_UNITS = 10**15  # far above any shelf, far below the end of a bigint
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # PostgreSQL would store the year 1 BC, and Python could not read it again


@dataclass(slots=True)
class Shop:
    """What was read for a batch, and the shelves that it has locked."""

    channels: dict[str, SellingChannel]
    skus: dict[str, ForSale]
    places: list[Place]
    safeties: list[SafetyRow]
    shelves: dict[tuple[int, int], int]  # (SKU, location): available units; falls as drafts are decided
    waiting: dict[int, int]  # SKU: units on backorder; rises as drafts are decided
    now: datetime
    options: dict[str, frozenset[str]]  # of delivery: the countries they go to; none: everywhere


class Leaf(NamedTuple):
    """Units of one stocked SKU: those of a plain line, or of one part of a kit's line."""

    sku_id: int
    code: str
    name: str
    quantity: int
    taken: list[Taken]
    backordered: int


class DecidedLine(NamedTuple):
    position: int  # in the draft, counted from 1
    sku: ForSale
    name: str
    quantity: int
    wanted: int
    unit_price_micros: int
    total_minor: int
    leaves: list[Leaf]


class Tendered(NamedTuple):
    method: str
    amount_minor: int
    token: str


class Decision(NamedTuple):
    """A draft that is taken."""

    draft: Draft
    channel: SellingChannel
    placed_at: datetime
    lines: list[DecidedLine]
    adjustments: list[totals.Adjusted]
    total_minor: int
    tenders: list[Tendered]
    sourcing: dict[str, Any]


def decide(draft: Draft, shop: Shop, *, sold_elsewhere: bool = False) -> Decision:
    """Price `draft` and source it from what is left on the shelves.  Raises the refusal where it cannot be taken.

    What was sold elsewhere is not ours to refuse: what is short of it waits, whatever the policy of the SKU.
    """
    channel = shop.channels.get(draft.channel)
    if channel is None or not channel.active:
        raise refusals.UnknownChannel(channel=draft.channel)
    placed_at = draft.placed_at or shop.now
    if placed_at > shop.now:
        raise refusals.PlacedInFuture(placed_at=placed_at.isoformat())
    if placed_at < EARLIEST:
        raise refusals.PlacedTooLongAgo(placed_at=placed_at.isoformat())
    prices = _prices(draft.lines, channel.currency, shop)
    quantities = [line.quantity for line in draft.lines]
    wanted = _wanted(draft.lines, quantities, shop)
    shelves = sellable(shop.shelves, shop.safeties, channel.id) if shop.safeties else shop.shelves
    if draft.when_short == "take_what_there_is":
        quantities = _what_there_is(draft.lines, shelves, wanted, shop)
        wanted = _wanted(draft.lines, quantities, shop)
    sourced = plan(wanted, shelves, shop.places, destination(draft.ship_to), channel.sourcing)
    if sourced.short and not sold_elsewhere:
        _refuse_or_wait(draft, sourced, wanted, shop)
    line_totals = [
        money.line_total(quantity, price, channel.currency) for quantity, price in zip(quantities, prices, strict=True)
    ]
    kept = [
        one
        for one in draft.adjustments
        if not (one.line and one.line <= len(quantities) and not quantities[one.line - 1])
    ]
    adjustments = totals.adjust(kept, line_totals, channel.currency) if kept else []
    total = totals.total(line_totals, adjustments, channel.currency)
    _refuse_unexpected(draft, total, channel.currency, shop)
    tenders = _tenders(draft.tenders, total, channel.currency)
    _take(sourced, shop)
    lines = _lines(draft.lines, quantities, prices, line_totals, sourced, shop)
    return Decision(draft, channel, placed_at, lines, adjustments, total, tenders, sourced.reason)


def _refuse_unexpected(draft: Draft, total: int, currency: str, shop: Shop) -> None:
    """What the buyer saw is what is placed: a way of delivery that is offered, and the total that was shown."""
    if draft.delivery_option is not None:
        goes_to = shop.options.get(draft.delivery_option)
        if goes_to is None or (goes_to and draft.ship_to is not None and draft.ship_to.country not in goes_to):
            raise refusals.UnknownDeliveryOption(option=draft.delivery_option)
    if draft.expected_total is not None and money.minor(draft.expected_total, currency) != total:
        raise refusals.TotalChanged(
            total=money.write(total, currency), expected=draft.expected_total, currency=currency
        )


def _prices(lines: Sequence[LineDraft], currency: str, shop: Shop) -> list[int]:
    """The unit price of each line in micros: its own, or the price list's."""
    skus = shop.skus
    if unknown := sorted({line.sku for line in lines if line.sku not in skus}):
        raise refusals.UnknownSku(skus=", ".join(unknown))
    if inactive := sorted({line.sku for line in lines if not skus[line.sku].active}):
        raise refusals.NotForSale(skus=", ".join(inactive))
    prices = [
        skus[line.sku].prices.get(currency, -1) if line.unit_price is None else money.micros(line.unit_price)
        for line in lines
    ]
    if min(prices) < 0:
        priceless = sorted({line.sku for line, price in zip(lines, prices, strict=True) if price < 0})
        raise refusals.NoPrice(skus=", ".join(priceless), currency=currency)
    return prices


def _leaves(sku: ForSale, quantity: int) -> Iterable[tuple[int, str, str, int]]:
    """The stocked SKUs behind so many of a SKU: itself, or a kit's parts."""
    if not sku.parts:
        return ((sku.id, sku.code, sku.name, quantity),)
    return ((part.sku_id, part.code, part.name, part.quantity * quantity) for part in sku.parts)


def _wanted(lines: Sequence[LineDraft], quantities: Sequence[int], shop: Shop) -> dict[int, int]:
    """Units of each stocked SKU, over all lines: two lines that share one are counted together."""
    wanted: dict[int, int] = {}
    for line, quantity in zip(lines, quantities, strict=True):
        if quantity:
            for sku_id, _code, _name, units in _leaves(shop.skus[line.sku], quantity):
                wanted[sku_id] = wanted.get(sku_id, 0) + units
    if max(wanted.values(), default=0) > MOST_UNITS:
        raise totals.OrderTooLarge
    return wanted


def _left(shelves: dict[tuple[int, int], int], shop: Shop, sku_id: int) -> int:
    return sum(shelves.get((sku_id, place.id), 0) for place in shop.places)


def _what_there_is(
    lines: Sequence[LineDraft], shelves: dict[tuple[int, int], int], wanted: dict[int, int], shop: Shop
) -> list[int]:
    """As many of each line as can be had, earlier lines first; refused where that is nothing at all."""
    left = {sku_id: _left(shelves, shop, sku_id) for sku_id in wanted}
    quantities = []
    for line in lines:
        sku = shop.skus[line.sku]
        one = list(_leaves(sku, 1))
        quantity = min(line.quantity, *(left[sku_id] // units for sku_id, _code, _name, units in one))
        for sku_id, _code, _name, units in one:
            left[sku_id] -= units * quantity
        quantities.append(quantity)
    if not any(quantities):
        raise _out_of_stock(wanted, dict.fromkeys(wanted, 0), shop, lines)
    return quantities


def _refuse_or_wait(draft: Draft, sourced: Plan, wanted: dict[int, int], shop: Shop) -> None:
    """What is short waits on backorder, if the buyer and the SKU's policy want that; else the draft is refused."""
    left = {sku_id: wanted[sku_id] - short for sku_id, short in sourced.short.items()}
    if draft.when_short != "backorder":
        raise _out_of_stock(wanted, left, shop, draft.lines)
    policies: dict[int, ForSale | Part] = {part.sku_id: part for sku in shop.skus.values() for part in sku.parts}
    policies |= {sku.id: sku for sku in shop.skus.values()}
    for sku_id, short in sourced.short.items():
        policy = policies[sku_id]
        limit = policy.backorder_limit
        if not policy.may_wait or (limit is not None and shop.waiting.get(sku_id, 0) + short > limit):
            raise _out_of_stock(wanted, left, shop, draft.lines)


def _out_of_stock(
    wanted: dict[int, int], left: dict[int, int], shop: Shop, lines: Sequence[LineDraft]
) -> refusals.OutOfStock:
    codes = {leaf[0]: leaf[1] for line in lines for leaf in _leaves(shop.skus[line.sku], 1)}
    short = [{"sku": codes[sku_id], "wanted": wanted[sku_id], "left": left[sku_id]} for sku_id in left]
    return refusals.OutOfStock(skus=", ".join(codes[sku_id] for sku_id in left), short=short)


def _tenders(drafts: Sequence[TenderDraft], total: int, currency: str) -> list[Tendered]:
    """The tenders in minor units; together exactly the total.  One may leave its amount open: it pays the rest."""
    drafts = drafts or (TenderDraft("bank_transfer"),)
    for tender in drafts:
        if not is_known(tender.method):
            raise UnknownPaymentMethod(method=tender.method)
    amounts = [None if tender.amount is None else money.minor(tender.amount, currency) for tender in drafts]
    given = sum(amount for amount in amounts if amount is not None)
    rest = total - given
    fits = rest == 0 if None not in amounts else rest >= 0 and amounts.count(None) == 1
    if not fits or any(amount is not None and amount < 0 for amount in amounts):
        raise refusals.TendersDoNotMatch(tendered=money.write(given, currency), total=money.write(total, currency))
    return [
        Tendered(tender.method, rest if amount is None else amount, tender.token)
        for tender, amount in zip(drafts, amounts, strict=True)
    ]


def _take(sourced: Plan, shop: Shop) -> None:
    shelves = shop.shelves
    for sku_id, takes in sourced.taken.items():
        for take in takes:
            shelves[sku_id, take.place] -= take.amount
    for sku_id, short in sourced.short.items():
        shop.waiting[sku_id] = shop.waiting.get(sku_id, 0) + short


def _lines(
    drafts: Sequence[LineDraft],
    quantities: Sequence[int],
    prices: Sequence[int],
    line_totals: Sequence[int],
    sourced: Plan,
    shop: Shop,
) -> list[DecidedLine]:
    """The lines with where each of their units comes from: the plan dealt out to them in order."""
    to_deal = {sku_id: list(takes) for sku_id, takes in sourced.taken.items()}
    decided = []
    for index, draft in enumerate(drafts):
        quantity = quantities[index]
        if not quantity:
            continue
        sku = shop.skus[draft.sku]
        leaves = [Leaf(*leaf, *_deal(to_deal[leaf[0]], leaf[3])) for leaf in _leaves(sku, quantity)]
        decided.append(
            DecidedLine(
                index + 1,
                sku,
                draft.name or sku.name,
                quantity,
                draft.quantity,
                prices[index],
                line_totals[index],
                leaves,
            )
        )
    return decided


def _deal(takes: list[Taken], units: int) -> tuple[list[Taken], int]:
    """Take `units` off the front of `takes`; what is missing in the end is on backorder."""
    dealt = []
    while units and takes:
        place, amount = takes[0]
        if amount <= units:
            dealt.append(takes.pop(0))
            units -= amount
        else:
            dealt.append(Taken(place, units))
            takes[0] = Taken(place, amount - units)
            units = 0
    return dealt, units
