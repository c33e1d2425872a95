"""/v1/shipments: what was packed and left, its packages, their labels, and where they are."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api import problems
from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, LongText, Moment, Text, Truth
from orderwright.api.order_answers import listed
from orderwright.api.orders import MovedOut, Reason
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.flows._each import Answer
from orderwright.flows.confirm_shipments import Confirm, Send, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.give_up_packages import GiveUp, give_up_packages
from orderwright.flows.label_packages import Asked, Label, Number, label_packages, number_packages, void_labels
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.money import write
from orderwright.orders import queries as order_queries
from orderwright.orders.locking import id_of
from orderwright.orders.moving import Wanted
from orderwright.shipping import queries
from orderwright.shipping.documents import packing_slip
from orderwright.shipping.labelling import Measures
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packing import MOST_PACKAGES, Box
from orderwright.shipping.queries import Filters, PackageShown, ShipmentShown
from orderwright.shipping.stages import Stage
from orderwright.shipping.tracking import Settled

router = Router()

READ = needs("shipments:read")
WRITE = needs("shipments:write")
MOST_AT_ONCE = 200

Measure = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Place = Annotated[int, Field(ge=1, le=100_000, description="Its number in the shipment: 1, 2, 3 …")]
States: Any = Query([], max_length=5, description="Only these.")  # type: ignore[type-arg]
PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


class PackedIn(Body):
    line: Annotated[int, Field(strict=True, ge=1, le=100_000, description="The line's position in the order.")]
    quantity: Count = Field(description="Of a kit's line: how many kits.")


class MeasuresIn(Body):
    weight_grams: Measure | None = Field(None, description="Worked out from the SKUs' weights, where it is left out.")
    length_mm: Measure | None = None
    width_mm: Measure | None = None
    height_mm: Measure | None = None


class PackageIn(MeasuresIn):
    lines: Annotated[list[PackedIn], Field(min_length=1, max_length=2000)] | None = Field(
        None, description="All that is open and in no other package, where this is left out."
    )
    carrier: Text = Field("", description="Who brings it, where the label was made by hand.")
    tracking_number: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    tracking_url: Annotated[str, Field(max_length=1000)] = ""


class ShipmentIn(Body):
    fulfilment_order: Code
    packages: Annotated[list[PackageIn], Field(min_length=1, max_length=MOST_PACKAGES)] | None = Field(
        None, description="One package of all that is open, where this is left out."
    )
    option: Code | None = Field(None, description="The default for where it goes, where this is left out.")
    left: Truth = Field(False, description="It left already: no label is asked for.")


class LabelIn(MeasuresIn):
    option: Code | None = Field(None, description="Another delivery option for the whole shipment.")


class NumberIn(Body):
    carrier: Annotated[str, Field(min_length=1, max_length=100)]
    tracking_number: Annotated[str, Field(min_length=1, max_length=100)]
    tracking_url: Annotated[str, Field(max_length=1000)] = ""


class ScanIn(Body):
    stage: Stage = Field(description="What happened; prepared and labelled say nothing of a package that has left.")
    happened_at: Moment | None = Field(None, description="Now, where it is left out.")
    place: Text = ""
    time_zone: Annotated[str, Field(max_length=64, description="The place's own, of the IANA data base.")] = "UTC"
    words: LongText = ""
    taken_by: Text = Field("", description="Who took it, where it was delivered.")
    left_where: Text = Field("", description="Where it was left, where nobody took it.")


class NamesIn(Body):
    shipments: Annotated[list[Code], Field(min_length=1, max_length=MOST_AT_ONCE)]


class PackagesIn(Body):
    packages: Annotated[list[Code], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Their names; all that can, where this is left out."
    )


class GiveUpIn(PackagesIn):
    reason: Reason = "lost"


class InsideOut(Schema):
    line: int
    sku: str
    quantity: int


class LabelOut(Schema):
    """What became of the last question about its label."""

    state: str = Field(description="label_asked, labelled, void_asked, voided, refused, withdrawn; empty: none.")
    reason: str
    message: str = Field(description="The carrier's words.")
    price: str | None
    currency: str
    document: bool = Field(description="Is there a PDF to print?")


class PackageOut(Schema):
    number: int
    name: str
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    carrier: str
    tracking_number: str | None
    tracking_url: str
    stage: Stage
    stage_at: datetime
    settled: Settled = Field(description="What its units followed last; empty while they are under way.")
    label: LabelOut
    units: list[InsideOut]


class ShipmentOut(Schema):
    name: str
    order: str
    location: str
    option: str | None
    state: ShipmentState
    prepared_at: datetime
    shipped_at: datetime | None
    packages: list[PackageOut]


class ScanOut(Schema):
    id: int
    stage: Stage
    happened_at: datetime
    time_zone: str
    place: str
    words: str
    told_by: str = Field(description="webhook, polling, hand.")
    received_at: datetime
    believed: bool = Field(description="false: it cannot be true of this package; it is kept and changes nothing.")
    taken_by: str = Field(description="Who took it, as the carrier says it.")
    left_where: str = Field(description="Where it was left, as the carrier says it.")


class UnmatchedOut(Schema):
    id: int
    carrier: str
    tracking_number: str
    stage: Stage
    happened_at: datetime
    place: str
    received_at: datetime


class LeftOut(Schema):
    shipment: str
    units: int | None = None
    problem: dict[str, Any] | None = Field(None, description="Why it was refused (RFC 9457).")


class AllLeftOut(Schema):
    items: list[LeftOut] = Field(description="What became of each, in the order of the request.")


class ShipmentsOut(Schema):
    items: list[ShipmentOut]


@router.get("/shipments", response=Page[ShipmentOut], auth=READ, summary="List shipments")
def list_shipments(
    request: HttpRequest,
    state: list[ShipmentState] = States,
    location: Code | None = None,
    order: Code | None = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The oldest first."""
    found = queries.shipments(Filters(state, location, order), after=place(after, int) or 0, limit=limit + 1)
    return page([_shown(one) for one in found], [one.id for one in found], limit)


