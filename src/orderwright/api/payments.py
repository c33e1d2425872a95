"""/v1/orders/{number}/payments: the money of an order; /v1/payments: what ends soon, and what providers tell us."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Day, Decimal, Id, Moment, Text, Truth
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.hear_provider import hear_provider
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.pay_orders import Pay, pay_orders
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.summarize import look
from orderwright.flows.void_payments import Void, void_payments
from orderwright.kernel import clock
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.money import minor, write
from orderwright.orders.models import Order
from orderwright.payments import providers, queries
from orderwright.payments.expiring import WARNED_BEFORE
from orderwright.payments.linking import pay_url
from orderwright.payments.models import TENDER_BUCKETS
from orderwright.payments.queries import TenderSeen
from orderwright.payments.questions import Asked

router = Router()

READ = needs("payments:read")
WRITE = needs("payments:write")


class BalancesOut(Schema):
    """Where the money of a tender is; every coin of it is in exactly one of these."""

    awaited: str = Field(description="To come by itself: a bank transfer, cash.")
    authorizing: str = Field(description="A provider is being asked to set it aside.")
    authorized: str = Field(description="Set aside.")
    capturing: str = Field(description="A provider is being asked to take it.")
    captured: str = Field(description="Ours.")
    refunding: str = Field(description="A provider is being asked to give it back.")
    refunded: str = Field(description="Given back.")
    voiding: str = Field(description="A provider is being asked to let it go.")
    voided: str = Field(description="Let go, declined, or not waited for any longer.")


class TenderOut(Schema):
    id: int
    method: str
    amount: str
    currency: str
    reference: str = Field(description="The provider's name for the authorization.")
    expires_at: datetime | None = Field(description="When the authorization ends.")
    balances: BalancesOut


class PaymentsOut(Schema):
    order: str
    currency: str
    total: str
    captured: str = Field(description="All that was ever taken, given back or not.")
    refunded: str
    secured: str = Field(description="Authorized, being captured, or awaited from a method that is trusted.")
    owed: str = Field(description="total - captured + refunded; negative where the shop owes.")
    tenders: list[TenderOut]


class AskedOut(PaymentsOut):
    amount: str = Field(description="How much money this is about.")
    attempts: list[str] = Field(description="The questions that providers will be asked, a moment later.")


class AttemptOut(Schema):
    id: str
    tender: int
    verb: str
    amount: str
    asked_at: datetime
    tries: int
    answer: str | None = Field(description="approved, declined, action_required; null while it is not known.")
    answered_at: datetime | None
    reason: str
    message: str = Field(description="The provider's words.")
    action_url: str = Field(description="Where the payer must go first.")


class ReceiptOut(Schema):
    tender: int
    amount: str
    received_on: date
    reference: str


class PaymentsSeen(PaymentsOut):
    attempts: list[AttemptOut]
    receipts: list[ReceiptOut]


class Part(Body):
    amount: Decimal | None = Field(None, description="All there is, where it is left out.")
    tender: Id | None = Field(None, description="All tenders as they were opened, where it is left out.")


class PayIn(Body):
    method: Code = Field(description="A provider's code, or a manual method such as bank_transfer.", examples=["fake"])
    token: Annotated[str, Field(max_length=500)] = Field("", description="What the provider gave the payer's browser.")
    amount: Decimal | None = Field(None, description="All that is due, where it is left out.")


class OpenedOut(PaymentsOut):
    tender: int = Field(description="The new one.")
    amount: str


class PayLinkOut(Schema):
    url: str = Field(description="Where the order's buyer pays what is due, without an account.")
    due: str
    currency: str


class VoidIn(Body):
    tender: Id | None = None


class RefundIn(Part):
    reason: Code
    goodwill: Truth = Field(False, description="Give back what is not overpaid: it is taken off the order.")
    as_credit: Truth = Field(False, description="Put it to the customer's store credit instead of giving it back.")


class ReceivedIn(Part):
    received_on: Day | None = Field(None, description="Today, where it is left out.")
    reference: Text = Field("", description="What the bank statement says.")


class HeardOut(Schema):
    matched: int
    waiting: int
    again: int


@router.get("/orders/{number}/payments", response=PaymentsSeen, auth=READ, summary="Get the payments of an order")
def get_payments(request: HttpRequest, number: Code) -> dict[str, Any]:
    """The tenders of an order, where their money is, and what providers were asked and answered."""
    order = _order(number)
    tenders = queries.tenders_of([order.id])
    ids, currency = [tender.id for tender in tenders], order.currency
    attempts = [
        {**one._asdict(), "tender": one.tender_id, "amount": write(one.amount_minor, currency)}
        for one in queries.attempts_of(ids)
    ]
    receipts = [
        {**one._asdict(), "tender": one.tender_id, "amount": write(one.amount_minor, currency)}
        for one in queries.receipts_of(ids)
    ]
    return {**_payments(order, tenders), "attempts": attempts, "receipts": receipts}


@router.post(
    "/orders/{number}/payments", response={202: OpenedOut}, auth=WRITE, summary="Pay what is due in another way"
)
def pay(request: HttpRequest, number: Code, body: PayIn) -> Status[dict[str, Any]]:
    """Open another tender: after a decline, or for the balance of an edit.  The provider is asked a moment later."""
    order = _order(number)
    asked = Pay(order.id, body.method, body.token, _minor(body.amount, order))
    (opened,) = pay_orders([asked], actor=actor(request))
    if isinstance(opened, Refusal):
        raise opened
    return Status(
        202,
        {
            **_payments(order, queries.tenders_of([order.id])),
            "tender": opened.tender_id,
            "amount": write(opened.amount_minor, order.currency),
        },
    )


@router.get("/orders/{number}/pay-link", response=PayLinkOut, auth=WRITE, summary="Get the link to pay an order")
def get_pay_link(request: HttpRequest, number: Code) -> dict[str, str]:
    """The page at which whoever has its address pays what is due of the order."""
    order = _order(number)
    _figures, money = look([order.id])
    due = max(0, money[order.id].owed - money[order.id].secured - money[order.id].pending)
    return {"url": pay_url(order.id), "due": write(due, order.currency), "currency": order.currency}


@router.post("/orders/{number}/payments/capture", response={202: AskedOut}, auth=WRITE, summary="Capture money")
def capture(request: HttpRequest, number: Code, body: Part) -> Status[dict[str, Any]]:
    """Take money that is authorized, in parts where need be.  The provider is asked a moment after this is answered."""
    order = _order(number)
    asked = Capture(order.id, _minor(body.amount, order), body.tender)
    return _asked(order, capture_payments([asked], actor=actor(request)))


@router.post("/orders/{number}/payments/void", response={202: AskedOut}, auth=WRITE, summary="Let money go")
def void(request: HttpRequest, number: Code, body: VoidIn) -> Status[dict[str, Any]]:
    """Let go of all that is authorized or awaited.  The provider is asked a moment after this is answered."""
    order = _order(number)
    return _asked(order, void_payments([Void(order.id, body.tender)], actor=actor(request)))


@router.post("/orders/{number}/payments/refund", response={202: AskedOut}, auth=WRITE, summary="Give money back")
def refund(request: HttpRequest, number: Code, body: RefundIn) -> Status[dict[str, Any]]:
    """Give back what the order is overpaid by, or a part of it, or more as goodwill; never more than was captured."""
    order = _order(number)
    asked = Refund(order.id, body.reason, _minor(body.amount, order), body.tender, body.goodwill, body.as_credit)
    return _asked(order, refund_orders([asked], actor=actor(request)))


@router.post(
    "/orders/{number}/payments/mark-received", response={202: AskedOut}, auth=WRITE, summary="Mark money as received"
)
def mark_as_received(request: HttpRequest, number: Code, body: ReceivedIn) -> Status[dict[str, Any]]:
    """Note that money came which was awaited: a bank transfer, cash on delivery; in parts where need be."""
    order = _order(number)
    came = Received(order.id, _minor(body.amount, order), body.received_on, body.reference, body.tender)
    return _asked(order, mark_received([came], actor=actor(request)))


class EndingOut(TenderOut):
    order: str


@router.get("/payments/expiring", response=Page[EndingOut], auth=READ, summary="List authorizations that end soon")
def list_expiring(
    request: HttpRequest,
    before: Annotated[Moment | None, Query(description="In two days, where it is left out.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Tenders with authorized money that the provider lets go soon, or has let go."""
    moment = before or clock.now() + WARNED_BEFORE
    found = queries.ending_before(moment, after=place(after, int) or 0, limit=limit + 1)
    numbers = dict(Order.objects.filter(id__in={tender.order_id for tender in found}).values_list("id", "number"))
    rows = [{**_tender(tender), "order": numbers[tender.order_id]} for tender in found]
    return page(rows, [tender.id for tender in found], limit)


