"""/v1/skus: what is stocked and sold, its prices, what kits are made of, and all of it from a file."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, CountOrNone, Currency, Decimal, Text, Truth
from orderwright.api.once import asks_outside
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.catalog import queries
from orderwright.catalog.editing import Wanted, Way, edit_skus, only
from orderwright.catalog.importing import count, import_catalog
from orderwright.catalog.kits import MOST_PARTS, Recipe, set_parts
from orderwright.catalog.models import Sku
from orderwright.catalog.pricing import PriceTag, set_prices
from orderwright.catalog.taking_up import Offer, take_up
from orderwright.kernel import money
from orderwright.kernel.errors import Refusal

router = Router()

MOST_ROWS = 5000  # in one request; the command line takes more

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Gtin = Annotated[str, Field(max_length=40, description="GTIN-8, -12, -13 or -14.", examples=["4006381333931"])]
Grams = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Millimeters = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Days = Annotated[int, Field(strict=True, ge=0, le=1000)]
CustomsCode = Annotated[str, Field(max_length=20, description="Harmonized System, 6 to 10 digits.")]
Country = Annotated[str, Field(max_length=2, description="ISO 3166-1 alpha-2.")]
Word = Annotated[str, Field(max_length=60, pattern=r"^[a-z][a-z0-9_-]*$")]
Short = Annotated[Literal["deny", "backorder"], Field(description="May it be sold when there is none?")]


class NotCsv(Refusal):
    code = "not_csv"
    status = 415
    sentence = _("The request's body must be sent as text/csv.")


class TooManyRows(Refusal):
    code = "too_many_rows"
    status = 413
    sentence = _("A request takes {most} lines at most. The command line takes more.")


class PartIn(Body):
    sku: Code
    quantity: Count


class PartsIn(Body):
    parts: list[PartIn] = Field(min_length=1, max_length=MOST_PARTS)


class SkuFields(Body):
    product: Code | None = None
    active: Truth = True
    gtin: Gtin | None = None
    weight_grams: Grams | None = None
    length_mm: Millimeters | None = None
    width_mm: Millimeters | None = None
    height_mm: Millimeters | None = None
    customs_code: CustomsCode = ""
    origin_country: Country = ""
    tax_class: Word = "standard"
    when_short: Short = "deny"
    backorder_limit: CountOrNone | None = Field(None, description="Units that may wait at once; null: no limit.")
    low_stock_at: CountOrNone | None = Field(None, description="An event tells when no more than this is available.")
    lead_days: Days | None = Field(None, description="From ordering it until it can leave, where none is expected.")


class SkuIn(SkuFields):
    code: Code
    name: Name
    product: Code | None = Field(None, description="The SKU gets a product of its own where none is named.")
    prices: dict[Currency, Decimal] = Field({}, max_length=200)
    parts: list[PartIn] | None = Field(None, min_length=1, max_length=MOST_PARTS, description="With parts it is a kit.")


class SkuChange(SkuFields):
    name: Name = ""


class PriceIn(Body):
    unit_price: Decimal


class PriceOut(Schema):
    currency: str
    unit_price: str


class PartOut(Schema):
    sku: str
    quantity: int


class SkuOut(Schema):
    code: str
    name: str
    product: str
    is_kit: bool
    active: bool
    gtin: str | None
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    customs_code: str
    origin_country: str
    tax_class: str
    when_short: str
    backorder_limit: int | None
    low_stock_at: int | None
    lead_days: int | None
    prices: list[PriceOut]
    parts: list[PartOut]
    version: int

    @staticmethod
    def resolve_product(sku: Sku) -> str:
        return sku.product.code

    @staticmethod
    def resolve_prices(sku: Sku) -> list[dict[str, str]]:
        priced = sorted(sku.prices.all(), key=lambda price: price.currency)
        return [
            {"currency": price.currency, "unit_price": money.write_micros(price.unit_price_micros)} for price in priced
        ]

    @staticmethod
    def resolve_parts(sku: Sku) -> list[dict[str, object]]:
        parts = sorted(sku.parts.all(), key=lambda part: part.part.code)
        return [{"sku": part.part.code, "quantity": part.quantity} for part in parts]


@router.get("/skus", response=Page[SkuOut], auth=needs("catalog:read"), summary="List SKUs")
def list_skus(
    request: HttpRequest,
    q: Annotated[Text, Field(description="The beginning of a code, a part of a name, or a GTIN.")] = "",
    product: Annotated[Text, Field(description="Only the SKUs of this product.")] = "",
    active: bool | None = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """SKUs by code."""
    found = queries.skus(search=q, product=product, active=active, after=place(after, str), limit=limit)
    return page(found, [sku.code for sku in found], limit)


@router.post("/skus", response={201: SkuOut}, auth=needs("catalog:write"), summary="Create a SKU")
def create_sku(request: HttpRequest, response: HttpResponse, body: SkuIn) -> Status[Sku]:
    """With its prices; and, if it is a kit, with its parts.  A kit is a kit for ever."""
    said = body.dict(exclude_unset=True)
    code, product, prices = said.pop("code"), said.pop("product", None), said.pop("prices", {})
    parts = said.pop("parts", None)
    kit = parts and _recipe(body.parts or [])
    only(take_up([Offer(code, said, product, {}, prices, kit, Way.CREATE)], actor=actor(request)))
    return Status(201, _shown(response, code.strip()))


@router.get("/skus/{code}", response=SkuOut, auth=needs("catalog:read"), summary="Get a SKU")
def get_sku(request: HttpRequest, response: HttpResponse, code: Code) -> Sku:
    """Its ETag is the version that an edit asks for."""
    return _shown(response, code)


@router.patch("/skus/{code}", response=SkuOut, auth=needs("catalog:write"), summary="Edit a SKU")
def edit_sku(request: HttpRequest, response: HttpResponse, code: Code, body: SkuChange) -> Sku:
    """Change the fields that are named, if nobody changed the SKU since it was read (If-Match)."""
    wanted = Wanted(code, body.dict(exclude_unset=True), Way.CHANGE, seen_version(request))
    only(edit_skus([wanted], actor=actor(request)))
    return _shown(response, code)


@router.put("/skus/{code}/parts", response=SkuOut, auth=needs("catalog:write"), summary="Make up a kit")
def set_kit_parts(request: HttpRequest, response: HttpResponse, code: Code, body: PartsIn) -> Sku:
    """A kit is made of exactly these parts from now on, if nobody changed it since it was read (If-Match)."""
    only(set_parts([Recipe(code, _recipe(body.parts), seen_version(request))], actor=actor(request)))
    return _shown(response, code)


@router.put("/skus/{code}/prices/{currency}", response=SkuOut, auth=needs("catalog:write"), summary="Set a price")
def set_price(request: HttpRequest, response: HttpResponse, code: Code, currency: Currency, body: PriceIn) -> Sku:
    """What one unit costs, with up to six decimals.  Orders that were placed keep the price that they had."""
    only(set_prices([PriceTag(code, currency, body.unit_price)], actor=actor(request)))
    return _shown(response, code)


@router.delete("/skus/{code}/prices/{currency}", response=SkuOut, auth=needs("catalog:write"), summary="Remove a price")
def remove_price(request: HttpRequest, response: HttpResponse, code: Code, currency: Currency) -> Sku:
    """Without a price in a channel's currency, a SKU is sold there only by who may set prices."""
    only(set_prices([PriceTag(code, currency, None)], actor=actor(request)))
    return _shown(response, code)


