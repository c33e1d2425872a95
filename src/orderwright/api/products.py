"""/v1/products and /v1/categories: what a buyer sees, with its picture, and where it is found."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Text
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.catalog import queries
from orderwright.catalog.editing import Wanted, Way, edit_categories, edit_products, only
from orderwright.catalog.models import Category, Product
from orderwright.catalog.picturing import Picture, media_type, set_pictures
from orderwright.kernel.errors import NotFound, Refusal

router = Router()

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Description = Annotated[str, Field(max_length=20_000)]
KINDS = ("image/png", "image/jpeg")
CONTENT = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}


class NotAPicture(Refusal):
    code = "not_a_picture"
    status = 415
    sentence = _("The request's body must be sent as image/png or image/jpeg.")


class ProductIn(Body):
    code: Code
    name: Name
    description: Description = ""
    category: Code | None = None


class ProductChange(Body):
    name: Name = ""
    description: Description = ""
    category: Code | None = None


class ProductOut(Schema):
    code: str
    name: str
    description: str
    category: str | None
    skus: list[str]
    version: int

    @staticmethod
    def resolve_category(product: Product) -> str | None:
        return product.category.code if product.category else None

    @staticmethod
    def resolve_skus(product: Product) -> list[str]:
        return sorted(sku.code for sku in product.skus.all())


@router.get("/products", response=Page[ProductOut], auth=needs("catalog:read"), summary="List products")
def list_products(
    request: HttpRequest,
    q: Annotated[Text, Field(description="The beginning of a code, or a part of a name.")] = "",
    category: Annotated[Text, Field(description="Only those in this category, or below it.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Products by code."""
    found = queries.products(search=q, category=category, after=place(after, str), limit=limit)
    return page(found, [product.code for product in found], limit)


@router.post("/products", response={201: ProductOut}, auth=needs("catalog:write"), summary="Create a product")
def create_product(request: HttpRequest, response: HttpResponse, body: ProductIn) -> Status[Product]:
    """Its SKUs are created for it afterwards."""
    fields = body.dict()
    only(edit_products([Wanted(fields.pop("code"), fields, Way.CREATE)], actor=actor(request)))
    return Status(201, _shown_product(response, body.code.strip()))


@router.get("/products/{code}", response=ProductOut, auth=needs("catalog:read"), summary="Get a product")
def get_product(request: HttpRequest, response: HttpResponse, code: Code) -> Product:
    """Its ETag is the version that an edit asks for."""
    return _shown_product(response, code)


@router.patch("/products/{code}", response=ProductOut, auth=needs("catalog:write"), summary="Edit a product")
def edit_product(request: HttpRequest, response: HttpResponse, code: Code, body: ProductChange) -> Product:
    """Change the fields that are named, if nobody changed the product since it was read (If-Match)."""
    wanted = Wanted(code, body.dict(exclude_unset=True), Way.CHANGE, seen_version(request))
    only(edit_products([wanted], actor=actor(request)))
    return _shown_product(response, code)


@router.get(
    "/products/{code}/picture",
    auth=needs("catalog:read"),
    summary="Get a product's picture",
    openapi_extra={"responses": {200: {"description": "The picture.", "content": CONTENT}}},
)
def get_picture(request: HttpRequest, code: Code) -> HttpResponse:
    """PNG or JPEG, no side longer than 1,200 pixels."""
    content = queries.picture(code)
    if content is None:
        raise NotFound(thing="picture", name=code)
    return HttpResponse(content, content_type=media_type(content))


@router.put(
    "/products/{code}/picture",
    response=ProductOut,
    auth=needs("catalog:write"),
    summary="Set a product's picture",
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
def set_picture(request: HttpRequest, response: HttpResponse, code: Code) -> Product:
    """PNG or JPEG, up to 5 MB and 40 million pixels.  It is made smaller; what a camera wrote into it is left out."""
    if request.content_type not in KINDS:
        raise NotAPicture()
    set_pictures([Picture(code, request.body)], actor=actor(request))
    return _shown_product(response, code)


@router.delete("/products/{code}/picture", response=ProductOut, auth=needs("catalog:write"), summary="Remove a picture")
def remove_picture(request: HttpRequest, response: HttpResponse, code: Code) -> Product:
    """The product has no picture after it, whether it had one or not."""
    set_pictures([Picture(code, None)], actor=actor(request))
    return _shown_product(response, code)


class CategoryIn(Body):
    code: Code
    name: Name
    parent: Code | None = None


class CategoryChange(Body):
    name: Name = ""
    parent: Code | None = None


class CategoryOut(Schema):
    code: str
    name: str
    parent: str | None
    version: int

    @staticmethod
    def resolve_parent(category: Category) -> str | None:
        return category.parent.code if category.parent else None


@router.get("/categories", response=Page[CategoryOut], auth=needs("catalog:read"), summary="List categories")
def list_categories(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """Categories by code; `parent` makes a tree of them."""
    found = queries.categories(after=place(after, str), limit=limit)
    return page(found, [category.code for category in found], limit)


@router.post("/categories", response={201: CategoryOut}, auth=needs("catalog:write"), summary="Create a category")
def create_category(request: HttpRequest, response: HttpResponse, body: CategoryIn) -> Status[Category]:
    """Below its parent, where one is named."""
    fields = body.dict()
    only(edit_categories([Wanted(fields.pop("code"), fields, Way.CREATE)], actor=actor(request)))
    return Status(201, _shown_category(response, body.code.strip()))


@router.get("/categories/{code}", response=CategoryOut, auth=needs("catalog:read"), summary="Get a category")
def get_category(request: HttpRequest, response: HttpResponse, code: Code) -> Category:
    """Its ETag is the version that an edit asks for."""
    return _shown_category(response, code)


@router.patch("/categories/{code}", response=CategoryOut, auth=needs("catalog:write"), summary="Edit a category")
def edit_category(request: HttpRequest, response: HttpResponse, code: Code, body: CategoryChange) -> Category:
    """Change the fields that are named, if nobody changed the category since it was read (If-Match)."""
    wanted = Wanted(code, body.dict(exclude_unset=True), Way.CHANGE, seen_version(request))
    only(edit_categories([wanted], actor=actor(request)))
    return _shown_category(response, code)


def _shown_product(response: HttpResponse, code: str) -> Product:
    product = queries.product(code)
    tag(response, product.version)
    return product


def _shown_category(response: HttpResponse, code: str) -> Category:
    category = queries.category(code)
    tag(response, category.version)
    return category
