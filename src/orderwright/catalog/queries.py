"""Reading the catalog: one thing by its code, or a page of a list that goes on behind a code."""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from orderwright.catalog.models import Category, Channel, Product, Sku
from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound

M = TypeVar("M", bound=Model)


def sku(code: str) -> Sku:
    """With its product, its prices and its parts."""
    return _one(_skus(), code, "sku")


def skus(
    *, search: str = "", product: str = "", active: bool | None = None, after: str | None = None, limit: int
) -> list[Sku]:
    """By code.  `search` is the beginning of a code, a GTIN, or a part of a name."""
    found = _skus()
    if search:
        found = found.filter(Q(code__istartswith=search) | Q(name__icontains=search) | Q(gtin=search))
    if product:
        found = found.filter(product__code=product)
    if active is not None:
        found = found.filter(active=active)
    return _page(found, after, limit)


def product(code: str) -> Product:
    return _one(_products(), code, "product")


def products(*, search: str = "", category: str = "", after: str | None = None, limit: int) -> list[Product]:
    """By code.  `search` is the beginning of a code or a part of a name; `category` one with all below it."""
    found = _products()
    if search:
        found = found.filter(Q(code__istartswith=search) | Q(name__icontains=search))
    if category:
        found = found.filter(category_id__in=[row[0] for row in sql.rows(BELOW, [category])])
    return _page(found, after, limit)


BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM category WHERE code = %s
         UNION SELECT c.id FROM category c JOIN below b ON c.parent_id = b.id)
    SELECT id FROM below
"""


def picture(code: str) -> bytes | None:
    """A product's picture, PNG or JPEG."""
    found = sql.rows("SELECT picture FROM product WHERE code = %s", [code])
    if not found:
        raise NotFound(thing="product", name=code)
    return bytes(found[0][0]) if found[0][0] is not None else None


def pictured(skus: Collection[str]) -> dict[str, tuple[str, int]]:
    """Of these SKUs (codes), those whose product has a picture: the product's code, and the version of it."""
    found = sql.rows(PICTURED, [sql.texts(sorted(set(skus)))])
    return {sku: (product, version) for sku, product, version in found}


PICTURED = """
    SELECT k.code, p.code, p.version
      FROM sku k JOIN product p ON p.id = k.product_id
     WHERE k.code = ANY (%s::text[]) AND p.picture IS NOT NULL
"""


def category(code: str) -> Category:
    return _one(_categories(), code, "category")


def categories(*, after: str | None = None, limit: int) -> list[Category]:
    return _page(_categories(), after, limit)


def channel(code: str) -> Channel:
    return _one(Channel.objects.all(), code, "channel")


def channels(*, after: str | None = None, limit: int) -> list[Channel]:
    return _page(Channel.objects.all(), after, limit)


def _skus() -> QuerySet[Sku]:
    return Sku.objects.select_related("product").prefetch_related("prices", "parts__part")


def _products() -> QuerySet[Product]:
    return Product.objects.select_related("category").prefetch_related("skus").defer("picture")


def _categories() -> QuerySet[Category]:
    return Category.objects.select_related("parent")


def _one(found: QuerySet[M], code: str, thing: str) -> M:
    one = found.filter(code=code).first() if "\x00" not in code else None
    if one is None:
        raise NotFound(thing=thing, name=code)
    return one


def _page(found: QuerySet[M], after: str | None, limit: int) -> list[M]:
    """One more than `limit`, so that the reader knows whether there is another page."""
    if after is not None:
        found = found.filter(code__gt=after)
    return list(found.order_by("code")[: limit + 1])
