"""/v1/stock/transfers and /v1/stock/expectations: what is on its way to us, from ourselves and from suppliers."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, CountOrNone, Day, Id, Text
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.inventory import expecting, queries
from orderwright.inventory.expecting import Expected, close, expect
from orderwright.inventory.naming import find_locations, find_skus
from orderwright.inventory.transferring import Arrival, Came, Sending, arrive, send

router = Router()

MOST_LINES = 1000
SKUS: Any = Query([], max_length=250, description="Only these SKUs.")  # type: ignore[type-arg]


class SentLine(Body):
    sku: Code
    quantity: Count


class SendIn(Body):
    source: Code
    target: Code
    lines: Annotated[list[SentLine], Field(min_length=1, max_length=MOST_LINES)]
    expected_on: date = Field(description="When it should arrive.")
    reference: Text = ""


class TransferLineOut(Schema):
    sku: str
    quantity: int
    received: int
    lost: int


class TransferOut(Schema):
    id: int
    source: str
    target: str
    reference: str
    expected_on: date
    sent_at: datetime
    closed_at: datetime | None = Field(description="When the last of it came, or was given up.")
    lines: list[TransferLineOut]


@router.get("/stock/transfers", response=Page[TransferOut], auth=needs("stock:read"), summary="List transfers")
def list_transfers(
    request: HttpRequest, open_only: bool = False, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Transfers between locations, the newest first."""
    found = queries.transfers(open_only=open_only, before=place(after, int) or 2**63 - 1, limit=limit + 1)
    lines = queries.lines_of_transfers([row.id for row in found])
    return page([_transfer(row, lines[row.id]) for row in found], [row.id for row in found], limit)


@router.post("/stock/transfers", response={201: TransferOut}, auth=needs("stock:write"), summary="Send units")
def create_transfer(request: HttpRequest, body: SendIn) -> Status[dict[str, Any]]:
    """Take units off the shelf of one location and put them on their way to another."""
    locations = find_locations([body.source, body.target])
    skus = find_skus([line.sku for line in body.lines])
    lines = [(skus[line.sku], line.quantity) for line in body.lines]
    sending = Sending(locations[body.source], locations[body.target], lines, body.expected_on, body.reference)
    return Status(201, _transfer_by_id(send([sending], actor=actor(request))[0]))


@router.get("/stock/transfers/{transfer}", response=TransferOut, auth=needs("stock:read"), summary="Get a transfer")
def get_transfer(request: HttpRequest, transfer: Id) -> dict[str, Any]:
    """What was sent, what came, and what is lost."""
    return _transfer_by_id(transfer)


class CameLine(Body):
    sku: Code
    arrived: CountOrNone
    lost: CountOrNone = Field(0, description="What will not come any more.")


class ArriveIn(Body):
    lines: Annotated[list[CameLine], Field(min_length=1, max_length=MOST_LINES)]
    reference: Text = ""


@router.post(
    "/stock/transfers/{transfer}/arrive", response=TransferOut, auth=needs("stock:write"), summary="Units arrive"
)
def arrive_transfer(request: HttpRequest, transfer: Id, body: ArriveIn) -> dict[str, Any]:
    """Put on the shelf what came, and write off what is lost; in part, as often as it takes."""
    skus = find_skus([line.sku for line in body.lines])
    lines = [Came(skus[line.sku], line.arrived, line.lost) for line in body.lines]
    arrive([Arrival(transfer, lines, body.reference)], actor=actor(request))
    return _transfer_by_id(transfer)


class ExpectedLineIn(Body):
    sku: Code
    location: Code
    quantity: Count
    expected_on: date
    reference: Text = Field("", description="The purchase order.")


class ExpectIn(Body):
    lines: Annotated[list[ExpectedLineIn], Field(min_length=1, max_length=MOST_LINES)]


class ExpectationOut(Schema):
    id: int
    sku: str
    location: str
    quantity: int
    received: int
    lost: int
    expected_on: date
    reference: str
    transfer: int | None = Field(description="The transfer that it is a line of; null: it comes from a supplier.")
    closed_at: datetime | None


class ExpectedOut(Schema):
    expectations: list[int] = Field(description="One a line, in the order of the lines, to be named when receiving.")


@router.get(
    "/stock/expectations", response=Page[ExpectationOut], auth=needs("stock:read"), summary="List what is expected"
)
def list_expectations(
    request: HttpRequest, sku: list[Code] = SKUS, open_only: bool = True, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """From suppliers and by transfers, in the order in which it was written down."""
    ids = find_skus(sku).values() if sku else None
    found = queries.expectations(skus=ids, open_only=open_only, after=place(after, int) or 0, limit=limit + 1)
    return page(found, [line.id for line in found], limit)


@router.post(
    "/stock/expectations", response={201: ExpectedOut}, auth=needs("stock:write"), summary="Say what will come"
)
def create_expectations(request: HttpRequest, body: ExpectIn) -> Status[dict[str, Any]]:
    """Units that suppliers will bring, and when.  They are received with POST /v1/stock/receive."""
    skus = find_skus([line.sku for line in body.lines])
    locations = find_locations([line.location for line in body.lines])
    lines = [
        Expected(skus[line.sku], locations[line.location], line.quantity, line.expected_on, line.reference)
        for line in body.lines
    ]
    return Status(201, {"expectations": expect(lines, actor=actor(request))})


class MoveIn(Body):
    expected_on: Day


class ExpectationSeenOut(Schema):
    id: int
    sku: str
    location: str
    quantity: int
    received: int
    expected_on: date
    reference: str
    closed: bool
    version: int


@router.get(
    "/stock/expectations/{expectation}",
    response=ExpectationSeenOut,
    auth=needs("stock:read"),
    summary="Get what is expected",
)
def get_expectation(request: HttpRequest, response: HttpResponse, expectation: Id) -> dict[str, Any]:
    """Its ETag is the version that a move to another day asks for."""
    return _expectation(response, expecting.expectation(expectation))


@router.patch(
    "/stock/expectations/{expectation}",
    response=ExpectationSeenOut,
    auth=needs("stock:write"),
    summary="Expect it on another day",
)
def move_expectation(request: HttpRequest, response: HttpResponse, expectation: Id, body: MoveIn) -> dict[str, Any]:
    """If nobody moved it since it was read (If-Match).  What was promised of those who wait for it moves too."""
    seen = seen_version(request)
    return _expectation(response, expecting.move(expectation, body.expected_on, seen=seen, actor=actor(request)))


def _expectation(response: HttpResponse, found: expecting.Expectation) -> dict[str, Any]:
    tag(response, found.version)
    return found._asdict()


class ClosedOut(Schema):
    event: int


@router.post(
    "/stock/expectations/{expectation}/close",
    response=ClosedOut,
    auth=needs("stock:write"),
    summary="Expect no more of it",
)
def close_expectation(request: HttpRequest, expectation: Id) -> dict[str, Any]:
    """What has not come will not come.  A line of a transfer is not closed so: its units arrive, or are lost."""
    return {"event": close([expectation], actor=actor(request))}


def _transfer_by_id(id_: int) -> dict[str, Any]:
    return _transfer(queries.transfer_by_id(id_), queries.lines_of_transfers([id_])[id_])


def _transfer(row: queries.TransferRow, lines: list[queries.ExpectedLine]) -> dict[str, Any]:
    return {**row._asdict(), "lines": lines}
