"""Settling: believing what a carrier answers about a label, once, whoever brings it."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening, record
from orderwright.kernel.money import write as write_money
from orderwright.shipping import asking
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import PackageSeen
from orderwright.shipping.ports import Answer, Labelled, Refused, Unknown, Voided
from orderwright.shipping.reasons import Reason

log = logging.getLogger(__name__)

LONGEST_NUMBER = 100
LONGEST_URL = 1000


class Brought(NamedTuple):
    """An answer to the question with this id."""

    question: str
    answer: Answer


class Question(NamedTuple):
    """A question as it stands on record; `answer` is None while nothing is known."""

    id: str
    package_id: int
    order_id: int
    carrier: str
    verb: str
    answer: str | None
    tracking_number: str


class Outcome(NamedTuple):
    """What an answer comes to."""

    question: Question
    package: PackageSeen
    word: str
    kind: str
    facts: dict[str, object]
    label: Labelled | None = None  # that the package has now
    to_void: str = ""  # the number of a label that is not needed any more
    reason: str = ""
    message: str = ""
    price: tuple[int | None, str] = (None, "")


def questions(ids: Sequence[str]) -> dict[str, Question]:
    """The questions with these ids; those that are not on record are left out."""
    return {str(row[0]): Question(str(row[0]), *row[1:]) for row in sql.rows(QUESTIONS, [sql.texts(ids)])}


def settle(
    brought: Sequence[Brought], asked: Mapping[str, Question], packages: Mapping[int, PackageSeen], *, actor: Actor
) -> list[Outcome]:
    """Write down what these answers come to; a handful of statements, however many there are.

    The packages' orders are locked, and `asked` and `packages` were read under the lock; `packages` are changed in
    memory too.
    """
    taken = _taken(brought, asked)
    outcomes: dict[str, Outcome] = {}
    for one in brought:
        question = asked.get(one.question)
        if question is None:
            log.error("An answer to the question %s does not belong here; left aside.", one.question)
        elif question.answer is None and one.question not in outcomes:
            outcome = decide(question, one.answer, packages[question.package_id], taken)
            if outcome is not None:
                outcomes[one.question] = outcome
    if outcomes:
        _write(list(outcomes.values()), actor=actor)
    return list(outcomes.values())


def decide(
    question: Question, answer: Answer, package: PackageSeen, taken: dict[tuple[str, str], int]
) -> Outcome | None:
    """What `answer` comes to; `package` is changed in memory.  None where nothing is known yet."""
    match answer:
        case Labelled() if question.verb == "label":
            return _labelled(question, answer, package, taken)
        case Voided() if question.verb == "void":
            facts = {**package.facts(), "tracking_number": question.tracking_number}
            if package.tracking_number == question.tracking_number:
                package.tracking_number, package.tracking_url = None, ""
            return Outcome(question, package, "voided", "package.label_voided", facts)
        case Refused():
            return _refused(question, answer, package)
        case Unknown():
            return None
    log.error("%s answers the question %s (%s) with %s.", question.carrier, question.id, question.verb, answer)
    return None


def _labelled(question: Question, answer: Labelled, package: PackageSeen, taken: dict[tuple[str, str], int]) -> Outcome:
    number = answer.tracking_number.replace("\x00", "")[:LONGEST_NUMBER]
    if taken.setdefault((question.carrier, number), package.id) != package.id:
        message = f"{number} is the number of another package."
        return _refused(question, Refused(Reason.OTHER.value, message), package)
    url = answer.tracking_url.replace("\x00", "")[:LONGEST_URL]
    price = (answer.price.minor, answer.price.currency)
    facts = {
        **package.facts(),
        "carrier": question.carrier,
        "tracking_number": number,
        "tracking_url": url,
        "price": write_money(*price),
        "currency": price[1],
    }
    if package.state == ShipmentState.DISCARDED or package.tracking_number is not None:  # it is not needed any more
        return Outcome(question, package, "labelled", "package.label_made", facts, to_void=number, price=price)
    package.carrier, package.tracking_number, package.tracking_url = question.carrier, number, url
    return Outcome(question, package, "labelled", "package.label_made", facts, label=answer, price=price)


def _refused(question: Question, answer: Refused, package: PackageSeen) -> Outcome:
    reason = answer.reason if answer.reason in Reason.values else Reason.OTHER.value
    kind = "package.label_refused" if question.verb == "label" else "package.void_refused"
    facts = {**package.facts(), "carrier": question.carrier, "reason": reason}
    message = answer.message.replace("\x00", "")[:1000]
    return Outcome(question, package, "refused", kind, facts, reason=reason, message=message)


def _taken(brought: Sequence[Brought], asked: Mapping[str, Question]) -> dict[tuple[str, str], int]:
    """Which of the numbers that were brought packages have already: they may have only one each."""
    numbers = [
        (asked[one.question].carrier, one.answer.tracking_number.replace("\x00", "")[:LONGEST_NUMBER])
        for one in brought
        if isinstance(one.answer, Labelled) and one.question in asked
    ]
    return numbers_taken(numbers)


def numbers_taken(numbers: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The packages that have these numbers (carrier, tracking number) already."""
    if not numbers:
        return {}
    carriers, tracking = zip(*numbers, strict=True)
    found = sql.rows(TAKEN, [sql.texts(carriers), sql.texts(tracking)])
    return {(carrier, number): package_id for carrier, number, package_id in found}


