"""Settling: believing an answer, once, whoever brings it: our own call, a look-up, or a message of the provider."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import clock, events, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.events import Happening
from orderwright.payments import asking
from orderwright.payments.book import TENDERS
from orderwright.payments.ports import ActionRequired, Answer, Approved, Declined, Unknown
from orderwright.payments.queries import TenderSeen
from orderwright.payments.questions import VERBS, move, told
from orderwright.payments.reasons import ENDED, REASONS

log = logging.getLogger(__name__)


class Brought(NamedTuple):
    """An answer to the question with this id."""

    attempt: str
    answer: Answer


class Question(NamedTuple):
    """A question as it stands on record; `answer` is None while nothing is known."""

    id: str
    tender_id: int
    verb: str
    amount_minor: int
    answer: str | None


class Step(NamedTuple):
    """Money of a tender moves between two buckets."""

    source: str
    target: str
    amount_minor: int


class Outcome(NamedTuple):
    """What an answer comes to."""

    attempt: str
    tender: TenderSeen
    word: str | None  # the new answer on record; None where the record stays as it is
    kind: str
    facts: dict[str, object]
    steps: tuple[Step, ...] = ()
    reference: str = ""
    reason: str = ""
    message: str = ""
    action_url: str = ""
    expires_at: datetime | None = None


def orders_of(attempts: Sequence[str]) -> list[int]:
    """The orders that these questions are about; ids that are not on record are left out."""
    return [order_id for (order_id,) in sql.rows(ORDERS_OF, [sql.texts(attempts)])]


def settle(brought: Sequence[Brought], tenders: Mapping[int, TenderSeen], *, actor: Actor) -> list[Outcome]:
    """Write down what these answers come to; a handful of statements, however many there are.

    Their orders must be locked, and `tenders`, which are all of those orders', were read under the lock; they are
    moved in memory too.  An answer that says what is known already changes nothing.
    """
    open_ = {
        str(row[0]): Question(str(row[0]), *row[1:])
        for row in sql.rows(QUESTIONS, [sql.texts(one.attempt for one in brought)])
    }
    outcomes = []
    for one in brought:
        question = open_.get(one.attempt)
        if question is None or question.tender_id not in tenders:
            log.error("An answer to the question %s does not belong here; left aside.", one.attempt)
            continue
        outcome = decide(question, one.answer, tenders[question.tender_id])
        if outcome is not None:
            outcomes.append(outcome)
            if outcome.word:
                open_[one.attempt] = question._replace(answer=outcome.word)
    if outcomes:
        _write(outcomes, actor=actor)
    return outcomes


def decide(question: Question, answer: Answer, tender: TenderSeen) -> Outcome | None:
    """What `answer` comes to; the money of `tender` moves in memory.  None where it is no news."""
    if question.answer in ("approved", "declined"):
        return _contradiction(question, answer, tender)
    match answer:
        case Approved():
            if answer.amount.currency != tender.currency:
                log.error("%s answers %s in %s; left open.", tender.method, question.id, answer.amount.currency)
                return None
            outcome = _approved(question, answer, tender)
        case Declined():
            outcome = _declined(question, answer, tender)
        case ActionRequired():
            if question.answer is not None or question.verb != "authorize":
                return None
            facts = told(tender, question.amount_minor, attempt=question.id)
            return Outcome(
                question.id, tender, "action_required", "tender.action_required", facts, action_url=answer.url
            )
        case Unknown():
            return None
    for step in outcome.steps:
        move(tender, step.source, step.target, step.amount_minor)
    return outcome


def _approved(question: Question, answer: Approved, tender: TenderSeen) -> Outcome:
    """A provider that says it did more than it was asked for is believed up to what it was asked for."""
    how = VERBS[question.verb]
    done = max(0, min(answer.amount.minor, question.amount_minor))
    left = question.amount_minor - done
    differs = answer.amount.minor if answer.amount.minor > question.amount_minor else None
    return Outcome(
        question.id,
        tender,
        "approved",
        how.done_kind,
        told(tender, done, attempt=question.id, left_minor=left or None, provider_says_minor=differs),
        _steps(Step(how.asking, how.done, done), Step(how.asking, how.back, left)),
        reference=answer.reference,
        expires_at=answer.expires_at,
    )


def _declined(question: Question, answer: Declined, tender: TenderSeen) -> Outcome:
    """Where the authorization has ended, what is left of it in our books is let go with it."""
    how = VERBS[question.verb]
    reason = answer.reason if answer.reason in REASONS else "refused"
    steps = [Step(how.asking, how.back, question.amount_minor)]
    gone = 0
    if reason in ENDED and how.back == "authorized":
        gone = tender.balances["authorized"] + question.amount_minor
        steps += [Step("authorized", "voiding", gone), Step("voiding", "voided", gone)]
    return Outcome(
        question.id,
        tender,
        "declined",
        how.declined_kind,
        told(tender, question.amount_minor, attempt=question.id, reason=reason, let_go_minor=gone or None),
        _steps(*steps),
        reason=reason,
        message=answer.message.replace("\x00", "")[:1000],
    )


def _contradiction(question: Question, answer: Answer, tender: TenderSeen) -> Outcome | None:
    said = {Approved: "approved", Declined: "declined"}.get(type(answer), question.answer)
    if said == question.answer:
        return None
    facts = told(tender, question.amount_minor, attempt=question.id, was=question.answer, now=said)
    return Outcome(question.id, tender, None, "tender.contradicted", facts)


def _steps(*steps: Step) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.amount_minor)


def _write(outcomes: Sequence[Outcome], *, actor: Actor) -> None:
    happened = events.record(
        [Happening(outcome.kind, actor, outcome.facts, outcome.tender.order_id) for outcome in outcomes]
    )
    post(
        TENDERS,
        [
            Movement(outcome.tender.id, NOWHERE, step.source, NOWHERE, step.target, step.amount_minor, event)
            for outcome, event in zip(outcomes, happened, strict=True)
            for step in outcome.steps
        ],
    )
    answered = list({outcome.attempt: outcome for outcome in outcomes if outcome.word}.values())  # the last word counts
    now = clock.now()
    sql.run(
        ANSWER,
        [
            now,
            asking.next_look(now),
            sql.texts(outcome.attempt for outcome in answered),
            sql.texts(outcome.word for outcome in answered),
            sql.texts(outcome.reference for outcome in answered),
            sql.texts(outcome.reason for outcome in answered),
            sql.texts(outcome.message for outcome in answered),
            sql.texts(outcome.action_url for outcome in answered),
        ],
    )
    named = [outcome for outcome in answered if outcome.kind == "tender.authorized"]
    if named:
        sql.run(
            NAME,
            [
                sql.ints(outcome.tender.id for outcome in named),
                sql.texts(outcome.reference for outcome in named),
                sql.texts(outcome.expires_at.isoformat() if outcome.expires_at else None for outcome in named),
            ],
        )


ORDERS_OF = """
    SELECT DISTINCT t.order_id
      FROM payment_attempt a
      JOIN tender t ON t.id = a.tender_id
     WHERE a.id = ANY (%s::uuid[])
     ORDER BY 1
"""

QUESTIONS = """
    SELECT id, tender_id, verb, amount_minor, answer FROM payment_attempt WHERE id = ANY (%s::uuid[])
"""

# The payer's token has done its work when the answer is final.
ANSWER = """
    UPDATE payment_attempt a
       SET answer = b.answer, reference = b.reference, reason = b.reason, message = b.message,
           action_url = b.action_url,
           token = CASE WHEN b.final THEN '' ELSE a.token END,
           answered_at = CASE WHEN b.final THEN b.now END,
           ask_again_at = CASE WHEN NOT b.final THEN b.next_look END
      FROM (SELECT *, answer <> 'action_required' AS final, %s::timestamptz AS now, %s::timestamptz AS next_look
              FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
                   AS u(id, answer, reference, reason, message, action_url)) b
     WHERE a.id = b.id
"""

NAME = """
    UPDATE tender t
       SET reference = n.reference, expires_at = n.expires_at
      FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS n(id, reference, expires_at)
     WHERE t.id = n.id
"""
