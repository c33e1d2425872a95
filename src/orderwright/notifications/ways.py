"""Ways out: which messenger carries a channel's letters, and when one that fails may be tried again."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from orderwright.kernel import clock, ports, sql
from orderwright.notifications.kinds import EMAIL, SMS
from orderwright.notifications.ports import Message, Messenger

FIRST_REST_SECONDS = 5
LONGEST_REST_SECONDS = 900
JITTER = 0.2
MAILBOX = "mailbox"


class Mailbox:
    """Where nothing is set up: takes every letter; the log shows them all."""

    name = MAILBOX

    def send(self, message: Message) -> str:
        """Nothing is to be done: a letter that was taken is kept."""
        return "kept"

    def close(self) -> None:
        """There is nothing to close."""


def url_of(channel: str) -> str:
    """What the shop configured for a channel; nothing: the mailbox."""
    return {EMAIL: settings.EMAIL_URL, SMS: settings.MESSAGES_URL}[channel]


def is_mailbox(channel: str) -> bool:
    return not url_of(channel)


def open_messenger(channel: str) -> Messenger:
    """The messenger of a channel.  Its URL's scheme names the adapter for e-mail; SMS and chat have one for all."""
    url = url_of(channel)
    if not url:
        return Mailbox()
    adapter = urlsplit(url).scheme.partition("+")[0] if channel == EMAIL else "messages"
    messenger: Messenger = ports.adapter("messenger", adapter)(url)
    return messenger


class Health(NamedTuple):
    """How a channel is doing."""

    channel: str
    provider: str
    waiting: int
    oldest_at: datetime | None  # that waits
    refused: int  # in the last three days
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    last_problem: str
    last_sent_at: datetime | None


def health() -> list[Health]:
    """How all channels are doing."""
    found = {row[0]: row for row in sql.rows(HEALTH, [sql.texts([EMAIL, SMS]), clock.now() - timedelta(days=3)])}
    return [Health(*found[channel]) for channel in (EMAIL, SMS)]


def may_take(channel: str, most: int) -> int:
    """How many letters may be sent now: none while its provider rests, one to find out whether it is back."""
    found = sql.rows("SELECT failures, rests_until FROM letter_way WHERE channel = %s::text", [channel])
    if not found or not found[0][0]:
        return most
    return 0 if found[0][1] is not None and found[0][1] > clock.now() else 1


def note_sent(channel: str, provider: str) -> None:
    """A provider takes letters."""
    sql.run(NOTE_SENT, {"channel": channel, "provider": provider, "now": clock.now()})


def note_away(channel: str, provider: str, problem: str) -> datetime:
    """A provider took nothing: it rests, longer each time.  Answers until when."""
    now = clock.now()
    failures = int(
        sql.value(NOTE_AWAY, {"channel": channel, "provider": provider, "now": now, "problem": problem[:500]})
    )
    seconds = min(FIRST_REST_SECONDS * 2 ** min(failures - 1, 12), LONGEST_REST_SECONDS)
    until = now + timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))
    sql.run("UPDATE letter_way SET rests_until = %s::timestamptz WHERE channel = %s::text", [until, channel])
    return until


def headers_of(unsubscribe_url: str) -> Mapping[str, str]:
    """What every letter bears: nobody's absence note answers it, and one click ends it (RFC 8058)."""
    headers = {"Auto-Submitted": "auto-generated"}
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


HEALTH = """
    SELECT c.channel, coalesce(w.provider, ''), l.waiting, l.oldest_at, r.refused, coalesce(w.failures, 0),
           w.failing_since, w.rests_until, coalesce(w.last_problem, ''), w.last_sent_at
      FROM unnest(%s::text[]) AS c(channel)
      LEFT JOIN letter_way w ON w.channel = c.channel
     CROSS JOIN LATERAL (SELECT count(*) AS waiting, min(written_at) AS oldest_at FROM letter
                          WHERE channel = c.channel AND state = 'waiting') l
     CROSS JOIN LATERAL (SELECT count(*) AS refused FROM letter
                          WHERE channel = c.channel AND state = 'refused' AND settled_at > %s::timestamptz) r
"""

NOTE_SENT = """
    INSERT INTO letter_way (channel, provider, last_sent_at)
    VALUES (%(channel)s::text, %(provider)s::text, %(now)s::timestamptz)
    ON CONFLICT (channel)
    DO UPDATE SET provider = excluded.provider, last_sent_at = excluded.last_sent_at,
                  failures = 0, failing_since = NULL, rests_until = NULL
"""

NOTE_AWAY = """
    INSERT INTO letter_way (channel, provider, failures, failing_since, last_problem)
    VALUES (%(channel)s::text, %(provider)s::text, 1, %(now)s::timestamptz, %(problem)s::text)
    ON CONFLICT (channel)
    DO UPDATE SET provider = excluded.provider, failures = letter_way.failures + 1,
                  failing_since = coalesce(letter_way.failing_since, excluded.failing_since),
                  last_problem = excluded.last_problem
    RETURNING failures
"""
