"""Pricing: what one unit of a SKU costs in a currency, to the millionth."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from orderwright.catalog import checking
from orderwright.catalog.editing import Edited, Outcome
from orderwright.kernel import money, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening, record


class PriceTag(NamedTuple):
    """A unit price as a decimal number ("2.55", at most six decimals); None takes the price away."""

    sku: str
    currency: str
    unit_price: str | None


Prices = dict[tuple[int, str], int | None]  # (SKU, currency): millionths


@transaction.atomic
def set_prices(tags: Sequence[PriceTag], *, actor: Actor) -> list[Edited]:
    """Set each price or refuse it by itself; the last of two for one SKU and currency counts."""
    checked = [_checked(tag) for tag in tags]
    sound = {tag.sku for tag in checked if isinstance(tag, PriceTag)}
    skus = {code: (id_, version) for id_, code, version in sql.rows(LOCK_SKUS, [sql.texts(sorted(sound))])}
    ids = sql.ints(id_ for id_, _version in skus.values())
    before: Prices = {(id_, currency): price for id_, currency, price in sql.rows(PRICES, [ids])}
    after = dict(before)
    edited = []
    for given, tag in zip(tags, checked, strict=True):
        if isinstance(tag, Refusal) or tag.sku not in skus:
            refusal = tag if isinstance(tag, Refusal) else NotFound(thing="sku", name=tag.sku)
            edited.append(Edited(given.sku, Outcome.REFUSED, refusal=refusal))
            continue
        id_, version = skus[tag.sku]
        price = None if tag.unit_price is None else money.micros(tag.unit_price)
        edited.append(Edited(tag.sku, _outcome(after.get((id_, tag.currency)), price), id_, version))
        after[id_, tag.currency] = price
    _write(before, after)
    _tell({id_: code for code, (id_, _version) in skus.items()}, before, after, actor)
    return edited


def _outcome(old: int | None, new: int | None) -> Outcome:
    if old == new:
        return Outcome.UNCHANGED
    return Outcome.CREATED if old is None else Outcome.CHANGED


def _checked(tag: PriceTag) -> PriceTag | Refusal:
    try:
        if tag.unit_price is not None and money.micros(tag.unit_price) < 0:
            raise Invalid(field="unit_price", problem=_("a price is not below zero"))
        return tag._replace(sku=checking.code("sku", tag.sku), currency=checking.currency("currency", tag.currency))
    except Refusal as refusal:
        return refusal


def _write(before: Prices, after: Prices) -> None:
    """Take away what is no more, and write what is new or another; two statements at most."""
    changed = sorted(key for key in after if after[key] != before.get(key))
    for statement, keys in (
        (REMOVE, [key for key in changed if after[key] is None]),
        (WRITE, [key for key in changed if after[key] is not None]),
    ):
        if keys:
            columns = [sql.ints(id_ for id_, _currency in keys), sql.texts(currency for _id, currency in keys)]
            sql.run(statement, [*columns, sql.ints(after[key] for key in keys)] if statement == WRITE else columns)


LOCK_SKUS = "SELECT id, code, version FROM sku WHERE code = ANY (%s::text[]) ORDER BY id FOR NO KEY UPDATE"

PRICES = "SELECT sku_id, currency, unit_price_micros FROM price WHERE sku_id = ANY (%s::bigint[])"

REMOVE = """
    DELETE FROM price p USING unnest(%s::bigint[], %s::text[]) AS w(sku_id, currency)
     WHERE p.sku_id = w.sku_id AND p.currency = w.currency
"""

WRITE = """
    INSERT INTO price (sku_id, currency, unit_price_micros)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[])
        ON CONFLICT (sku_id, currency) DO UPDATE SET unit_price_micros = excluded.unit_price_micros
"""


def _tell(codes: Mapping[int, str], before: Prices, after: Prices, actor: Actor) -> None:
    record(
        [
            Happening(
                "price.changed",
                actor,
                {
                    "sku": codes[id_],
                    "currency": currency,
                    "before": _words(before.get((id_, currency))),
                    "after": _words(price),
                },
            )
            for (id_, currency), price in after.items()
            if price != before.get((id_, currency))
        ]
    )


def _words(price: int | None) -> str | None:
    return None if price is None else money.write_micros(price)
