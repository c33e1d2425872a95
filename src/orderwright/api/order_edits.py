"""/v1/orders/{number}/edits: one change of a placed order, previewed to the cent and the unit, and applied once.

And `/v1/orders/{number}/duplicate`: another order like one.
"""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, CountOrNone, Decimal, LongText, Text, Truth
from orderwright.api.order_answers import OrderListed, listed
from orderwright.api.orders import Reason
from orderwright.api.versions import seen_version, tag
from orderwright.customers.drafting import AddressDraft
from orderwright.flows.duplicate_orders import like
from orderwright.flows.edit_orders import Edited, edit_orders, preview
from orderwright.flows.place_orders import Placed, place_orders
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.money import minor, write
from orderwright.orders import queries
from orderwright.orders.drafting import LineDraft
from orderwright.orders.editing import Change, Discount, Edit
from orderwright.orders.locking import id_of

router = Router()

WRITE = needs("orders:write")

Position = Annotated[int, Field(strict=True, ge=1, le=100_000, description="The position of a line.")]


class ChangeIn(Body):
    line: Position
    quantity: CountOrNone = Field(description="So many units of it are not canceled then; of a kit's line: kits.")


class AddIn(Body):
    sku: Code
    quantity: Count
    unit_price: Decimal | None = Field(None, description="The price list's of today, where it is left out.")


class DiscountIn(Body):
    amount: Decimal = Field(description="So much less; more than zero.")
    label: Text = "discount"
    line: Position | None = Field(None, description="Off this line; off all of the order, where it is left out.")


class EditAddressIn(Body):
    name: Text = ""
    company: Text = ""
    street: Annotated[str, Field(max_length=500)] = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    city: Text = ""
    region: Text = ""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    phone: Annotated[str, Field(max_length=40)] = ""


class EditIn(Body):
    """What is to become of an order; what is left out stays."""

    lines: Annotated[list[ChangeIn], Field(max_length=2000)] = []
    add: Annotated[list[AddIn], Field(max_length=2000)] = []
    discounts: Annotated[list[DiscountIn], Field(max_length=100)] = []
    shipping: Decimal | None = Field(None, description="What the delivery is to cost.")
    delivery_option: Code | None = None
    ship_to: EditAddressIn | None = Field(None, description="In the same country.")
    bill_to: EditAddressIn | None = None
    when_short: Literal["refuse", "backorder"] = "backorder"
    reason: Reason = "customer_request"
    note: LongText = Field("", description="For colleagues; the customer does not see it.")
    tell_customer: Truth = Field(True, description="By the letter `order_edited`, with the link to pay what is due.")


class KeptOut(Schema):
    location: str
    quantity: int


class EditedLineOut(Schema):
    line: int
    sku: str
    quantity: int = Field(description="Units that are not canceled.")
    total: str = Field(description="Of those, before discounts.")
    is_new: bool
    reserved: list[KeptOut] = Field(description="Of a line that is added: what is kept where.")
    backordered: int = Field(description="Of a line that is added: what waits for stock.")


class EditedOut(Schema):
    number: str
    currency: str
    total_before: str
    total: str
    owed_before: str = Field(description="total - captured + refunded, before; negative where the shop owes.")
    owed: str
    lines: list[EditedLineOut]


@router.post("/orders/{number}/edits/preview", response=EditedOut, auth=WRITE, summary="Preview an edit of an order")
def preview_edit(request: HttpRequest, response: HttpResponse, number: Code, body: EditIn) -> dict[str, Any]:
    """What the edit would do, to the last cent and unit; nothing is changed.

    Its ETag is the state of the order that it was worked out on: apply it with that as `If-Match`.
    """
    answer = preview(_edit(number, body), actor=actor(request))
    if isinstance(answer, Refusal):
        raise answer
    tag(response, answer.seen)
    return _shown(answer)


@router.post("/orders/{number}/edits", response=EditedOut, auth=WRITE, summary="Edit an order")
def edit_order(request: HttpRequest, number: Code, body: EditIn) -> dict[str, Any]:
    """Does all of it, or nothing; not what a location has already, which is recalled instead: `/recall`.

    With the ETag of a preview as `If-Match` it is refused where anything happened to the order since.  What is added
    and not paid for stays due, and holds the release; what is paid too much is let go or given back.
    """
    seen = seen_version(request) if request.headers.get("If-Match") else None
    (answer,) = edit_orders([_edit(number, body)._replace(seen=seen)], actor=actor(request))
    if isinstance(answer, Refusal):
        raise answer
    return _shown(answer)


@router.post(
    "/orders/{number}/duplicate", response={201: OrderListed}, auth=WRITE, summary="Place another order like one"
)
def duplicate_order(request: HttpRequest, response: HttpResponse, number: Code) -> Status[dict[str, Any]]:
    """For the same customer and address: its lines as they were ordered, at today's prices and without discounts.

    Its delivery costs what it cost, its taxes are at its rates, and it is to be paid.  What is short waits for stock,
    or the copy is refused, as the SKU's policy has it.
    """
    (placed,) = place_orders([like(number, actor=actor(request))])
    if not isinstance(placed, Placed):
        raise placed.refusal
    response["Location"] = f"/v1/orders/{quote(placed.number, safe='')}"
    return Status(201, listed(queries.heads([placed.order_id])[placed.order_id]))


def _edit(number: str, body: EditIn) -> Edit:
    order_id = id_of(number)
    currency = queries.heads([order_id])[order_id].currency
    discounts = [Discount(minor(one.amount, currency), one.label or "discount", one.line) for one in body.discounts]
    if any(one.amount_minor < 1 for one in discounts):
        raise Invalid(field="discounts", problem=_("more than nothing is needed"))
    shipping = None if body.shipping is None else minor(body.shipping, currency)
    if shipping is not None and shipping < 0:
        raise Invalid(field="shipping", problem=_("less than nothing is not possible"))
    if any(one.unit_price is not None and one.unit_price.startswith("-") for one in body.add):
        raise Invalid(field="add", problem=_("less than nothing is not possible"))
    return Edit(
        order_id,
        changes=[Change(one.line, one.quantity) for one in body.lines],
        added=[LineDraft(one.sku, one.quantity, one.unit_price) for one in body.add],
        discounts=discounts,
        shipping_minor=shipping,
        delivery_option=body.delivery_option,
        ship_to=AddressDraft(**body.ship_to.dict()) if body.ship_to else None,
        bill_to=AddressDraft(**body.bill_to.dict()) if body.bill_to else None,
        when_short=body.when_short,
        reason=body.reason,
        note=body.note,
        tells=body.tell_customer,
    )


def _shown(edited: Edited) -> dict[str, Any]:
    currency = edited.currency
    return {
        "number": edited.number,
        "currency": currency,
        "total_before": write(edited.total_before_minor, currency),
        "total": write(edited.total_minor, currency),
        "owed_before": write(edited.owed_before_minor, currency),
        "owed": write(edited.owed_minor, currency),
        "lines": [
            {
                "line": one.position,
                "sku": one.sku,
                "quantity": one.quantity,
                "total": write(one.total_minor, currency),
                "is_new": one.is_new,
                "reserved": [{"location": code, "quantity": quantity} for code, quantity in one.reserved],
                "backordered": one.backordered,
            }
            for one in edited.lines
        ],
    }
