"""Taking documents in: each at most once, by the channel's own name for it, with everything it causes.

A chunk's orders, corrections, kept lines and the note that they were taken are one transaction: a killed import has
all of a chunk or nothing of it, and the next one passes over what is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import msgspec
from django.db import transaction

from orderwright.channels.models import Outcome
from orderwright.channels.ports import Document, Kept, Line, OrderFiles
from orderwright.flows.correct_stock import Paper, correct_stock
from orderwright.flows.import_orders import import_orders
from orderwright.flows.place_orders import Refused
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.locks import again_on_conflict


@dataclass(frozen=True)
class Run:
    """One import as it goes on: where it writes, and what SKUs are called that the catalog does not know."""

    id: int
    channel_id: int
    files: OrderFiles
    names: Mapping[str, str]
    location: str
    actor: Actor
    retry: bool = False  # try documents again of which everything was refused


class Became(NamedTuple):
    """What a document became: `refusal` is why its order was not taken, `short` which corrections were not."""

    refusal: str = ""
    short: Sequence[int] = ()
    before: bool = False  # it was here already


def take_in(run: Run, documents: Sequence[Document]) -> list[Became]:
    """Take in `documents`, in two transactions: those that correct stock, and all others.

    Live orders are not held up for longer than one of the two takes; corrections lock shelves, and so do orders, so
    each of the two locks its shelves at once and in order.
    """
    became: dict[str, Became] = {}
    for chosen in (
        [document for document in documents if document.corrections],
        [document for document in documents if not document.corrections],
    ):
        if chosen:
            became |= again_on_conflict(partial(_take, run, chosen))
    return [became[document.reference] for document in documents]


def taken_before(channel_id: int | None, references: Sequence[str]) -> dict[str, Became]:
    """What these documents became, as far as they are here."""
    if channel_id is None:
        return {}
    found = sql.rows(FIND, [channel_id, sql.texts(references)])
    return {reference: Became(refusal, short, before=True) for reference, refusal, short in found}


@transaction.atomic
def _take(run: Run, documents: Sequence[Document]) -> dict[str, Became]:
    references = [document.reference for document in documents]
    if run.retry:
        sql.run(FORGET_REFUSED, [run.channel_id, sql.texts(references)])
    claimed = {reference for (reference,) in sql.rows(CLAIM, [run.channel_id, run.id, sql.texts(references)])}
    became = {}
    if len(claimed) < len(documents):
        became = taken_before(run.channel_id, [name for name in references if name not in claimed])
    fresh = [document for document in documents if document.reference in claimed]
    if not fresh:
        return became
    refusals = _place(run, fresh)
    shorts = _correct(run, fresh)
    kept = []
    for document in fresh:
        refusal, short = refusals.get(document.reference, ""), shorts.get(document.reference, [])
        became[document.reference] = Became(refusal, short)
        kept += _what_is_kept(document, refusal, short)
    _keep(run, kept)
    sql.run(MOVE_ON, [sum(lines_of(document) for document in fresh), run.id])
    return became


def lines_of(document: Document) -> int:
    """How many lines of the files a document has."""
    return (
        len(document.order_lines)
        + len(document.charges)
        + len(document.corrections)
        + len(document.waiting)
        + len(document.refused)
    )


def _place(run: Run, documents: Sequence[Document]) -> dict[str, str]:
    """Place the orders; answers why some were refused, by reference."""
    drafts = [document.order for document in documents if document.order is not None]
    outcomes = import_orders(drafts, run.names, actor=run.actor)
    refused = {
        str(draft.reference): outcome.refusal.code
        for draft, outcome in zip(drafts, outcomes, strict=True)
        if isinstance(outcome, Refused)
    }
    if refused:
        sql.run(NOTE_REFUSALS, [run.channel_id, sql.texts(refused), sql.texts(refused.values())])
    return refused


def _correct(run: Run, documents: Sequence[Document]) -> dict[str, list[int]]:
    """Correct the stock; answers which corrections the shelves did not allow, by reference."""
    papers = [
        Paper(document.reference, document.at, [(one.sku, one.quantity, one.reason) for one in document.corrections])
        for document in documents
        if document.corrections and document.at is not None
    ]
    if not papers:
        return {}
    corrected = correct_stock(papers, run.names, location=run.location, actor=run.actor)
    sql.run(
        NOTE_CORRECTIONS,
        [
            run.channel_id,
            sql.texts(paper.reference for paper in papers),
            sql.texts(sql.ints(one.short) for one in corrected),
            sql.texts(sql.ints(one.event_ids) for one in corrected),
        ],
    )
    return {paper.reference: one.short for paper, one in zip(papers, corrected, strict=True)}


KeptLine = tuple[str, str, Line, str]  # reference, outcome, line, reason


def _what_is_kept(document: Document, refusal: str, short: Sequence[int]) -> list[KeptLine]:
    """The lines that are kept raw: they wait, were refused while sorting, or by the shop."""

    def rows(outcome: Outcome, lines: Sequence[Kept]) -> list[KeptLine]:
        return [(document.reference, outcome.value, one.line, one.reason) for one in lines]

    by_the_shop = [Kept(line, refusal) for line in (*document.order_lines, *document.charges)] if refusal else []
    by_the_shelf = [Kept(document.corrections[position].line, NOT_ENOUGH) for position in short]
    return rows(Outcome.WAITING, document.waiting) + rows(
        Outcome.REFUSED, [*document.refused, *by_the_shop, *by_the_shelf]
    )


NOT_ENOUGH = "not_enough_stock"


def _keep(run: Run, kept: Sequence[KeptLine]) -> None:
    if kept:
        references, outcomes, lines, reasons = zip(*kept, strict=True)
        sql.run(
            KEEP,
            [
                run.id,
                sql.texts(references),
                sql.texts(outcomes),
                sql.ints(line.number for line in lines),
                sql.texts(reasons),
                sql.ints(line.worth for line in lines),
                sql.texts(msgspec.json.encode(run.files.as_read(line)).decode() for line in lines),
            ],
        )


# Documents that made neither an order nor an event, and of which no line waits, with the lines that were kept of them.
FORGET_REFUSED = """
    WITH refused AS (
        SELECT d.channel_id, d.reference
          FROM (SELECT %s::bigint AS channel_id) c, unnest(%s::text[]) AS r(reference), taken_document d
         WHERE d.channel_id = c.channel_id AND d.reference = r.reference AND d.event_ids = '{}'
           AND NOT EXISTS (SELECT FROM orders o WHERE o.channel_id = d.channel_id AND o.reference = d.reference)
           AND NOT EXISTS (SELECT FROM inbound i JOIN order_import m ON m.id = i.run_id
                            WHERE m.channel_id = d.channel_id AND i.reference = d.reference AND i.outcome <> 'refused')
    ), lines AS (
        DELETE FROM inbound i USING order_import m, refused r
         WHERE m.id = i.run_id AND m.channel_id = r.channel_id AND i.reference = r.reference
    )
    DELETE FROM taken_document d USING refused r WHERE d.channel_id = r.channel_id AND d.reference = r.reference