@router.post("/shipments", response={201: ShipmentOut}, auth=WRITE, summary="Pack a shipment")
def create_shipment(request: HttpRequest, body: ShipmentIn) -> Status[dict[str, Any]]:
    """Pack open units of a fulfilment order; where a carrier makes the labels, it is asked a moment later.

    Not while it is on hold or called back, and not before its location has accepted it.
    """
    boxes = tuple(map(_box, body.packages)) if body.packages else (Box(),)
    done: Any
    if body.left:
        (done,) = confirm_shipments([Send(body.fulfilment_order, boxes, body.option)], actor=actor(request))
    else:
        (done,) = prepare_shipments([Prepare(body.fulfilment_order, boxes, body.option)], actor=actor(request))
    if isinstance(done, Refusal):
        raise done
    return Status(201, _shown(queries.shipment(done.shipment)))


@router.post("/shipments/confirm", response=AllLeftOut, auth=WRITE, summary="Note that many shipments left")
def confirm_many_shipments(request: HttpRequest, body: NamesIn) -> dict[str, Any]:
    """Each leaves or is refused by itself."""
    answers = confirm_shipments([Confirm(name) for name in body.shipments], actor=actor(request))
    return _many(body.shipments, answers)


@router.get("/shipments/{name}", response=ShipmentOut, auth=READ, summary="Get a shipment")
def get_shipment(request: HttpRequest, name: Code) -> dict[str, Any]:
    """A shipment with its packages: what is in each, its label, and where it is."""
    return _shown(queries.shipment(name))


@router.post("/shipments/{name}/confirm", response=ShipmentOut, auth=WRITE, summary="Note that a shipment left")
def confirm_shipment(request: HttpRequest, name: Code) -> dict[str, Any]:
    """What was prepared left.  Where the channel captures at shipment, it is paid for now."""
    return _one(name, confirm_shipments([Confirm(name)], actor=actor(request)))


@router.post("/shipments/{name}/discard", response=ShipmentOut, auth=WRITE, summary="Unpack a shipment")
def discard_shipment(request: HttpRequest, name: Code) -> dict[str, Any]:
    """Its units are open again, and its labels are made void.  Not once it has left."""
    return _one(name, discard_shipments([name], actor=actor(request)))


@router.get(
    "/shipments/{name}/packing-slip",
    auth=READ,
    summary="Get the packing slip of a shipment",
    openapi_extra={"responses": {200: {"description": "The packing slip, to be printed.", "content": PDF}}},
)
def get_packing_slip(request: HttpRequest, name: Code) -> HttpResponse:
    """What is in each package, without prices, in the customer's language: A4 pages to lay into the box."""
    return HttpResponse(packing_slip(name), content_type="application/pdf")


@router.get(
    "/shipments/{name}/packages/{number}/label",
    auth=READ,
    summary="Get the label of a package",
    openapi_extra={"responses": {200: {"description": "The label, to be printed.", "content": PDF}}},
)
def get_label(request: HttpRequest, name: Code, number: Place) -> HttpResponse:
    """A PDF as the carrier made it.  It shows the address: it is gone when the customer is forgotten."""
    return HttpResponse(queries.label(queries.package_name(name, number)), content_type="application/pdf")


@router.post(
    "/shipments/{name}/packages/{number}/label",
    response={202: ShipmentOut},
    auth=WRITE,
    summary="Ask for a label",
)
def label_package(request: HttpRequest, name: Code, number: Place, body: LabelIn) -> Status[dict[str, Any]]:
    """After a refusal, with what was corrected.  The carrier is asked a moment after this is answered."""
    measures = Measures(body.weight_grams, body.length_mm, body.width_mm, body.height_mm)
    asked = Label(queries.package_name(name, number), measures, body.option)
    return _asked(name, label_packages([asked], actor=actor(request)))


@router.post(
    "/shipments/{name}/packages/{number}/void", response={202: ShipmentOut}, auth=WRITE, summary="Take a label back"
)
def void_label(request: HttpRequest, name: Code, number: Place) -> Status[dict[str, Any]]:
    """Of a package that has not left.  The carrier is asked a moment after this is answered."""
    return _asked(name, void_labels([queries.package_name(name, number)], actor=actor(request)))


