"""Taking SKUs up into the catalog: the product, the SKU, its prices and its parts in one go, each row by itself."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from orderwright.catalog._registers import existing
from orderwright.catalog.checking import storable
from orderwright.catalog.editing import Edited, Outcome, Wanted, Way, edit_products, edit_skus
from orderwright.catalog.kits import Recipe, set_parts
from orderwright.catalog.pricing import PriceTag, set_prices
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor


class Offer(NamedTuple):
    """All that is said of a SKU at once.  What is not named stays as it is.

    A new SKU without a product gets one of its own, with its own code and name.  A new SKU with parts is a kit.
    """

    code: str
    fields: Mapping[str, Any]  # of the SKU, without `product` and `is_kit`
    product: str | None = None
    product_fields: Mapping[str, Any] = {}
    prices: Mapping[str, str | None] = {}  # currency: unit price
    parts: Mapping[str, int] | None = None
    way: Way = Way.EITHER


@transaction.atomic
def take_up(offers: Sequence[Offer], *, actor: Actor) -> list[Edited]:
    """Write down what is offered; an offer of which any part is refused leaves nothing behind.

    The number of statements does not depend on how much is offered: a round that meets refusals is undone and run
    again without those, and each step (product, SKU, prices, parts) refuses in one round at most.
    """
    answers: dict[int, Edited] = {}
    while True:
        waiting = {place: offer for place, offer in enumerate(offers) if place not in answers}
        with transaction.atomic():
            edited = _write(list(waiting.values()), actor)
            refused = any(one.refusal for one in edited)
            transaction.set_rollback(refused)
        found = dict(zip(waiting, edited, strict=True))
        answers |= {place: one for place, one in found.items() if one.refusal or not refused}
        if not refused:
            return [answers[place] for place in range(len(offers))]


class _There(NamedTuple):
    """What the catalog has already."""

    products: set[str]
    product_of: dict[str, str]  # SKU: product

    def product(self, offer: Offer) -> str:
        return offer.product or self.product_of.get(offer.code) or offer.code


Told = list[tuple[int, Edited]]  # which offer, and what became of a part of it


def _write(offers: Sequence[Offer], actor: Actor) -> list[Edited]:
    """One round: step by step, until a step refuses."""
    there = _what_is_there(offers)
    answers = [Edited(offer.code, Outcome.UNCHANGED) for offer in offers]
    for step in (_write_products, _write_skus, _write_prices, _write_parts):
        for place, edited in step(offers, there, actor):
            answers[place] = _together(answers[place], edited)
        if any(answer.refusal for answer in answers):
            break
    return answers


def _what_is_there(offers: Sequence[Offer]) -> _There:
    product_of = dict(sql.rows(PRODUCT_OF, [sql.texts({offer.code for offer in offers if storable(offer.code)})]))
    named = {offer.product or offer.code for offer in offers}
    return _There(existing("product", sorted(filter(storable, named))) | set(product_of.values()), product_of)


PRODUCT_OF = """
    SELECT s.code, p.code FROM sku s JOIN product p ON p.id = s.product_id WHERE s.code = ANY (%s::text[])
"""


def _write_products(offers: Sequence[Offer], there: _There, actor: Actor) -> Told:
    """New products, and products of which something is said; a new one is called like its first SKU."""
    places, wanted, products = [], [], set(there.products)
    for place, offer in enumerate(offers):
        code, fields = there.product(offer), dict(offer.product_fields)
        if code not in products:
            fields = {"name": offer.fields.get("name", "")} | fields
        if fields:
            products.add(code)
            places.append(place)
            wanted.append(Wanted(code, fields))
    return [
        (place, _of_a_part(edited)) for place, edited in zip(places, edit_products(wanted, actor=actor), strict=True)
    ]


def _write_skus(offers: Sequence[Offer], there: _There, actor: Actor) -> Told:
    wanted = []
    for offer in offers:
        fields = dict(offer.fields)
        if offer.product or offer.code not in there.product_of:
            fields["product"] = there.product(offer)
        if offer.code not in there.product_of:
            fields["is_kit"] = offer.parts is not None
            if "name" in offer.product_fields:
                fields.setdefault("name", offer.product_fields["name"])
        wanted.append(Wanted(offer.code, fields, offer.way))
    return list(enumerate(edit_skus(wanted, actor=actor)))


def _write_prices(offers: Sequence[Offer], _there: _There, actor: Actor) -> Told:
    tags = [
        (place, PriceTag(offer.code, currency, price))
        for place, offer in enumerate(offers)
        for currency, price in offer.prices.items()
    ]
    edited = set_prices([tag for _place, tag in tags], actor=actor)
    return [(place, _of_a_part(one)) for (place, _tag), one in zip(tags, edited, strict=True)]


def _write_parts(offers: Sequence[Offer], _there: _There, actor: Actor) -> Told:
    recipes = [
        (place, Recipe(offer.code, offer.parts)) for place, offer in enumerate(offers) if offer.parts is not None
    ]
    edited = set_parts([recipe for _place, recipe in recipes], actor=actor)
    return [(place, _of_a_part(one)) for (place, _recipe), one in zip(recipes, edited, strict=True)]


def _of_a_part(edited: Edited) -> Edited:
    """What became of a product, a price or the parts, as something that happened to the SKU."""
    return edited._replace(outcome=Outcome.CHANGED) if edited.outcome == Outcome.CREATED else edited


def _together(so_far: Edited, edited: Edited) -> Edited:
    """One answer for a SKU out of those for its parts."""
    outcomes = {so_far.outcome, edited.outcome}
    outcome = next(outcome for outcome in STRONGEST_FIRST if outcome in outcomes)
    return Edited(so_far.code, outcome, edited.id, edited.version, so_far.refusal or edited.refusal)


STRONGEST_FIRST = (Outcome.REFUSED, Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED)