"""

# Sorted, so that two imports of the same documents wait for each other and never deadlock.  A claim is a key that
# comes before all other locks, as `kernel.locks` has it.
CLAIM = """
    INSERT INTO taken_document (channel_id, run_id, reference)
    SELECT %s::bigint, %s::bigint, reference FROM unnest(%s::text[]) AS r(reference) ORDER BY reference
        ON CONFLICT DO NOTHING
    RETURNING reference
"""

FIND = """
    SELECT reference, refusal, short FROM taken_document WHERE channel_id = %s::bigint AND reference = ANY (%s::text[])
"""

NOTE_REFUSALS = """
    UPDATE taken_document d SET refusal = r.refusal
      FROM (SELECT %s::bigint AS channel_id) c, unnest(%s::text[], %s::text[]) AS r(reference, refusal)
     WHERE d.channel_id = c.channel_id AND d.reference = r.reference
"""

NOTE_CORRECTIONS = """
    UPDATE taken_document d SET short = r.short::int[], event_ids = r.event_ids::bigint[]
      FROM (SELECT %s::bigint AS channel_id) c,
           unnest(%s::text[], %s::text[], %s::text[]) AS r(reference, short, event_ids)
     WHERE d.channel_id = c.channel_id AND d.reference = r.reference
"""

KEEP = """
    INSERT INTO inbound (run_id, reference, outcome, line_number, reason, worth_micros, raw)
    SELECT %s::bigint, reference, outcome, line_number, reason, worth, raw::jsonb
      FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[])
           AS k(reference, outcome, line_number, reason, worth, raw)
"""

MOVE_ON = "UPDATE order_import SET lines_done = lines_done + %s::bigint WHERE id = %s::bigint"