@router.post(
    "/shipments/{name}/packages/{number}/number", response=ShipmentOut, auth=WRITE, summary="Give a tracking number"
)
def number_package(request: HttpRequest, name: Code, number: Place, body: NumberIn) -> dict[str, Any]:
    """A label that was made by hand: its carrier and number.  Scans that wait for it find their package."""
    said = Number(queries.package_name(name, number), body.carrier, body.tracking_number, body.tracking_url)
    return _one(name, number_packages([said], actor=actor(request)))


@router.get(
    "/shipments/{name}/packages/{number}/scans", response=list[ScanOut], auth=READ, summary="Read a package's scans"
)
def list_scans(request: HttpRequest, name: Code, number: Place) -> list[Any]:
    """All that was said of it, in the order in which it happened."""
    return queries.scans(queries.package_name(name, number))


@router.post(
    "/shipments/{name}/packages/{number}/scans", response=ShipmentOut, auth=WRITE, summary="Say where a package is"
)
def note_scan(request: HttpRequest, name: Code, number: Place, body: ScanIn) -> dict[str, Any]:
    """What somebody here knows of a package that has left: delivered, came back, lost, or anything else."""
    package = queries.package_name(name, number)
    said = Note(
        package,
        body.stage,
        body.happened_at,
        body.place,
        body.time_zone,
        body.words,
        taken_by=body.taken_by,
        left_where=body.left_where,
    )
    return _one(name, note_scans([said], actor=actor(request)))


@router.get("/orders/{number}/shipments", response=ShipmentsOut, auth=READ, summary="Get the shipments of an order")
def get_shipments_of_order(request: HttpRequest, number: Code) -> dict[str, Any]:
    """Each package with its carrier, its tracking number, what is in it, and where it is."""
    order_id = id_of(number)
    return {"items": [_shown(one) for one in queries.of_orders([order_id])[order_id]]}


@router.post("/orders/{number}/send-again", response=MovedOut, auth=WRITE, summary="Send lost or returned units again")
def send_order_again(request: HttpRequest, number: Code, body: PackagesIn) -> dict[str, Any]:
    """For the same lines, and no new money; what is short is waited for."""
    return _moved(request, number, send_again, lambda id_: SendAgain(id_, body.packages))


@router.post("/orders/{number}/give-up", response=MovedOut, auth=WRITE, summary="Give lost packages up")
def give_packages_up(request: HttpRequest, number: Code, body: GiveUpIn) -> dict[str, Any]:
    """Their units are canceled, and their money goes back."""
    return _moved(request, number, give_up_packages, lambda id_: GiveUp(id_, body.packages, body.reason))


@router.get("/scans/unmatched", response=Page[UnmatchedOut], auth=READ, summary="List scans without a package")
def list_unmatched_scans(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """What carriers said of numbers that are not known here: it waits until they are, ninety days at most."""
    found = queries.unmatched_scans(after=place(after, int) or 0, limit=limit + 1)
    return page(found, [one.id for one in found], limit)


def _box(body: PackageIn) -> Box:
    wanted = None if body.lines is None else [Wanted(line.line, line.quantity) for line in body.lines]
    return Box(wanted, **body.dict(exclude={"lines"}))


def _shown(one: ShipmentShown) -> dict[str, Any]:
    return {**one._asdict(), "packages": [_package(package) for package in one.packages]}


def _package(one: PackageShown) -> dict[str, Any]:
    price = None if one.label_price_minor is None else write(one.label_price_minor, one.label_currency)
    label = {
        "state": one.label,
        "reason": one.label_reason,
        "message": one.label_message,
        "price": price,
        "currency": one.label_currency,
        "document": one.has_label,
    }
    return {**one._asdict(), "label": label, "units": [units._asdict() for units in one.units]}


def _one(name: str, answers: Sequence[Any]) -> dict[str, Any]:
    """The shipment after a step; a refusal is the answer."""
    (answer,) = answers
    if isinstance(answer, Refusal):
        raise answer
    return _shown(queries.shipment(name))


def _asked(name: str, answers: Sequence[Asked | Refusal]) -> Status[dict[str, Any]]:
    return Status(202, _one(name, answers))


def _many(names: Sequence[str], answers: Sequence[Any]) -> dict[str, Any]:
    return {
        "items": [
            {"shipment": name, "problem": problems.problem(answer)[1]}
            if isinstance(answer, Refusal)
            else {"shipment": name, "units": answer.units}
            for name, answer in zip(names, answers, strict=True)
        ]
    }


def _moved(
    request: HttpRequest, number: str, flow: Callable[..., list[Answer]], ask: Callable[[int], Any]
) -> dict[str, Any]:
    order_id = id_of(number)
    who: Actor = actor(request)
    (answer,) = flow([ask(order_id)], actor=who)
    if isinstance(answer, Refusal):
        raise answer
    return {"order": listed(order_queries.heads([order_id])[order_id]), "units": answer.units}
