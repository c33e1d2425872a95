"""Finding what may be sold, as somebody types: by a part of a SKU's code, its barcode, or words of its name."""

from typing import NamedTuple

from orderwright.kernel import sql

MOST_WORDS = 6


class Found(NamedTuple):
    """A SKU that is for sale; `price_micros` is None where the price list has none in the currency."""

    id: int
    code: str
    name: str
    product: str
    price_micros: int | None


def found(typed: str, *, currency: str, limit: int) -> list[Found]:
    """The active SKUs that fit what was typed, those whose code begins with it first; one statement."""
    words = typed.replace("\x00", "").split()[:MOST_WORDS]
    if not words:
        return []
    holds = [f"%{_plain(word)}%" for word in words]
    typed = " ".join(words)
    parameters = {
        "begins": f"{_plain(typed)}%",
        "code": f"%{_plain(typed)}%",
        "gtin": typed,
        "words": sql.texts(holds),
        "currency": currency,
        "limit": limit,
    }
    return [Found(*row) for row in sql.rows(FIND, parameters)]


def _plain(word: str) -> str:
    """A word in which nothing stands for any character."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# Each condition by itself is answered by an index of trigrams.
FIND = """
    SELECT s.id, s.code, s.name, p.name, r.unit_price_micros
      FROM sku s
      JOIN product p ON p.id = s.product_id
      LEFT JOIN price r ON r.sku_id = s.id AND r.currency = %(currency)s::text
     WHERE s.active AND (s.code ILIKE %(code)s::text OR s.gtin = %(gtin)s::text
                         OR s.name ILIKE ALL (%(words)s::text[])
                         OR s.product_id = ANY (ARRAY(SELECT id FROM product
                                                       WHERE name ILIKE ALL (%(words)s::text[]) LIMIT 200)))
     ORDER BY s.code ILIKE %(begins)s::text DESC, s.code
     LIMIT %(limit)s::bigint
"""