class RowOut(Schema):
    row: int = Field(description="The line of the file.")
    sku: str
    outcome: Literal["created", "changed", "unchanged", "refused"]
    reason: str
    code: str = Field(description="Of the refusal.")


class ImportOut(Schema):
    dry_run: bool
    counts: dict[str, int]
    rows: list[RowOut]


@router.post(
    "/skus/import",
    response=ImportOut,
    auth=needs("catalog:write"),
    summary="Import SKUs from CSV",
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
@asks_outside  # not one transaction: chunks are committed one by one, and the same file again goes on where it stopped
def import_skus(request: HttpRequest, dry_run: bool = False) -> dict[str, Any]:
    """Products, SKUs, prices and kits, a row a SKU, each row accepted or refused by itself.

    Of the columns only `sku` is needed: name, product, product_name, description, category, gtin, weight_grams,
    length_mm, width_mm, height_mm, customs_code, origin_country, tax_class, active, when_short, backorder_limit,
    low_stock_at, lead_days, parts (`MUG*2|SPOON`), and `price EUR` for each currency.  An empty cell leaves what is
    there.
    """
    if request.content_type not in ("text/csv", ""):
        raise NotCsv()
    if request.body.count(b"\n") > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    answers = import_catalog(request.body, actor=actor(request), dry_run=dry_run)
    rows = [answer._asdict() | {"outcome": answer.outcome.value} for answer in answers]
    return {"dry_run": dry_run, "counts": count(answers), "rows": rows}


def _recipe(parts: list[PartIn]) -> dict[str, int]:
    """Parts with their quantities; the same part twice is so many more of it."""
    recipe: dict[str, int] = {}
    for part in parts:
        recipe[part.sku] = recipe.get(part.sku, 0) + part.quantity
    return recipe


def _shown(response: HttpResponse, code: str) -> Sku:
    sku = queries.sku(code)
    tag(response, sku.version)
    return sku
