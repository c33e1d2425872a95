"""Reading customers: one, or a page of a list; and all that is known of one, for whoever asks what we know of them."""

from typing import Any

from orderwright.customers.models import Address, Customer
from orderwright.kernel.errors import NotFound


def customer(customer_id: int) -> Customer:
    found = Customer.objects.filter(pk=customer_id).first()
    if found is None:
        raise NotFound(thing="customer", name=customer_id)
    return found


def customers(*, email: str = "", reference: str = "", after: int = 0, limit: int) -> list[Customer]:
    """The oldest first, one more than `limit`; by the whole e-mail address, or by "channel:reference"."""
    found = Customer.objects.filter(pk__gt=after)
    if email:
        found = found.filter(email=email.strip().lower())
    if reference:
        found = found.filter(reference=reference)
    return list(found.order_by("pk")[: limit + 1])


def addresses(customer_id: int) -> list[dict[str, Any]]:
    """All addresses of a customer, each once, as they were first written."""
    fields = [field.name for field in Address._meta.fields if field.name not in ("id", "customer")]
    rows = Address.objects.filter(customer_id=customer_id).order_by("pk").values(*fields)
    return list({tuple(row.values()): row for row in reversed(rows)}.values())[::-1]