def _write(outcomes: Sequence[Outcome], *, actor: Actor) -> None:
    record([Happening(one.kind, actor, one.facts, one.question.order_id) for one in outcomes])
    sql.run(
        ANSWER,
        [
            clock.now(),
            sql.texts(one.question.id for one in outcomes),
            sql.texts(one.word for one in outcomes),
            sql.texts(str(one.facts["tracking_number"] or "") for one in outcomes),
            sql.ints(one.price[0] for one in outcomes),
            sql.texts(one.price[1] for one in outcomes),
            sql.texts(one.reason for one in outcomes),
            sql.texts(one.message for one in outcomes),
        ],
    )
    write_numbers([one.package for one in outcomes])
    labels = [(one.package.id, one.label.document) for one in outcomes if one.label is not None]
    if labels:
        ids, documents = zip(*labels, strict=True)
        sql.run(KEEP_LABELS, [clock.now(), sql.ints(ids), list(documents)])
    voided = [one.package.id for one in outcomes if one.word == "voided" and one.package.tracking_number is None]
    if voided:
        sql.run("DELETE FROM label WHERE package_id = ANY (%s::bigint[])", [sql.ints(voided)])
    asking.write(
        [asking.Wanted(one.package.id, one.question.carrier, "void", one.to_void) for one in outcomes if one.to_void]
    )


def write_numbers(packages: Sequence[PackageSeen]) -> None:
    """Write down by which carrier packages go, and under which number."""
    sql.run(
        NUMBERS,
        [
            sql.ints(one.id for one in packages),
            sql.texts(one.carrier for one in packages),
            sql.texts(one.tracking_number for one in packages),
            sql.texts(one.tracking_url for one in packages),
        ],
    )


QUESTIONS = """
    SELECT q.id, q.package_id, s.order_id, q.carrier, q.verb, q.answer, q.tracking_number
      FROM carrier_question q
      JOIN package p ON p.id = q.package_id
      JOIN shipment s ON s.id = p.shipment_id
     WHERE q.id = ANY (%s::uuid[])
"""

TAKEN = """
    SELECT p.carrier, p.tracking_number, p.id
      FROM package p
      JOIN unnest(%s::text[], %s::text[]) AS n(carrier, number)
        ON n.carrier = p.carrier AND n.number = p.tracking_number
"""

ANSWER = """
    UPDATE carrier_question q
       SET answer = a.answer, answered_at = a.now, ask_again_at = NULL, price_minor = a.price, currency = a.currency,
           reason = a.reason, message = a.message,
           tracking_number = CASE WHEN q.verb = 'label' THEN a.number ELSE q.tracking_number END
      FROM (SELECT *, %s::timestamptz AS now
              FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
                   AS u(id, answer, number, price, currency, reason, message)) a
     WHERE q.id = a.id
"""

NUMBERS = """
    UPDATE package p
       SET carrier = n.carrier, tracking_number = n.number, tracking_url = n.url
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS n(id, carrier, number, url)
     WHERE p.id = n.id
"""

KEEP_LABELS = """
    INSERT INTO label (package_id, document, made_at)
    SELECT package, document, made_at
      FROM (SELECT *, %s::timestamptz AS made_at FROM unnest(%s::bigint[], %s::bytea[]) AS l(package, document)) l
        ON CONFLICT (package_id) DO UPDATE SET document = excluded.document, made_at = excluded.made_at
"""
