"""Resending a letter, looking at one that was not written, and trying a template out."""

from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.notifications import ways
from orderwright.notifications.gathering import Gathered, gather_event
from orderwright.notifications.kinds import EMAIL, KINDS, caused_by
from orderwright.notifications.ports import Away, NotNow, Refused
from orderwright.notifications.sending import Ready, prepare
from orderwright.orders.locking import id_of


class NothingToTell(Refusal):
    code = "nothing_to_tell"
    status = 409
    sentence = _("Nothing has happened to order {number} that a letter of the kind {kind} tells.")


class NotTaken(Refusal):
    code = "letter_not_taken"
    status = 409
    sentence = _("{provider} does not take the letter: {problem}")


class Tried(NamedTuple):
    """How a test letter fared."""

    provider: str
    answer: str
    message_id: str


@transaction.atomic
def resend(letter_id: int) -> int:
    """Send a letter once more, rendered anew; answers the id of the new one.  Consent still counts."""
    found = sql.rows("SELECT id FROM letter WHERE id = %s::bigint FOR NO KEY UPDATE", [letter_id])
    if not found:
        raise NotFound(thing="letter", name=letter_id)
    return int(sql.value(RESEND, {"letter": letter_id, "now": clock.now()}))


def preview(kind: str, number: str, *, language: str = "") -> Ready:
    """A letter about the last thing that happened to an order and has such a letter; nothing is written or sent."""
    return prepare(_sample(kind, number), "nobody@localhost", language=language)


def send_test(kind: str, number: str, to: str, *, language: str = "") -> Tried:
    """Send such a letter to an address of the shop's own, outside any transaction; it is not kept."""
    ready = prepare(_sample(kind, number), to, language=language)
    messenger = ways.open_messenger(EMAIL)
    message = ready.message._replace(
        name="",
        subject=f"[Test] {ready.message.subject}",
        message_id=ready.message.message_id.replace("<", "<test.", 1),
    )
    try:
        answer = messenger.send(message)
    except (Refused, NotNow, Away) as error:
        raise NotTaken(provider=messenger.name, problem=str(error)[:300]) from error
    finally:
        messenger.close()
    return Tried(messenger.name, answer, message.message_id)


def _sample(kind: str, number: str) -> Gathered:
    order_id = id_of(number)
    events = sql.rows(EVENTS, [order_id, sql.texts(KINDS[kind].events)])
    for event_id, event, facts in events:
        known = msgspec.json.decode(facts) if isinstance(facts, str | bytes) else facts
        for waiting in (False, True):
            for wanted in caused_by(event, known, waiting=waiting):
                if wanted.kind == kind:
                    return gather_event(event_id, kind, wanted.package, order_id)
    raise NothingToTell(number=number, kind=kind)


EVENTS = """
    SELECT id, kind, facts FROM event
     WHERE order_id = %s::bigint AND kind = ANY (%s::text[])
     ORDER BY place_in_order DESC
     LIMIT 50
"""

RESEND = """
    INSERT INTO letter (event_id, kind, channel, package, copy, resent_id, order_id, customer_id, written_at, due_at)
    SELECT event_id, kind, channel, package,
           (SELECT max(copy) + 1 FROM letter m
             WHERE (m.event_id, m.kind, m.channel, m.package) = (l.event_id, l.kind, l.channel, l.package)),
           id, order_id, customer_id, %(now)s::timestamptz, %(now)s::timestamptz
      FROM letter l WHERE id = %(letter)s::bigint
    RETURNING id
"""
