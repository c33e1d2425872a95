"""Importing order files: look at them, stock what they sold, take their documents in, and reconcile.

Nothing is held in memory but one chunk and what each SKU is called.  A chunk is a transaction or two of well under a
second, so live orders go on meanwhile; an import that was killed is started again and passes over what it has done.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.db import transaction

from orderwright.catalog.editing import Wanted, Way, edit_channels
from orderwright.channels.ports import Document, OrderFiles
from orderwright.channels.reconciling import Report
from orderwright.channels.surveying import Survey
from orderwright.channels.taking_in import Became, Run, lines_of, take_in, taken_before
from orderwright.flows.stock_as_sold import stock_as_sold
from orderwright.inventory.locating import LocationTaken, Place, create_location
from orderwright.kernel import actors, clock, sql
from orderwright.kernel.errors import Invalid

T = TypeVar("T")
ACTOR = actors.system("import")
AIM_SECONDS = 0.25
LEAST_LINES, MOST_LINES = 100, 3_000  # of a chunk; a document is never divided
MOST_DOCUMENTS = 300
LOOK_AT_ONCE = 2_000  # documents
COMPARE_AT_ONCE = 1_000  # documents
STOCK_AT_ONCE = 1_000  # SKUs

Progress = Callable[[str, int], None]  # what is done now, and how many lines further it is


@dataclass(frozen=True)
class Wish:
    """What someone wants of an import."""

    channel: str
    format: str
    source: str  # what the files are called
    location: str = "main"  # where stock is received and corrected
    stock_as_sold: bool = False
    dry_run: bool = False
    retry_refused: bool = False


def silently(_stage: str, _lines: int) -> None:
    """Tell nobody."""


def import_files(files: OrderFiles, wish: Wish, progress: Progress = silently) -> Report:
    """Take the documents of `files` in; those that are here already change nothing.

    A dry run reads, sorts and checks everything, and writes nothing.
    """
    channel_id = _find_channel(wish.channel, files.currency)
    dry = Report(files.currency, files.lines, files.worth, dry=True) if wish.dry_run else None
    survey = _look(files, channel_id, progress, dry)
    if dry is not None:
        dry.new_skus = len(survey.names()) - len(sql.rows(KNOWN_SKUS, [sql.texts(survey.names())]))
        return dry
    channel_id = channel_id or _open_channel(wish.channel, files.currency)
    if wish.stock_as_sold or wish.retry_refused or survey.corrections:
        _open_location(wish.location)
    run_id, stocked_through = _begin(files, wish, channel_id)
    run = Run(run_id, channel_id, files, survey.names(), wish.location, ACTOR, wish.retry_refused)
    if wish.stock_as_sold and survey.first_at is not None:
        _stock(run, survey, stocked_through)
    report = Report(files.currency, files.lines, files.worth)
    pace, references = Pace(), []
    for chunk in _chunks(files.documents(), pace):
        lines, started = sum(map(lines_of, chunk)), time.perf_counter()
        for document, became in zip(chunk, take_in(run, chunk), strict=True):
            report.add(document, became)
            references.append(document.reference)
        pace.learn(lines, time.perf_counter() - started)
        progress("take in", lines)
        if len(references) >= COMPARE_AT_ONCE:
            report.compare(channel_id, references)
            references = []
    report.compare(channel_id, references)
    if not report.problems():
        sql.run("UPDATE order_import SET finished_at = coalesce(finished_at, now()) WHERE id = %s::bigint", [run_id])
    return report


def _look(files: OrderFiles, channel_id: int | None, progress: Progress, dry: Report | None) -> Survey:
    """Survey what is not here yet, writing nothing; a `dry` run's report is told what would become of everything."""
    survey = Survey()
    for documents in batched(files.documents(), LOOK_AT_ONCE):
        here = taken_before(channel_id, [document.reference for document in documents])
        for document in documents:
            if document.reference not in here:
                survey.add(document)
            if dry is not None:
                dry.add(document, here.get(document.reference, Became()))
        progress("look", sum(lines_of(document) for document in documents))
    return survey


