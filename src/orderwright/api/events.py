"""GET /v1/events: the feed, page by page.  `front` serves the same feed as a stream."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from orderwright.api.auth import needs
from orderwright.api.fields import Code, Id
from orderwright.api.pages import Limit
from orderwright.kernel import feed
from orderwright.kernel.errors import NotFound
from orderwright.orders.models import Order
from orderwright.orders.telling import described

router = Router()

Kind = Annotated[str, Field(pattern=r"^[a-z_]+\.([a-z_]+|\*)$", max_length=80, examples=["order.placed", "order.*"])]
Cursor = Annotated[str, Field(max_length=80)]
ALL_KINDS: Any = Query([], max_length=50, description="Only these; `order.*` takes in all of a noun.")  # type: ignore[type-arg]


class EventOut(Schema):
    id: Id
    cursor: str
    kind: str
    version: int
    order: str | None = Field(description="The number of the order it happened to.")
    place_in_order: int | None
    actor: str
    facts: dict[str, Any]
    at: datetime
    recorded_at: datetime


class EventsOut(Schema):
    items: list[EventOut]
    next: str = Field(description="Go on with after=…; it is never null, for a feed has no end.")


@router.get("/events", response=EventsOut, auth=needs("events:read"), summary="Read the feed")
def read_events(
    request: HttpRequest,
    after: Cursor = feed.START,
    kind: list[Kind] = ALL_KINDS,
    order: Code | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """The next events behind a cursor, in an order that never changes.  Nothing is skipped, and nothing comes twice.

    A page may be shorter than `limit` although more will come: the feed ends below the oldest open transaction.
    `next` stands behind all that was looked at, so what a filter passes over is not looked at again.
    """
    order_id = order_id_of(order) if order is not None else None
    end = feed.end()  # asked before the page is read, which thus has all that lies before it
    told = feed.read(after, limit=limit, kinds=kind, order_id=order_id)
    passed = told[-1].cursor if told else after
    return {"items": described(told), "next": passed if len(told) == limit else feed.behind([passed, end])}


def order_id_of(number: str) -> int:
    """The id of the order with this number.  Refused where there is none."""
    found = Order.objects.filter(number=number).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(thing=str(_("order")), name=number)
    return found
