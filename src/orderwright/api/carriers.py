"""/v1/carriers: how it stands with the carriers, and what they tell us."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from orderwright.api.auth import needs
from orderwright.api.fields import Code
from orderwright.api.once import asks_outside
from orderwright.flows.hear_scans import hear_all
from orderwright.kernel.errors import NotFound
from orderwright.shipping import carriers, queries

router = Router()


class CarrierOut(Schema):
    carrier: str
    questions_open: int = Field(description="Labels that it has not made, or made void, yet.")
    oldest_question_at: datetime | None
    last_answer_at: datetime | None
    last_scan_at: datetime | None
    packages_under_way: int
    to_look_at: int = Field(description="Packages whose turn it is to be asked about.")


class CarriersOut(Schema):
    items: list[CarrierOut]


class ScansHeardOut(Schema):
    matched: int
    waiting: int = Field(description="Of packages that are not known here.")
    again: int


@router.get("/carriers", response=CarriersOut, auth=needs("shipments:read"), summary="List carriers")
def list_carriers(request: HttpRequest) -> dict[str, Any]:
    """The carriers that the shop has an account with, and how it stands with each."""
    return {"items": queries.health()}


@router.post("/carriers/{code}/webhook", response=ScansHeardOut, auth=None, summary="Hear a carrier")
@asks_outside  # so that a long message is heard a hundred scans a transaction
def hear_carrier(request: HttpRequest, code: Code) -> dict[str, int]:
    """What a carrier tells us by itself, in its own format.  It needs no API key: the carrier signs it.

    Scans may come in any order, twice, late, and wrong: each is kept once, and a package is where all of them say.
    """
    if code not in carriers.codes():
        raise NotFound(thing="carrier", name=code)
    headers = {name.lower(): said for name, said in request.headers.items()}
    told = carriers.carrier(code).read_webhook(headers, request.body)
    return hear_all(code, told, told_by="webhook")._asdict()
