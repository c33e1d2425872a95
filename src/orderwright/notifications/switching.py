"""Switching kinds of letters on and off, for the shop; and what each customer wants."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.customers.forgetting import CustomerForgotten
from orderwright.customers.models import Customer
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.notifications.kinds import ALL, CHANNELS, KINDS, SMS
from orderwright.notifications.models import Switch


class NoSuchKind(Refusal):
    code = "no_such_letter_kind"
    status = 422
    sentence = _("There is no kind of letter named {kind} that goes by {channel}.")


class Said(NamedTuple):
    """A customer's word: whether a kind of letter (`*`: all others) is wanted by a channel."""

    channel: str
    kind: str
    wanted: bool


def switches() -> dict[tuple[str, str], bool]:
    """Which kinds the shop sends, by (kind, channel)."""
    chosen = {(kind, channel): on for kind, channel, on in sql.rows(SWITCHES)}
    return {
        (kind.code, channel): chosen.get((kind.code, channel), kind.on)
        for kind in KINDS.values()
        for channel in CHANNELS
        if channel != SMS or kind.sms
    }


@transaction.atomic
def switch(kind: str, channel: str, on: bool, *, actor: Actor) -> None:
    """Let the shop send a kind by a channel, or not; what waits to be sent obeys too."""
    _known(kind, channel)
    Switch.objects.update_or_create(channel=channel, kind=kind, defaults={"on": on})
    record([Happening("letter.switched", actor, {"kind": kind, "channel": channel, "on": on})])


@transaction.atomic
def say(customer_id: int, words: Sequence[Said], *, actor: Actor) -> None:
    """Keep a customer's words; the last on a kind and channel stands."""
    for word in words:
        _known(word.kind, word.channel)
        if word.kind != ALL and KINDS[word.kind].staff:
            raise NoSuchKind(kind=word.kind, channel=word.channel)
    row = Customer.objects.select_for_update().filter(pk=customer_id).values_list("forgotten_at").first()
    if row is None:
        raise NotFound(thing="customer", name=customer_id)
    if row[0] is not None:
        raise CustomerForgotten(customer=customer_id)
    last = {(word.channel, word.kind): word.wanted for word in words}
    sql.run(
        SAY,
        [
            customer_id,
            clock.now(),
            actor,
            sql.texts(channel for channel, _kind in last),
            sql.texts(kind for _channel, kind in last),
            sql.booleans(last.values()),
        ],
    )


def words_of(customer_ids: Collection[int]) -> dict[int, dict[tuple[str, str], bool]]:
    """What these customers said, by (channel, kind); one statement."""
    found: dict[int, dict[tuple[str, str], bool]] = {customer_id: {} for customer_id in customer_ids}
    for customer_id, channel, kind, wanted in sql.rows(WORDS, [sql.ints(sorted(found))]):
        found[customer_id][channel, kind] = wanted
    return found


def is_wanted(kind: str, channel: str, words: Mapping[tuple[str, str], bool]) -> bool:
    """Whether who said these words wants a letter: their word on the kind, else on all, else as the channel has it."""
    return words.get((channel, kind), words.get((channel, ALL), channel != SMS))


def _known(kind: str, channel: str) -> None:
    if channel not in CHANNELS or (kind != ALL and (kind not in KINDS or (channel == SMS and not KINDS[kind].sms))):
        raise NoSuchKind(kind=kind, channel=channel)


SWITCHES = 'SELECT kind, channel, "on" FROM letter_switch'

WORDS = "SELECT customer_id, channel, kind, wanted FROM letter_consent WHERE customer_id = ANY (%s::bigint[])"

SAY = """
    INSERT INTO letter_consent (customer_id, channel, kind, wanted, said_at, said_by)
    SELECT %s::bigint, w.channel, w.kind, w.wanted, %s::timestamptz, %s::text
      FROM unnest(%s::text[], %s::text[], %s::boolean[]) AS w(channel, kind, wanted)
    ON CONFLICT (customer_id, channel, kind)
    DO UPDATE SET wanted = excluded.wanted, said_at = excluded.said_at, said_by = excluded.said_by
"""
