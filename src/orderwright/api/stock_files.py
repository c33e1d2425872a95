"""POST /v1/stock/import: levels from a CSV file, an answer for each row."""

from collections import Counter
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Text
from orderwright.api.once import asks_outside
from orderwright.api.skus import MOST_ROWS, NotCsv, TooManyRows
from orderwright.inventory.importing import Outcome, import_levels

router = Router()


class LevelRowOut(Schema):
    row: int = Field(description="The line of the file, counted from 1.")
    sku: str
    location: str
    outcome: Literal["set", "unchanged", "refused"]
    was: int | None
    now: int | None
    reason: str
    code: str = Field(description="Of the refusal; empty where there is none.")


class LevelsImportOut(Schema):
    dry_run: bool
    counts: dict[str, int] = Field(description="Rows by outcome.")
    rows: list[LevelRowOut]


@router.post(
    "/stock/import",
    response=LevelsImportOut,
    auth=needs("stock:write"),
    summary="Set levels from CSV",
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
@asks_outside  # not one transaction: chunks are committed one by one, and the same file again goes on where it stopped
def import_stock(request: HttpRequest, dry_run: bool = False, reference: Text = "") -> dict[str, Any]:
    """A row sets a SKU at a location, each by itself: columns `sku`, `location`, `on_hand` or `available`, and
    `expecting`, where a row is to be refused when the level is another by now.
    """
    if request.content_type not in ("text/csv", ""):
        raise NotCsv()
    if request.body.count(b"\n") > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    answers = import_levels(request.body, reference=reference, actor=actor(request), dry_run=dry_run)
    counted = Counter(answer.outcome for answer in answers)
    counts = {outcome.value: counted[outcome] for outcome in Outcome}
    return {"dry_run": dry_run, "counts": counts, "rows": [answer._asdict() for answer in answers]}
