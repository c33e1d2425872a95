"""Same key and same request: the same answer again.  Same key and another request: a refusal.

Successes and business refusals are remembered, for `settings.IDEMPOTENCY_KEPT_SECONDS` at least; malformed
requests, deadlocks and failures are not, for trying those again may succeed.  An answer holds no personal data.
"""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.sql import Question


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    status = 422
    sentence = _("The idempotency key {key} was used before with another request.")


class StillAsking(Refusal):
    code = "still_asking"
    status = 409
    sentence = _("The first request with the key {key} is still being worked on. Try again soon.")


class Answer(NamedTuple):
    client_id: int
    key: str
    fingerprint: bytes
    status: int | None  # HTTP status; None while it is being worked on
    body: str | None  # JSON


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What tells one request from another: 16 bytes of BLAKE2b (RFC 7693) over method, path and body."""
    return hashlib.blake2b(body, digest_size=16, person=hashlib.md5(f"{method} {path}".encode()).digest()).digest()


def look_up(asked: Collection[tuple[int, str]]) -> Question[dict[tuple[int, str], Answer]]:
    """What is remembered under these (client, key) pairs."""
    ordered = sorted(asked)
    keys = [sql.ints(client for client, _ in ordered), sql.texts(key for _, key in ordered)]
    return Question(LOOK_UP, keys, _read_answers)


def _read_answers(rows: list[tuple[Any, ...]]) -> dict[tuple[int, str], Answer]:
    return {(row[0], row[1]): Answer(row[0], row[1], bytes(row[2]), row[3], row[4]) for row in rows}


def remember(answers: Sequence[Answer]) -> None:
    """Write answers down, in key order.  Fails with IntegrityError where another transaction was first."""
    ordered = sorted(answers)
    sql.run(
        REMEMBER,
        [
            sql.ints([answer.client_id for answer in ordered]),
            sql.texts([answer.key for answer in ordered]),
            "{" + ",".join(['"\\\\x' + answer.fingerprint.hex() + '"' for answer in ordered]) + "}",
            sql.ints([answer.status for answer in ordered]),
            sql.texts([answer.body for answer in ordered]),
        ],
    )


def claim(client_id: int, key: str, request: bytes) -> Answer | None:
    """Take the key for this transaction, before any other lock; or answer what was answered before.

    Waits for a transaction that holds the same key.  After the work, `settle` writes the answer under it.
    """
    assert connection.in_atomic_block
    if sql.rows(CLAIM, [client_id, key, request]):
        return None
    known = sql.ask(look_up([(client_id, key)]))[client_id, key]
    return same(known, request)


def same(known: Answer, request: bytes) -> Answer:
    """The remembered answer, if it was given to this very request."""
    if known.fingerprint != request:
        raise KeyReused(key=known.key)
    if known.status is None:
        raise StillAsking(key=known.key)
    return known


def settle(client_id: int, key: str, status: int, body: str) -> None:
    """Write the answer under a key that was claimed."""
    sql.run(SETTLE, [status, body, client_id, key])


def forget_old(kept_seconds: int) -> int:
    """Delete answers older than `kept_seconds`, ten thousand at most; says how many."""
    return sql.run(FORGET_OLD, [kept_seconds])


LOOK_UP = """
    SELECT a.client_id, a.key, a.fingerprint, a.status, a.answer
      FROM remembered_answer a
      JOIN unnest(%s::bigint[], %s::text[]) AS k(client_id, key) ON a.client_id = k.client_id AND a.key = k.key
"""

REMEMBER = """
    INSERT INTO remembered_answer (client_id, key, fingerprint, status, answer)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bytea[], %s::smallint[], %s::text[])
"""

CLAIM = """
    INSERT INTO remembered_answer (client_id, key, fingerprint) VALUES (%s, %s, %s)
        ON CONFLICT DO NOTHING RETURNING true
"""

SETTLE = "UPDATE remembered_answer SET status = %s, answer = %s WHERE client_id = %s AND key = %s"

FORGET_OLD = """
    DELETE FROM remembered_answer
     WHERE (client_id, key) IN (SELECT client_id, key FROM remembered_answer
                                 WHERE answered_at < now() - make_interval(secs => %s)
                                 ORDER BY answered_at LIMIT 10000)
"""