@dataclass
class Pace:
    """How many lines are a chunk: as many as take about `AIM_SECONDS`, here and now."""

    lines: int = 1_000

    def learn(self, lines: int, seconds: float) -> None:
        """So many lines took so long; go half the way to what would have been right."""
        fitting = lines * AIM_SECONDS / max(seconds, 0.001)
        self.lines = round(min(MOST_LINES, max(LEAST_LINES, (self.lines + fitting) / 2)))


def _chunks(documents: Iterator[Document], pace: Pace) -> Iterator[list[Document]]:
    """Documents in their order, so many at once that a transaction stays short."""
    chunk: list[Document] = []
    lines = 0
    for document in documents:
        more = lines_of(document)
        if chunk and (lines + more > pace.lines or len(chunk) == MOST_DOCUMENTS):
            yield chunk
            chunk, lines = [], 0
        chunk.append(document)
        lines += more
    if chunk:
        yield chunk


def _stock(run: Run, survey: Survey, stocked_through: str) -> None:
    """Book that what leaves the shelves was received the day before the first document, a chunk of SKUs at once."""
    assert survey.first_at is not None
    at = survey.first_at - timedelta(days=1)
    codes = sorted(code for code in survey.leaving if code > stocked_through)
    for start in range(0, len(codes), STOCK_AT_ONCE):
        _stock_some(run, survey, codes[start : start + STOCK_AT_ONCE], at)


@transaction.atomic
def _stock_some(run: Run, survey: Survey, codes: Sequence[str], at: datetime) -> None:
    if str(sql.value(LOCK_RUN, [run.id])) >= codes[-1]:
        return  # the same import goes on elsewhere, and was first
    quantities = {code: survey.leaving[code] for code in codes}
    reference = f"import {run.id}"
    stock_as_sold(quantities, run.names, location=run.location, reference=reference, at=at, actor=run.actor)
    sql.run("UPDATE order_import SET stocked_through = %s WHERE id = %s::bigint", [codes[-1], run.id])


def _begin(files: OrderFiles, wish: Wish, channel_id: int) -> tuple[int, str]:
    """The row of this import, new or as it was left: its id, and how far stock was booked."""
    key = [channel_id, wish.format, files.fingerprint]
    sql.run(BEGIN, [*key, wish.source, clock.now()])
    ((run_id, stocked_through),) = sql.rows(FIND_RUN, key)
    return run_id, stocked_through


def _find_channel(code: str, currency: str) -> int | None:
    """The channel's id, or None where there is none yet; refused where it sells in another currency."""
    found = sql.rows("SELECT id, currency FROM channel WHERE code = %s", [code])
    if found and found[0][1] != currency:
        raise Invalid(field="channel", problem=f"{code} sells in {found[0][1]}, and the files are in {currency}")
    return found[0][0] if found else None


def _open_channel(code: str, currency: str) -> int:
    """A channel with a number series of its own, so that an import and live orders do not wait for each other."""
    edit_channels([Wanted(code, {"name": code, "currency": currency}, Way.CREATE)], actor=ACTOR)
    channel_id = _find_channel(code, currency)  # ours, or that of somebody who was first
    if channel_id is None:
        raise Invalid(field="channel", problem=f"{code} cannot be a channel's code")
    return channel_id


def _open_location(code: str) -> None:
    if not sql.rows("SELECT true FROM location WHERE code = %s", [code]):
        try:
            create_location(code, Place(name=code), actor=ACTOR)
        except LocationTaken:
            return  # somebody made it at this moment


def batched(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` things, and one of what is left."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


LOCK_RUN = "SELECT stocked_through FROM order_import WHERE id = %s::bigint FOR NO KEY UPDATE"

KNOWN_SKUS = "SELECT code FROM sku WHERE code = ANY (%s::text[])"

BEGIN = """
    INSERT INTO order_import (channel_id, format, fingerprint, source, started_at)
    VALUES (%s::bigint, %s, %s, %s, %s::timestamptz) ON CONFLICT DO NOTHING
"""

FIND_RUN = """
    SELECT id, stocked_through FROM order_import WHERE channel_id = %s::bigint AND format = %s AND fingerprint = %s
"""
