"""/v1/exceptions: what needs somebody, and how it is repaired."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Id, LongText, Moment, Truth
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.exceptions import caring, queries
from orderwright.exceptions.finding import KINDS, kind_named
from orderwright.exceptions.kinds import Asked, Kind, Stands
from orderwright.exceptions.queries import Filters
from orderwright.exceptions.repairing import repair

router = Router()

READ = needs("exceptions:read")
WRITE = needs("exceptions:write")
WORDS: Any = Query([], max_length=50, description="Only these kinds.")  # type: ignore[type-arg]
Owner = Annotated[str, Field(max_length=100, examples=["anna"])]


class ChoiceOut(Schema):
    code: str
    sentence: str
    flow: str = Field(description="The part of Orderwright that does it.")
    needs: list[str] = Field(description="Fields of the request that must be said.")


class ExceptionOut(Schema):
    id: int
    kind: str
    about: str = Field(description="What the subject is: an order, a package, an endpoint …")
    subject: str
    order: str | None
    since: datetime = Field(description="When it began to be so.")
    appeared_at: datetime
    cleared_at: datetime | None
    cause: str
    facts: dict[str, Any]
    next_step: str
    choices: list[ChoiceOut] = Field(description="How it can be repaired.")
    owner: str
    note: str
    version: int


class KindCountOut(Schema):
    kind: str
    standing: int
    oldest_since: datetime | None
    without_owner: int


class ExceptionKindOut(Schema):
    code: str
    about: str
    next_step: str
    hours: int = Field(description="How long something must have been so; of what is to come, how long before.")
    is_ahead: bool
    watched: bool
    choices: list[ChoiceOut]


class CareIn(Body):
    owner: Owner | None = Field(None, description="Who cares for it; empty: nobody.")
    note: LongText | None = Field(None, description="No personal data: it is not erased with a customer.")


class WatchIn(Body):
    hours: Annotated[int, Field(strict=True, ge=0, le=24 * 365)] | None = Field(
        None, description="As the kind says, where it is left out."
    )
    watched: Truth = Field(True, description="False: nothing is an exception of this kind.")


class RepairIn(Body):
    choice: Annotated[str, Field(max_length=40)] = Field("", description="May be left out where there is only one.")
    reason: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,49})?$")] = ""
    package: Annotated[str, Field(max_length=100)] = ""
    location: Annotated[str, Field(max_length=100)] = ""
    amount: Annotated[str, Field(pattern=r"^([0-9]{1,12}(\.[0-9]{1,6})?)?$", examples=["12.50"])] = ""


class RepairedOut(Schema):
    exception: int
    kind: str
    choice: str
    flow: str
    outcome: dict[str, Any] = Field(description="What happened.")
    cleared: bool = Field(description="Whether that was enough; if not, what it waits for happens later.")


@router.get("/exceptions", response=Page[ExceptionOut], auth=READ, summary="List exceptions")
def list_exceptions(
    request: HttpRequest,
    kind: list[Code] = WORDS,
    owner: Annotated[str | None, Field(max_length=100, description="Empty: those without an owner.")] = None,
    order: Code | None = None,
    since_before: Annotated[Moment | None, Field(description="Older than this.")] = None,
    cleared: Annotated[bool, Field(description="Those that have cleared, instead of those that stand.")] = False,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Those that stand, the longest standing first."""
    filters = Filters([kind_named(code).code for code in kind], owner, order, since_before, cleared)
    found = queries.listed(filters, after=place(after, tuple[datetime, int]), limit=limit + 1)
    return page([_out(one) for one in found], [(one.cleared_at or one.since, one.id) for one in found], limit)


@router.get("/exceptions/counts", response=list[KindCountOut], auth=READ, summary="Count exceptions by kind")
def count_exceptions(request: HttpRequest) -> list[queries.Counted]:
    """How many of each kind stand, and since when the oldest."""
    return queries.counts()


@router.get("/exceptions/kinds", response=list[ExceptionKindOut], auth=READ, summary="List the kinds of exceptions")
def list_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """All kinds, how long something must have been so before it is one, and how it can be repaired."""
    return [_kind_out(one) for one in caring.watches()]


@router.put("/exceptions/kinds/{kind}", response=ExceptionKindOut, auth=WRITE, summary="Set how a kind is watched")
def watch_kind(request: HttpRequest, kind: Code, body: WatchIn) -> dict[str, Any]:
    """What stands and is not an exception by that any more clears within a minute."""
    return _kind_out(caring.watch(kind, hours=body.hours, watched=body.watched))


@router.get("/exceptions/{exception_id}", response=ExceptionOut, auth=READ, summary="Get an exception")
def get_exception(request: HttpRequest, response: HttpResponse, exception_id: Id) -> dict[str, Any]:
    """One that stands, or has cleared.  Its ETag is the version that an edit asks for."""
    one = queries.one(exception_id)
    tag(response, one.version)
    return _out(one)


@router.patch("/exceptions/{exception_id}", response=ExceptionOut, auth=WRITE, summary="Care for an exception")
def care_for_exception(request: HttpRequest, response: HttpResponse, exception_id: Id, body: CareIn) -> dict[str, Any]:
    """Say who cares for it, and what is known of it, if nobody changed it since it was read (If-Match)."""
    one = caring.care(exception_id, owner=body.owner, note=body.note, seen=seen_version(request))
    tag(response, one.version)
    return _out(one)


@router.post("/exceptions/{exception_id}/repair", response=RepairedOut, auth=WRITE, summary="Repair an exception")
def repair_exception(request: HttpRequest, exception_id: Id, body: RepairIn) -> dict[str, Any]:
    """Call the flow that repairs it.  It clears when it is as it should be, which may take the worker a moment."""
    return repair(exception_id, Asked(**body.dict()), actor=actor(request))._asdict()


def _out(one: Stands) -> dict[str, Any]:
    kind = KINDS[one.kind]
    return {
        **one._asdict(),
        "about": kind.about,
        "cause": queries.cause(one),
        "next_step": str(kind.next_step),
        "choices": _choices(kind),
    }


def _kind_out(watched: caring.Watched) -> dict[str, Any]:
    kind = watched.kind
    return {
        "code": kind.code,
        "about": kind.about,
        "next_step": str(kind.next_step),
        "hours": watched.hours,
        "is_ahead": kind.is_ahead,
        "watched": watched.watched,
        "choices": _choices(kind),
    }


def _choices(kind: Kind) -> list[dict[str, Any]]:
    return [
        {"code": one.code, "sentence": str(one.sentence), "flow": one.flow, "needs": list(one.needs)}
        for one in kind.choices
    ]
