"""Sending: letters that are due are rendered and handed to their channel's messenger, and what came of it is kept.

Each channel has its own run, so one whose provider is away holds up no other.  A letter is sent at least once; what a
messenger accepted is written down as soon as it answers, so only a kill in between can make it twice, with the same
Message-ID.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import NamedTuple

from django.conf import settings

from orderwright.flows.promise_orders import promise_orders
from orderwright.kernel import clock
from orderwright.kernel.locks import again_on_conflict
from orderwright.notifications import deciding, ways
from orderwright.notifications.addressing import message_id, unsubscribe_url
from orderwright.notifications.composing import Composed, compose
from orderwright.notifications.following import follow
from orderwright.notifications.gathering import Gathered, gather
from orderwright.notifications.kinds import EMAIL, SMS
from orderwright.notifications.ports import Away, Message, Messenger, NotNow, Refused
from orderwright.notifications.settling import Outcome, later, settle
from orderwright.notifications.switching import switches
from orderwright.notifications.taking import give_back, take

log = logging.getLogger(__name__)

CONFIRMING = frozenset({"order.placed", "order.confirmed"})
PORTION = 100
THREADS = 4
RUN_SECONDS = 15.0

Owners = Callable[[Collection[int]], Mapping[int, str]]


def nobody(webhooks: Collection[int]) -> Mapping[int, str]:
    """Where nobody knows who owns webhooks, the shop's own address is written to."""
    return {}


class Ready(NamedTuple):
    """A letter that goes out now."""

    letter: Gathered
    composed: Composed
    message: Message


def follow_and_send(*, owners: Owners = nobody, seconds: float = RUN_SECONDS) -> int:
    """Write the letters of what happened, and send what is due by e-mail; answers how many were settled."""
    follow()
    return send_due(EMAIL, owners=owners, seconds=seconds)


def send_messages() -> int:
    """Send what is due by SMS or chat."""
    return send_due(SMS)


def send_due(channel: str, *, owners: Owners = nobody, seconds: float = RUN_SECONDS) -> int:
    """Send what is due by a channel, for so many seconds at most; answers how many letters were settled."""
    end, settled = time.monotonic() + seconds, 0
    messenger = ways.open_messenger(channel)
    try:
        while time.monotonic() < end:
            most = ways.may_take(channel, PORTION)
            taken = again_on_conflict(lambda most=most: take(channel, most)) if most else []  # type: ignore[misc]
            if not taken:
                break
            settled += _send(taken, messenger, owners=owners, end=end)
    finally:
        messenger.close()
    return settled


def _send(taken: Sequence[int], messenger: Messenger, *, owners: Owners, end: float) -> int:
    letters = _with_promises(gather(taken))
    webhooks = {letter.facts["webhook"] for letter in letters if letter.kind == "webhook_paused"}
    owned = owners(webhooks) if webhooks else {}
    ready, outcomes = _prepare(letters, owned)
    if isinstance(messenger, ways.Mailbox):
        outcomes += [Outcome(one.letter, "sent", answer="kept", composed=one.composed) for one in ready]
        settled = _settle(outcomes, messenger.name)
        if ready:
            ways.note_sent(ready[0].letter.channel, messenger.name)
        return settled
    return _settle(outcomes, messenger.name) + _hand_over(ready, messenger, end=end)


def _with_promises(letters: list[Gathered]) -> list[Gathered]:
    """Promise what a confirmation is to tell, where nobody has promised anything yet."""
    new = {
        letter.order_id
        for letter in letters
        if letter.order_id is not None and letter.event in CONFIRMING and not letter.promises
    }
    if not new:
        return letters
    again_on_conflict(lambda: promise_orders(new))
    return gather([letter.id for letter in letters])


