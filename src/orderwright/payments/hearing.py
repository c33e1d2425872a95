"""Hearing: what providers tell us by themselves, kept once, and matched to our questions.

A message may come before our own answer, after it, or twice.  One that speaks of what is not known here is kept, and
matched as soon as the reference becomes known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from orderwright.kernel import clock, sql
from orderwright.kernel.money import Money
from orderwright.payments.ports import ActionRequired, Answer, Approved, Declined, Told, Unknown
from orderwright.payments.settling import Brought

KEPT = timedelta(days=90)


class Matched(NamedTuple):
    """A message, and the question that it answers."""

    told: Told
    brought: Brought


def keep(provider: str, told: Sequence[Told]) -> list[Told]:
    """Write messages down; answers those that were not heard before.  Waits for another who hears the same."""
    ordered = sorted({one.message_id: one for one in told}.values(), key=lambda one: one.message_id)
    fresh = sql.rows(
        KEEP,
        [
            provider,
            sql.texts(one.message_id for one in ordered),
            sql.texts(written(one) for one in ordered),
            sql.texts(one.reference for one in ordered),
        ],
    )
    ids = {message_id for (message_id,) in fresh}
    return [one for one in ordered if one.message_id in ids]


def match(provider: str, told: Sequence[Told]) -> list[Matched]:
    """The messages that answer a question of ours; the others wait."""
    found = sql.rows(
        MATCH,
        [
            provider,
            sql.texts(_uuid(one.key) for one in told),
            sql.texts(one.reference for one in told),
            sql.texts(one.verb for one in told),
            sql.texts(one.answer.reference if isinstance(one.answer, Approved) else "" for one in told),
        ],
    )
    return [Matched(told[place - 1], Brought(str(attempt), told[place - 1].answer)) for place, attempt in found]


def mark(provider: str, matched: Sequence[Matched]) -> None:
    """Note that these messages do not wait any longer; their orders are locked."""
    sql.run(MARK, [clock.now(), provider, sql.texts(one.told.message_id for one in matched)])


def leave(provider: str, message_id: str) -> int:
    """Leave it at that a message speaks of nothing of ours; answers how many waited."""
    return sql.run(LEAVE, [clock.now(), provider, message_id])


def waiting(provider: str, references: Sequence[str]) -> list[Told]:
    """The messages that wait for one of these references to become known."""
    return [read(message_id, told) for message_id, told in sql.rows(WAITING, [provider, sql.texts(references)])]


def overtaken(limit: int) -> dict[str, list[Told]]:
    """Messages that wait although their question is known by now, by provider, the oldest first.

    That happens where the message and our own answer, which brought the reference, came in the same moment.
    """
    found: dict[str, list[Told]] = {}
    for provider, message_id, told in sql.rows(OVERTAKEN, [limit]):
        found.setdefault(provider, []).append(read(message_id, told))
    return found


def forget_old_messages() -> int:
    """Delete messages that were matched long ago, ten thousand at most; answers how many."""
    return sql.run(FORGET_OLD, [clock.now() - KEPT])


def written(told: Told) -> str:
    """A message as JSON, for the record."""
    answer = told.answer
    document: dict[str, object] = {"verb": told.verb, "key": told.key, "reference": told.reference}
    match answer:
        case Approved():
            document["approved"] = {
                "reference": answer.reference,
                "amount_minor": answer.amount.minor,
                "currency": answer.amount.currency,
                "expires_at": answer.expires_at.isoformat() if answer.expires_at else None,
            }
        case Declined():
            document["declined"] = {"reason": answer.reason, "message": answer.message}
        case ActionRequired():
            document["action_required"] = {"url": answer.url}
        case Unknown():
            document["unknown"] = {}
    return msgspec.json.encode(document).decode().replace("\\u0000", "")


def read(message_id: str, document: Any) -> Told:
    """A message from the record."""
    said = msgspec.json.decode(document) if isinstance(document, str) else document
    return Told(message_id, said["verb"], _answer(said), key=said["key"], reference=said["reference"])


def _answer(said: Mapping[str, Any]) -> Answer:
    if approved := said.get("approved"):
        ends = datetime.fromisoformat(approved["expires_at"]) if approved["expires_at"] else None
        return Approved(approved["reference"], Money(approved["amount_minor"], approved["currency"]), ends)
    if declined := said.get("declined"):
        return Declined(**declined)
    if action := said.get("action_required"):
        return ActionRequired(**action)
    return Unknown()


def _uuid(key: str) -> str | None:
    """A key as our attempts have them; None where it is none of ours."""
    try:
        return str(UUID(key))
    except ValueError:
        return None


KEEP = """
    INSERT INTO provider_message (provider, message_id, told, reference)
    SELECT %s::text, id, told::jsonb, reference
      FROM unnest(%s::text[], %s::text[], %s::text[]) AS m(id, told, reference)
     ORDER BY id
        ON CONFLICT DO NOTHING
    RETURNING message_id
"""

# By the key that the question was asked with; or by the authorization's reference and the verb: of several such
# questions the one whose answer has the same name, or else the oldest open one.
MATCH = """
    SELECT m.place, coalesce(by_key.id, by_reference.id)
      FROM (SELECT *, %s::text AS provider
              FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[])
                   WITH ORDINALITY AS u(key, reference, verb, done, place)) m
      LEFT JOIN payment_attempt by_key ON by_key.id = m.key AND by_key.provider = m.provider
      LEFT JOIN LATERAL (SELECT a.id
                           FROM tender t
                           JOIN payment_attempt a ON a.tender_id = t.id
                          WHERE m.key IS NULL AND m.reference <> '' AND t.method = m.provider
                            AND t.reference = m.reference AND a.verb = m.verb
                          ORDER BY m.done NOT IN ('', m.reference) AND a.reference = m.done DESC,
                                   a.answered_at IS NOT NULL, a.id
                          LIMIT 1) by_reference ON true
     WHERE coalesce(by_key.id, by_reference.id) IS NOT NULL
     ORDER BY m.place
"""

# The words of a message may tell of a person.  The attempt has them by now, and is found again when that is forgotten.
MARK = """
    UPDATE provider_message
       SET matched_at = %s, told = told #- '{declined,message}' #- '{action_required,url}'
     WHERE provider = %s AND message_id = ANY (%s::text[])
"""

LEAVE = """
    UPDATE provider_message SET matched_at = %s::timestamptz
     WHERE provider = %s::text AND message_id = %s::text AND matched_at IS NULL
"""

WAITING = """
    SELECT message_id, told
      FROM provider_message
     WHERE provider = %s AND reference = ANY (%s::text[]) AND reference <> '' AND matched_at IS NULL
     ORDER BY received_at, message_id
"""

OVERTAKEN = """
    SELECT m.provider, m.message_id, m.told
      FROM provider_message m
     WHERE m.matched_at IS NULL AND m.reference <> ''
       AND EXISTS (SELECT FROM tender t JOIN payment_attempt a ON a.tender_id = t.id
                    WHERE t.method = m.provider AND t.reference = m.reference AND a.verb = m.told ->> 'verb')
     ORDER BY m.received_at, m.message_id
     LIMIT %s::bigint
"""

FORGET_OLD = """
    DELETE FROM provider_message
     WHERE (provider, message_id) IN (SELECT provider, message_id FROM provider_message
                                       WHERE matched_at < %s LIMIT 10000)
"""
