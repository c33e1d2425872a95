"""Surveying: the SKUs that stand on shelves, found by their names, for a person who looks over the stock."""

from collections.abc import Collection
from typing import NamedTuple

from orderwright.kernel import sql

LOW, BELOW_SAFETY = "low", "below_safety"


class Stocked(NamedTuple):
    """A SKU that has stock of its own."""

    id: int
    code: str
    name: str
    product: str
    gtin: str
    active: bool
    low_stock_at: int | None


def stocked(
    *,
    search: str = "",
    location: int | None = None,
    only: str = "",
    among: Collection[int] | None = None,
    after: str = "",
    limit: int,
) -> list[Stocked]:
    """SKUs by code, kits left out: they have no stock.

    `search` is the beginning of a code, a barcode, or a part of a name; `location` one where the SKU ever was; `only`
    those that are LOW or out, or BELOW_SAFETY; `among` these ids.
    """
    conditions: list[str] = []
    parameters: dict[str, object] = {"after": after, "limit": limit}
    if search:
        escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(SEARCH)
        parameters |= {"begins": f"{escaped}%", "holds": f"%{escaped}%", "gtin": search}
    if location is not None:
        conditions.append("EXISTS (SELECT FROM stock_sheet t WHERE t.holder_id = s.id AND t.place_id = %(place)s)")
        parameters["place"] = location
    if only in CONDITIONS:
        conditions.append(CONDITIONS[only])
    if among is not None:
        conditions.append("s.id = ANY (%(among)s::bigint[])")
        parameters["among"] = sql.ints(among)
    where = "".join(f" AND {condition}" for condition in conditions)
    return [Stocked(*row) for row in sql.rows(STOCKED.format(where=where), parameters)]


def stocked_one(code: str) -> Stocked | None:
    """The SKU with this code, kits among them; None where there is none."""
    found = sql.rows(STOCKED_ONE, [code]) if "\x00" not in code else []
    return Stocked(*found[0]) if found else None


COLUMNS = "s.id, s.code, s.name, p.name, coalesce(s.gtin, ''), s.active, s.low_stock_at"

STOCKED = f"""
    SELECT {COLUMNS}
      FROM sku s
      JOIN product p ON p.id = s.product_id
     WHERE s.code > %(after)s::text AND NOT s.is_kit{{where}}
     ORDER BY s.code
     LIMIT %(limit)s::bigint
"""

STOCKED_ONE = f"SELECT {COLUMNS} FROM sku s JOIN product p ON p.id = s.product_id WHERE s.code = %s"

# All of it about the SKU's own row, so that its indexes can be put together; or it is read by code, where much fits.
SEARCH = """(s.code ILIKE %(begins)s::text OR s.gtin = %(gtin)s::text OR s.name ILIKE %(holds)s::text
             OR s.product_id = ANY (ARRAY(SELECT id FROM product WHERE name ILIKE %(holds)s::text LIMIT 1000)))"""

# Each is found from its own small table, whatever the number of SKUs.
CONDITIONS = {
    LOW: "s.id IN (SELECT sku_id FROM told_level WHERE level <> 'fine')",
    BELOW_SAFETY: """s.id IN (
        SELECT f.sku_id
          FROM safety_stock f
         WHERE f.quantity > coalesce((SELECT sum(t.available)
                                        FROM stock_sheet t
                                        JOIN location l ON l.id = t.place_id AND l.active
                                       WHERE t.holder_id = f.sku_id
                                         AND (f.location_id IS NULL OR f.location_id = t.place_id)), 0))""",
}
