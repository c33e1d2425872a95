"""/v1/gift-cards and the credit of customers: what the shop owes, and what became of it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Currency, Day, Decimal, Id
from orderwright.api.once import personal
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.credits import codes, disabling, issuing, queries
from orderwright.credits.queries import Credit
from orderwright.customers import queries as customers
from orderwright.kernel import money

router = Router()
READ, WRITE = needs("credits:read"), needs("credits:write")

Reason = Annotated[str, Field(max_length=40, pattern=r"^[a-z_]*$", examples=["goodwill"], description="A word.")]


class GiftCardIn(Body):
    amount: Decimal
    currency: Currency
    expires_on: Day | None = Field(None, description="The last day on which it can be spent; always, where left out.")
    reason: Reason = ""


class GiftCardOut(Schema):
    id: int
    last_four: str
    currency: str
    state: Literal["active", "empty", "expired", "disabled"]
    issued: str
    available: str
    held: str = Field(description="Set aside for orders.")
    spent: str
    expires_on: date | None
    created_at: datetime


class NewGiftCardOut(GiftCardOut):
    code: str | None = Field(None, description="Shown this once; null when the answer is repeated.")


class CreditMovedOut(Schema):
    event: int
    kind: str
    at: datetime
    amount: str
    order: str | None
    reason: str


class CreditIn(Body):
    amount: Decimal = Field(
        description="More than nothing gives credit; less than nothing takes back what is not spent."
    )
    currency: Currency
    reason: Reason = ""


class CreditOut(Schema):
    currency: str
    state: Literal["active", "empty", "expired", "disabled"]
    available: str
    held: str
    spent: str


class CreditsOut(Schema):
    customer: int
    credits: list[CreditOut]


@router.get("/gift-cards", response=Page[GiftCardOut], auth=READ, summary="List gift cards")
def list_gift_cards(
    request: HttpRequest,
    last_four: Annotated[str, Field(max_length=4, description="The end of a code.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """All gift cards, the newest first; their codes are known to nobody but those who have them."""
    found = queries.cards(last_four=last_four, before=place(after, int), limit=limit + 1)
    return page([_card(one) for one in found], [one.id for one in found], limit)


def _read_again(request: HttpRequest, card_id: int) -> dict[str, Any]:
    return _card(queries.card(card_id)) | {"code": None}


@router.post("/gift-cards", response={201: NewGiftCardOut}, auth=WRITE, summary="Issue a gift card")
@personal(read_again=_read_again)
def issue_gift_card(request: HttpRequest, body: GiftCardIn) -> Status[dict[str, Any]]:
    """Whoever has the code has the money: it is in this answer and nowhere else."""
    card = issuing.NewCard(money.minor(body.amount, body.currency), body.currency, body.expires_on)
    (issued,) = issuing.issue_cards([card], actor=actor(request), reason=body.reason)
    return Status(201, _card(queries.card(issued.account)) | {"code": codes.written(issued.code)})


@router.get("/gift-cards/{card_id}", response=GiftCardOut, auth=READ, summary="Get a gift card")
def get_gift_card(request: HttpRequest, card_id: Id) -> dict[str, Any]:
    return _card(queries.card(card_id))


@router.get(
    "/gift-cards/{card_id}/history", response=list[CreditMovedOut], auth=READ, summary="Read what became of a gift card"
)
def read_gift_card_history(request: HttpRequest, card_id: Id) -> list[dict[str, Any]]:
    """The latest 200 movements of its money, the newest first."""
    card = queries.card(card_id)
    return [
        {
            "event": one.event_id,
            "kind": one.kind,
            "at": one.at,
            "amount": money.write(one.amount_minor, card.currency),
            "order": one.order,
            "reason": one.reason,
        }
        for one in queries.history(card_id)
    ]


@router.post("/gift-cards/{card_id}/disable", response=GiftCardOut, auth=WRITE, summary="Disable a gift card")
def disable_gift_card(request: HttpRequest, card_id: Id) -> dict[str, Any]:
    """Nothing more can be paid with it; what is set aside for orders stays so.  Twice is the same as once."""
    card = queries.card(card_id)
    disabling.disable([card.id], actor=actor(request))
    return _card(queries.card(card_id))


@router.post("/gift-cards/{card_id}/enable", response=GiftCardOut, auth=WRITE, summary="Enable a gift card")
def enable_gift_card(request: HttpRequest, card_id: Id) -> dict[str, Any]:
    """It can be spent again."""
    card = queries.card(card_id)
    disabling.enable([card.id], actor=actor(request))
    return _card(queries.card(card_id))


@router.get("/customers/{customer_id}/credit", response=CreditsOut, auth=READ, summary="Get a customer's credit")
def get_customer_credit(request: HttpRequest, customer_id: Id) -> dict[str, Any]:
    """What the shop owes them, in each currency."""
    customers.customer(customer_id)
    return _credits(customer_id)


@router.post(
    "/customers/{customer_id}/credit",
    response=CreditsOut,
    auth=WRITE,
    summary="Give credit, or take it back",
)
def change_customer_credit(request: HttpRequest, customer_id: Id, body: CreditIn) -> dict[str, Any]:
    """Money that they can pay with; what is not spent can be taken back."""
    amount = money.minor(body.amount, body.currency)
    issuing.change_credit(customer_id, amount, body.currency, body.reason, actor=actor(request))
    return _credits(customer_id)


def _card(one: Credit) -> dict[str, Any]:
    return {
        "id": one.id,
        "last_four": one.last_four,
        "currency": one.currency,
        "state": one.state,
        "issued": money.write(one.issued, one.currency),
        "available": money.write(one.available, one.currency),
        "held": money.write(one.held, one.currency),
        "spent": money.write(one.spent, one.currency),
        "expires_on": one.expires_on,
        "created_at": one.created_at,
    }


def _credits(customer_id: int) -> dict[str, Any]:
    names = ("currency", "state", "available", "held", "spent")
    found = [_card(one) for one in queries.credits_of([customer_id])[customer_id]]
    return {"customer": customer_id, "credits": [{name: one[name] for name in names} for one in found]}
