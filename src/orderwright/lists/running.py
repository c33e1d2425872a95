"""Runs: one act on many orders, in the background, batch by batch, with an answer for each order.

A batch's acts and their answers are written in one transaction: a worker that is killed leaves whole batches, and the
next one goes on behind them.  Nothing is done twice, and nothing is left out.  A batch that fails for a reason that no
refusal explains is done by halves, until the order that spoils it stands alone: it gets the answer “failed”, what went
wrong stands in the log, and the run goes on behind it.
"""

import logging
import random
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from orderwright.kernel import actors, clock, sql
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.locks import CONFLICTS
from orderwright.lists import _acting, _printing, _writing, searching
from orderwright.lists.asking import Question
from orderwright.lists.models import Act, Run, RunPart
from orderwright.lists.refusals import FileGone, NothingPrinted, NothingSelected, RunNotYours, TooManyToPrint
from orderwright.lists.viewing import asked_of
from orderwright.staff.models import User
from orderwright.staff.roles import verbs_of

log = logging.getLogger(__name__)

BATCH = 100
TRIES = 5  # of one order that lost a lock to another
GATHERED = 1_000
MOST_PICKED = 1_000
MOST_PRINTED = 500
KEPT_DAYS = 7


class RowSeen(NamedTuple):
    """An order of a run, and its answer."""

    number: str
    answer: str | None
    code: str
    sentence: str


def begin(act: Act, person_id: int, words: Mapping[str, Any], *, picked: Sequence[int], query: str | None) -> int:
    """Begin a run on the orders that were picked, or on all that match a query; answers its id."""
    asked = asked_of(QueryDict(query), verbs_of(User.objects.get(pk=person_id).role)) if query is not None else None
    if asked is None and not picked:
        raise NothingSelected
    _acting.check(act, words)
    if act == Act.SLIPS:
        _check_printed(picked, asked)
    with transaction.atomic():
        run = Run.objects.create(
            act=act,
            words={**words, "all": query is not None, "zone": timezone.get_current_timezone_name()},
            query=query or "",
            begun_by_id=person_id,
            begun_at=clock.now(),
            gathered_at=None if query is not None else clock.now(),
        )
        if query is None:
            run.orders = sql.run(WRITE, [run.pk, 0, sql.ints(picked[:MOST_PICKED])])
            run.save(update_fields=["orders"])
    return run.pk


def _check_printed(picked: Sequence[int], asked: Question | None) -> None:
    """Refuse a document that nobody could carry."""
    found = searching.tally(asked) if asked is not None else searching.Tally(len(picked), False)
    if found.more or found.total > MOST_PRINTED:
        raise TooManyToPrint(most=MOST_PRINTED)


def go_on() -> int:
    """Go on with all runs that are under way, the oldest first; answers how many orders got an answer."""
    return sum(map(_finish, Run.objects.filter(ended_at=None).order_by("pk").values_list("pk", flat=True)))


def _finish(run_id: int) -> int:
    """All that is left of a run, whatever goes wrong with one of its orders.

    Raises only where the database is away: the next worker goes on.
    """
    moved, most, tried = 0, BATCH, 0
    while True:
        try:
            step = _step(run_id, most)
        except Exception as error:
            if not connection.is_usable():
                raise
            lost = isinstance(error.__cause__, CONFLICTS)
            if lost:
                time.sleep(random.uniform(0.005, 0.02) * 2**tried)
            if most > 1:
                most //= 2
            elif lost and tried < TRIES:
                tried += 1
            else:
                moved += _give_up(run_id, error)
                most, tried = BATCH, 0
            continue
        if step is None:
            return moved
        moved += step
        most, tried = min(2 * most, BATCH), 0


@transaction.atomic
def _step(run_id: int, most: int) -> int | None:
    """One batch of a run; None where nothing is left to do."""
    run = _locked(run_id)
    if run.ended_at is not None:
        return None
    if run.gathered_at is None:
        _gather(run)
        return 0
    waiting = sql.rows(WAITING, [run.pk, most])
    if not waiting:
        if run.act == Act.SLIPS:
            _printing.make(run)
        _end(run)
        return None
    places = [place for place, _order in waiting]
    with translation.override(run.begun_by.language or None):
        answers = _answers(run, places[0], [order for _place, order in waiting])
        sentences = [(str(one), one.code) if isinstance(one, Refusal) else ("", "") for one in answers]
    words = ["refused" if isinstance(one, Refusal) else "done" for one in answers]
    columns = [sql.texts([code for _words, code in sentences]), sql.texts([words_ for words_, _code in sentences])]
    sql.run(ANSWER, [sql.ints(places), sql.texts(words), *columns, run.pk])
    run.done += words.count("done")
    run.refused += words.count("refused")
    run.save(update_fields=["done", "refused"])
    return len(places)


