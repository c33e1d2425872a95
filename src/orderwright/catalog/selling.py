"""What has to be known about SKUs and channels to sell: prices, policies, and what kits are made of."""

from collections.abc import Collection
from typing import NamedTuple

from orderwright.kernel import sql


class Part(NamedTuple):
    sku_id: int
    code: str
    name: str
    quantity: int  # in one kit


class ForSale(NamedTuple):
    """A SKU as a seller sees it."""

    id: int
    code: str
    name: str
    active: bool
    may_wait: bool  # may be backordered
    backorder_limit: int | None
    prices: dict[str, int]  # micros by currency
    parts: tuple[Part, ...]  # none: not a kit


class SellingChannel(NamedTuple):
    id: int
    code: str
    currency: str
    series: str
    number_prefix: str
    active: bool
    sourcing: tuple[str, ...]


def for_sale(codes: Collection[str]) -> dict[str, ForSale]:
    """These SKUs by code, as far as they exist; two statements, and a third where kits are among them."""
    wanted = sql.texts(codes)
    prices: dict[int, dict[str, int]] = {}
    for sku_id, currency, price in sql.rows(PRICES, [wanted]):
        prices.setdefault(sku_id, {})[currency] = price
    found = sql.rows(SKUS, [wanted])
    kits = [row[0] for row in found if row[4]]
    parts: dict[int, list[Part]] = {}
    for kit_id, *part in sql.rows(PARTS, [sql.ints(kits)]) if kits else ():
        parts.setdefault(kit_id, []).append(Part(*part))
    return {
        code: ForSale(id_, code, name, active, waits, limit, prices.get(id_, {}), tuple(parts.get(id_, ())))
        for id_, code, name, active, _is_kit, waits, limit in found
    }


def channels(codes: Collection[str]) -> dict[str, SellingChannel]:
    """These channels by code, as far as they exist."""
    return {row[1]: SellingChannel(*row[:6], tuple(row[6])) for row in sql.rows(CHANNELS, [sql.texts(codes)])}


SKUS = """
    SELECT id, code, name, active, is_kit, when_short = 'backorder', backorder_limit
      FROM sku WHERE code = ANY (%s::text[])
"""

PRICES = """
    SELECT p.sku_id, p.currency, p.unit_price_micros
      FROM price p JOIN sku s ON s.id = p.sku_id WHERE s.code = ANY (%s::text[])
"""

PARTS = """
    SELECT k.kit_id, s.id, s.code, s.name, k.quantity
      FROM kit_part k JOIN sku s ON s.id = k.part_id
     WHERE k.kit_id = ANY (%s::bigint[]) ORDER BY k.kit_id, s.id
"""

CHANNELS = """
    SELECT id, code, currency, series, number_prefix, active, sourcing FROM channel WHERE code = ANY (%s::text[])
"""