def _prepare(letters: Sequence[Gathered], owners: Mapping[int, str]) -> tuple[list[Ready], list[Outcome]]:
    """Render what goes out now; all else is settled already."""
    now, on = clock.now(), switches()
    going: list[tuple[Gathered, str]] = []
    ready: list[Ready] = []
    outcomes: list[Outcome] = []
    for letter in letters:
        address = deciding.address_of(letter, shop=settings.SHOP_EMAIL, owners=owners)
        if not address and ways.is_mailbox(letter.channel) and not letter.is_forgotten:
            address = "nobody@localhost"  # a mailbox shows what could not go anywhere, too
        reason = deciding.why_not(letter, address, on)
        if reason:
            outcomes.append(Outcome(letter, "suppressed", reason))
            continue
        why, due_at = deciding.not_yet(letter, now, quiet=settings.QUIET_HOURS, shop_zone=settings.SHOP_TIME_ZONE)
        if due_at > now:
            outcomes.append(Outcome(letter, "waiting", why, due_at=due_at))
            continue
        going.append((letter, address))
    doubled = deciding.told_by_others([letter for letter, _address in going])
    for letter, address in going:
        if letter.id in doubled:
            outcomes.append(Outcome(letter, "suppressed", "overtaken"))
            continue
        try:
            ready.append(prepare(letter, address))
        except Exception as error:
            log.error("Letter %s cannot be rendered.", letter.id, exc_info=error)
            outcomes.append(later(letter, f"not_rendered: {error}", now=now))
    return ready, outcomes


def prepare(letter: Gathered, address: str, *, language: str = "") -> Ready:
    """Render a letter."""
    url = unsubscribe_url(letter.customer_id, letter.kind, letter.channel)
    composed = compose(letter, unsubscribe_url=url, language=language)
    message = Message(
        to=address,
        name=" ".join(letter.name.split()),
        sender=settings.EMAIL_FROM,
        subject=composed.subject,
        text=composed.text,
        html=composed.html,
        message_id=message_id(letter.event_id, letter.epoch, letter.kind, letter.package_name, letter.copy),
        headers=ways.headers_of(url),
    )
    return Ready(letter, composed, message)


def _hand_over(ready: Sequence[Ready], messenger: Messenger, *, end: float) -> int:
    """Send from a few threads; each answer is settled as soon as it is there, with those that came beside it."""
    settled, waiting = 0, list(reversed(ready))
    under_way: dict[Future[Outcome], Ready] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="letters") as pool:
        while waiting or under_way:
            while waiting and len(under_way) < THREADS and time.monotonic() < end:
                one = waiting.pop()
                under_way[pool.submit(copy_context().run, _ask, one, messenger)] = one
            if not under_way:
                break
            done, _others = wait(under_way, return_when=FIRST_COMPLETED)
            outcomes = [future.result() for future in done]
            for future in done:
                del under_way[future]
            away = [one for one in outcomes if one.state == "waiting" and one.due_at is None]
            if away:
                end = 0.0
                until = ways.note_away(away[0].letter.channel, messenger.name, away[0].reason)
                now = clock.now()
                outcomes = [
                    later(one.letter, one.reason, now=now, until=until) if one in away else one for one in outcomes
                ]
            elif any(one.state == "sent" for one in outcomes):
                ways.note_sent(outcomes[0].letter.channel, messenger.name)
            settled += _settle(outcomes, messenger.name)
    give_back([(one.letter.id, one.letter.tries) for one in waiting])
    return settled


def _ask(one: Ready, messenger: Messenger) -> Outcome:
    """Hand one letter over.  That the provider is away is told by an outcome that waits for nothing yet."""
    try:
        answer = messenger.send(one.message)
    except Refused as refused:
        return Outcome(one.letter, "refused", _without(one, str(refused)), composed=one.composed)
    except NotNow as not_now:
        return later(one.letter, _without(one, str(not_now)), now=clock.now())
    except Away as away:
        return Outcome(one.letter, "waiting", _without(one, str(away)))
    except Exception as error:
        log.error("Letter %s failed in a way we do not know.", one.letter.id, exc_info=error)
        return later(one.letter, f"broken: {type(error).__name__}", now=clock.now())
    return Outcome(one.letter, "sent", answer=_without(one, answer), composed=one.composed)


def _without(one: Ready, words: str) -> str:
    """A provider's words without the address, which no log of ours keeps."""
    return words.replace(one.message.to, "…").replace("\x00", "")


def _settle(outcomes: Sequence[Outcome], provider: str) -> int:
    return again_on_conflict(lambda: settle(outcomes, provider=provider)) if outcomes else 0