@transaction.atomic
def _give_up(run_id: int, error: Exception) -> int:
    """Answer “failed” for the order that a run cannot get past; end a run that has no orders yet."""
    run = _locked(run_id)
    waiting = sql.rows(WAITING, [run.pk, 1]) if run.gathered_at is not None else []
    with translation.override(run.begun_by.language or None):
        failed = _("Something went wrong on our side, so this was not done. What it was stands in the log.")
        if not waiting:
            expected = isinstance(error, Refusal)
            log.error("run %s ended early: %s", run_id, error, exc_info=None if expected else error)
            _end(run, problem=str(error) if expected else failed)
            return 0
    place, order_id = waiting[0]
    log.error("run %s: order %s could not be done (%s)", run_id, order_id, run.act, exc_info=error)
    sql.run(ANSWER, [sql.ints([place]), sql.texts(["failed"]), sql.texts(["failed"]), sql.texts([failed]), run.pk])
    run.failed += 1
    run.save(update_fields=["failed"])
    return 1


def _locked(run_id: int) -> Run:
    return Run.objects.select_for_update(of=("self",)).select_related("begun_by").get(pk=run_id)


def _end(run: Run, problem: str = "") -> None:
    run.ended_at, run.problem = clock.now(), problem
    run.save(update_fields=["ended_at", "problem"])


def _gather(run: Run) -> None:
    """Write the next of a query's orders down; those that come in meanwhile are newer, and not among them."""
    after = (datetime.fromisoformat(run.gathered_to[0]), run.gathered_to[1]) if run.gathered_to else None
    with timezone.override(run.words.get("zone", "UTC")):
        asked = asked_of(QueryDict(run.query), verbs_of(run.begun_by.role))
    found, last = searching.ids_of(asked, after=after, limit=GATHERED)
    run.orders += sql.run(WRITE, [run.pk, run.orders, sql.ints(found)]) if found else 0
    run.gathered_to = [last[0].isoformat(), last[1]] if last else None
    run.gathered_at = None if last else clock.now()
    run.save(update_fields=["orders", "gathered_to", "gathered_at"])


def _answers(run: Run, place: int, orders: Sequence[int]) -> list[Any]:
    if run.act == Act.EXPORT:
        content = _writing.csv_of(orders, run.words, first=not run.parts.exists())
        RunPart.objects.create(run=run, place=place, content=content)
        return list(orders)
    if run.act == Act.SLIPS:
        return _printing.gather(run, place, orders)
    return _acting.act(Act(run.act), run.words, orders, actor=actors.staff(run.begun_by_id))


def seen(run_id: int) -> Run:
    found = Run.objects.select_related("begun_by").filter(pk=run_id).first()
    if found is None:
        raise NotFound(thing="run", name=run_id)
    return found


def rows_of(run_id: int, *, only: str, after: int, limit: int) -> list[tuple[int, RowSeen]]:
    """Orders of a run with their answers, by place; those with this answer, where one is given."""
    return [(row[0], RowSeen(*row[1:])) for row in sql.rows(ROWS, [run_id, after, only, only, limit])]


def runs_of(person_id: int, limit: int) -> list[Run]:
    """The newest runs that somebody began."""
    return list(Run.objects.filter(begun_by_id=person_id).order_by("-pk")[:limit])


def parts(run_id: int, person_id: int, act: Act = Act.EXPORT) -> list[int]:
    """The places of the parts of what a run wrote.  Refused to others than who began it, and when it is gone."""
    run = seen(run_id)
    if run.act != act:
        raise NotFound(thing="run", name=run_id)
    if run.begun_by_id != person_id:
        raise RunNotYours
    if run.act == Act.SLIPS and not (run.ended_at and run.done and not run.problem):
        raise NothingPrinted
    places = list(RunPart.objects.filter(run_id=run_id).order_by("place").values_list("place", flat=True))
    if not places and run.orders:
        raise FileGone(days=KEPT_DAYS)
    return places


def part(run_id: int, place: int) -> bytes:
    return bytes(RunPart.objects.get(pk=(run_id, place)).content)


def forget_old() -> int:
    """Forget what runs wrote some days ago; answers how many parts."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    return RunPart.objects.filter(run__ended_at__lt=before).delete()[0]


WRITE = """
    INSERT INTO bulk_run_row (run_id, place, order_id, code, sentence)
    SELECT %s::bigint, %s::int + w.place, w.order_id, '', ''
      FROM unnest(%s::bigint[]) WITH ORDINALITY AS w(order_id, place)
      JOIN orders o ON o.id = w.order_id
        ON CONFLICT DO NOTHING
"""

WAITING = """
    SELECT place, order_id FROM bulk_run_row WHERE run_id = %s AND answer IS NULL ORDER BY place LIMIT %s::bigint
"""

ANSWER = """
    UPDATE bulk_run_row r SET answer = w.answer, code = w.code, sentence = w.sentence
      FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS w(place, answer, code, sentence)
     WHERE r.run_id = %s::bigint AND r.place = w.place
"""

ROWS = """
    SELECT r.place, o.number, r.answer, r.code, r.sentence
      FROM bulk_run_row r JOIN orders o ON o.id = r.order_id
     WHERE r.run_id = %s::bigint AND r.place > %s::bigint AND (%s::text = '' OR r.answer = %s::text)
     ORDER BY r.place LIMIT %s::bigint
"""