class MessageOut(Schema):
    received_at: datetime
    provider: str
    message_id: str
    verb: str
    reference: str


@router.get("/payments/messages", response=Page[MessageOut], auth=READ, summary="List messages that nobody understands")
def list_messages(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """What providers told us about payments that are not known here: they wait until they are."""
    found = queries.messages_waiting(place(after, tuple[datetime, str, str]), limit=limit + 1)
    return page([one._asdict() for one in found], [one[:3] for one in found], limit)


@router.post("/payments/webhooks/{provider}", response=HeardOut, auth=None, summary="Hear a payment provider")
def hear(request: HttpRequest, provider: Code) -> dict[str, int]:
    """What a provider tells us by itself, in its own format.  It needs no API key: the provider signs it.

    A message may come before our own answer, after it, or twice; each is believed once.
    """
    if provider not in providers.codes():
        raise NotFound(thing="payment provider", name=provider)
    headers = {name.lower(): said for name, said in request.headers.items()}
    told = providers.provider(provider).read_webhook(headers, request.body)
    return hear_provider(provider, told)._asdict()


def _order(number: str) -> Order:
    found = Order.objects.filter(number=number).only("id", "number", "currency").first()
    if found is None:
        raise NotFound(thing="order", name=number)
    return found


def _minor(amount: str | None, order: Order) -> int | None:
    return None if amount is None else minor(amount, order.currency)


def _asked(order: Order, answers: list[Asked | Refusal]) -> Status[dict[str, Any]]:
    (answer,) = answers
    if isinstance(answer, Refusal):
        raise answer
    return Status(
        202,
        {
            **_payments(order, queries.tenders_of([order.id])),
            "amount": write(answer.amount_minor, order.currency),
            "attempts": answer.attempts,
        },
    )


def _payments(order: Order, tenders: list[TenderSeen]) -> dict[str, Any]:
    _figures, money = look([order.id])
    sums = money[order.id]
    amounts = {name: getattr(sums, name) for name in ("total", "captured", "refunded", "secured", "owed")}
    return {
        "order": order.number,
        "currency": order.currency,
        **{name: write(amount, order.currency) for name, amount in amounts.items()},
        "tenders": [_tender(tender) for tender in tenders],
    }


def _tender(tender: TenderSeen) -> dict[str, Any]:
    return {
        "id": tender.id,
        "method": tender.method,
        "amount": write(tender.amount_minor, tender.currency),
        "currency": tender.currency,
        "reference": tender.reference,
        "expires_at": tender.expires_at,
        "balances": {bucket: write(tender.balances[bucket], tender.currency) for bucket in TENDER_BUCKETS},
    }
