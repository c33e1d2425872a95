"""Browsing: what the shop's pages show of the catalog: shelves of categories, cards of products, one product whole.

Only what is sold is shown: products with a SKU that is active and has a price in the currency.  Each function is one
statement, however many products there are.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound

MOST_WORDS = 8
PER_PAGE = 24

ORDERS = {
    "name": "lower(c.name), c.id",
    "cheap": "c.lowest_micros, c.id",
    "dear": "c.lowest_micros DESC, c.id",
    "new": "c.id DESC",
}


class Shelf(NamedTuple):
    """A category with something for sale in it, or in those below it."""

    code: str
    name: str
    parent: str | None
    products: int
    picture: str | None  # the code of a product that has one
    version: int


class Card(NamedTuple):
    """A product, as it lies in the window."""

    product: str
    name: str
    version: int
    pictured: bool
    sku: str  # the cheapest
    lowest_micros: int
    highest_micros: int
    skus: tuple[int, ...]


class Variant(NamedTuple):
    """A SKU of a product that may be bought."""

    id: int
    code: str
    name: str
    unit_price_micros: int
    is_kit: bool


class Pictured(NamedTuple):
    """The product of a SKU, as far as its picture goes."""

    product: str
    version: int
    pictured: bool


class Shown(NamedTuple):
    """A product, whole."""

    product: str
    name: str
    description: str
    version: int
    pictured: bool
    category: str | None
    variants: tuple[Variant, ...]


def shelves(currency: str) -> list[Shelf]:
    """All categories with something in them, by name."""
    return [Shelf(*row) for row in sql.rows(SHELVES, [currency])]


def cards(
    currency: str, *, category: str = "", words: str = "", order: str = "name", page: int = 1, limit: int = PER_PAGE
) -> list[Card]:
    """A page of products: one more than `limit`, so that the reader knows whether there is another.

    `words` must all be in the name, the description or a SKU's code or name; names come before descriptions.
    """
    wanted = re.findall(r"[^\W_]+(?:[-.][^\W_]+)*", words.replace("\x00", ""))[:MOST_WORDS]
    by = ORDERS.get(order, ORDERS["name"])
    found = sql.rows(
        CARDS.format(order=f"c.rank, {by}" if wanted else by),
        {
            "currency": currency,
            "category": category.replace("\x00", ""),
            "words": sql.texts([f"%{_literal(word)}%" for word in wanted]),
            "limit": limit + 1,
            "skip": (page - 1) * limit,
        },
    )
    return [Card._make((*row[:-1], tuple(row[-1]))) for row in found]


def shown(sku: str, currency: str) -> Shown:
    """The product of a SKU, with all variants that may be bought."""
    found = sql.rows(SHOWN, [currency, sku]) if "\x00" not in sku else []
    if not found:
        raise NotFound(thing="product", name=sku)
    variants = tuple(Variant(*row[6:]) for row in found)
    return Shown._make((*found[0][:6], variants))


def pictures_of(skus: Collection[int]) -> dict[int, Pictured]:
    """Where the pictures of SKUs are, by id."""
    return {id_: Pictured(*row) for id_, *row in sql.rows(PICTURES_OF, [sql.ints(skus)])}


PICTURES_OF = """
    SELECT s.id, p.code, p.version, p.picture IS NOT NULL
      FROM sku s JOIN product p ON p.id = s.product_id WHERE s.id = ANY (%s::bigint[])
"""


def _literal(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


# Products that are for sale, each with its place in the tree; a category counts for all that it is below.
SHELVES = """
    WITH RECURSIVE above AS (
        SELECT id AS leaf, id, parent_id FROM category
         UNION SELECT a.leaf, c.id, c.parent_id FROM above a JOIN category c ON c.id = a.parent_id
    ), sold AS (
        SELECT p.id, p.code, p.category_id, p.version, p.picture IS NOT NULL AS pictured
          FROM product p
         WHERE EXISTS (SELECT FROM sku s JOIN price ON price.sku_id = s.id AND price.currency = %s::text
                        WHERE s.product_id = p.id AND s.active)
    ), counted AS (
        SELECT a.id, count(*) AS products, min(sold.id) FILTER (WHERE sold.pictured) AS first
          FROM above a JOIN sold ON sold.category_id = a.leaf
         GROUP BY a.id)
    SELECT c.code, c.name, parent.code, counted.products, sold.code, coalesce(sold.version, 0)
      FROM counted
      JOIN category c ON c.id = counted.id
      LEFT JOIN category parent ON parent.id = c.parent_id
      LEFT JOIN sold ON sold.id = counted.first
     ORDER BY lower(c.name), c.id
"""

CARDS = """
    WITH RECURSIVE below AS (
        SELECT id FROM category WHERE code = %(category)s::text
         UNION SELECT c.id FROM category c JOIN below b ON c.parent_id = b.id
    ), c AS (
        SELECT p.id, p.code, p.name, p.version, p.picture IS NOT NULL AS pictured, v.skus, v.codes, v.lowest_micros,
               v.highest_micros,
               CASE WHEN p.name || ' ' || v.names ILIKE ALL (%(words)s::text[]) THEN 0 ELSE 1 END AS rank
          FROM product p
          JOIN LATERAL (SELECT array_agg(s.id ORDER BY price.unit_price_micros, s.id) AS skus,
                               array_agg(s.code ORDER BY price.unit_price_micros, s.id) AS codes,
                               string_agg(s.code || ' ' || s.name, ' ') AS names,
                               min(price.unit_price_micros) AS lowest_micros,
                               max(price.unit_price_micros) AS highest_micros
                          FROM sku s
                          JOIN price ON price.sku_id = s.id AND price.currency = %(currency)s::text
                         WHERE s.product_id = p.id AND s.active) v ON v.skus IS NOT NULL
         WHERE (%(category)s::text = '' OR p.category_id IN (SELECT id FROM below))
           AND p.name || ' ' || v.names || ' ' || p.description ILIKE ALL (%(words)s::text[])
    )
    SELECT c.code, c.name, c.version, c.pictured, c.codes[1], c.lowest_micros, c.highest_micros, c.skus
      FROM c
     ORDER BY {order}
     LIMIT %(limit)s::bigint OFFSET %(skip)s::bigint
"""

SHOWN = """
    SELECT p.code, p.name, p.description, p.version, p.picture IS NOT NULL, c.code, s.id, s.code, s.name,
           price.unit_price_micros, s.is_kit
      FROM product p
      JOIN sku s ON s.product_id = p.id AND s.active
      JOIN price ON price.sku_id = s.id AND price.currency = %s::text
      LEFT JOIN category c ON c.id = p.category_id
     WHERE p.id = (SELECT product_id FROM sku WHERE code = %s::text)
     ORDER BY price.unit_price_micros, s.id
"""
