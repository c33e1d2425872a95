"""What has to be known about SKUs and channels to sell: prices, policies, and what kits are made of."""

from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import sql
from orderwright.kernel.sql import Question


class Part(NamedTuple):
    sku_id: int
    code: str
    name: str
    quantity: int  # in one kit
    may_wait: bool  # may be backordered
    backorder_limit: int | None


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


def for_sale(codes: Collection[str]) -> Question[dict[str, ForSale]]:
    """These SKUs by code, as far as they exist."""
    return Question(FOR_SALE, [sql.texts(sorted(codes))], _read_for_sale)


def _read_for_sale(rows: list[tuple[Any, ...]]) -> dict[str, ForSale]:
    return {
        code: ForSale(
            id_,
            code,
            name,
            active,
            waits,
            limit,
            dict(zip(currencies or (), prices or (), strict=True)),
            tuple(Part(*part) for part in msgspec.json.decode(parts)) if parts else (),
        )
        for id_, code, name, active, waits, limit, currencies, prices, parts in rows
    }


def channels(codes: Collection[str]) -> Question[dict[str, SellingChannel]]:
    """These channels by code, as far as they exist."""
    return Question(CHANNELS, [sql.texts(sorted(codes))], _read_channels)


def _read_channels(rows: list[tuple[Any, ...]]) -> dict[str, SellingChannel]:
    return {
        code: SellingChannel(id_, code, currency, series, prefix, active, tuple(sourcing))
        for id_, code, currency, series, prefix, active, sourcing in rows
    }


# A few prices and parts to a SKU: gathered beside it, so that one round trip brings all that selling needs.
# A kit without parts is nothing that could be sold.
FOR_SALE = """
    SELECT s.id, s.code, s.name, s.active AND (NOT s.is_kit OR k.parts IS NOT NULL), s.when_short = 'backorder',
           s.backorder_limit, p.currencies, p.prices, k.parts
      FROM sku s
      LEFT JOIN LATERAL (SELECT array_agg(currency) AS currencies, array_agg(unit_price_micros) AS prices
                           FROM price WHERE sku_id = s.id) p ON true
      LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_array(part.id, part.code, part.name, kit_part.quantity,
                                                            part.when_short = 'backorder', part.backorder_limit)
                                          ORDER BY part.id)::text AS parts
                           FROM kit_part JOIN sku part ON part.id = kit_part.part_id
                          WHERE kit_part.kit_id = s.id) k ON s.is_kit
     WHERE s.code = ANY (%s::text[])
"""

CHANNELS = """
    SELECT id, code, currency, series, number_prefix, active, sourcing FROM channel WHERE code = ANY (%s::text[])
"""
