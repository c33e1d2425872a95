"""/v1/customers: who buys; what we know of them; and forgetting them."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Id, Text
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.channels.forgetting import forget_people
from orderwright.customers import queries
from orderwright.customers.editing import Change, edit_customers
from orderwright.customers.models import Customer
from orderwright.kernel import money
from orderwright.kernel.errors import Refusal
from orderwright.notifications.forgetting import erase_letters
from orderwright.orders.of_customers import known

router = Router()

Email = Annotated[str, Field(max_length=254, description="Empty: none.")]
Phone = Annotated[str, Field(max_length=40, description="With its country's code: +4930123456.")]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?$", examples=["de"])]


class CustomerChange(Body):
    email: Email = ""
    name: Text = ""
    phone: Phone = ""
    language: Language = "en"


class CustomerOut(Schema):
    id: int
    email: str | None
    reference: str | None = Field(description="The name that a channel has for them: `channel:reference`.")
    name: str
    phone: str
    language: str
    created_at: datetime
    forgotten_at: datetime | None
    version: int


class AddressOut(Schema):
    name: str
    company: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    phone: str
    latitude: float | None
    longitude: float | None


class KnownOrderOut(Schema):
    number: str
    channel: str
    reference: str | None
    placed_at: datetime
    status: str
    currency: str
    total: str
    notes: list[str]


class ExportOut(Schema):
    customer: CustomerOut
    addresses: list[AddressOut]
    orders: list[KnownOrderOut]


class ForgottenOut(Schema):
    id: int
    forgotten_at: datetime


@router.get("/customers", response=Page[CustomerOut], auth=needs("customers:read"), summary="List customers")
def list_customers(
    request: HttpRequest,
    email: Annotated[Email, Field(description="The whole address, in any spelling.")] = "",
    reference: Annotated[str, Field(max_length=301, description="`channel:reference`.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Customers, the oldest first."""
    found = queries.customers(email=email, reference=reference, after=place(after, int) or 0, limit=limit)
    return page(found, [customer.pk for customer in found], limit)


@router.get("/customers/{customer_id}", response=CustomerOut, auth=needs("customers:read"), summary="Get a customer")
def get_customer(request: HttpRequest, response: HttpResponse, customer_id: Id) -> Customer:
    """Its ETag is the version that an edit asks for."""
    return _shown(response, customer_id)


@router.patch(
    "/customers/{customer_id}", response=CustomerOut, auth=needs("customers:write"), summary="Edit a customer"
)
def edit_customer(request: HttpRequest, response: HttpResponse, customer_id: Id, body: CustomerChange) -> Customer:
    """Change the fields that are named, if nobody changed the customer since they were read (If-Match)."""
    change = Change(customer_id, body.dict(exclude_unset=True), seen_version(request))
    (answer,) = edit_customers([change], actor=actor(request))
    if isinstance(answer, Refusal):
        raise answer
    return _shown(response, customer_id)


@router.get(
    "/customers/{customer_id}/export", response=ExportOut, auth=needs("customers:read"), summary="Export a customer"
)
def export_customer(request: HttpRequest, customer_id: Id) -> dict[str, Any]:
    """All that is known of a person, for the person: who they are, where they live, what they ordered."""
    orders = [one._asdict() | {"total": money.write(one.total_minor, one.currency)} for one in known(customer_id)]
    customer = queries.customer(customer_id)
    return {"customer": customer, "addresses": queries.addresses(customer_id), "orders": orders}


@router.post(
    "/customers/{customer_id}/forget", response=ForgottenOut, auth=needs("customers:write"), summary="Forget a customer"
)
def forget_customer(request: HttpRequest, customer_id: Id) -> Customer:
    """Erase for ever who they are.  Orders, amounts and events stay.  Refused while goods may still go out to them."""
    forget_people([customer_id], actor=actor(request))
    erase_letters([customer_id])
    return queries.customer(customer_id)


def _shown(response: HttpResponse, customer_id: int) -> Customer:
    customer = queries.customer(customer_id)
    tag(response, customer.version)
    return customer
