"""Voiding: letting go of money that is set aside with a provider, and no longer waiting for money that was to come.

A provider lets go of all that is left of an authorization, never of a part.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import events
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening
from orderwright.payments import questions
from orderwright.payments.book import TENDERS
from orderwright.payments.queries import TenderSeen
from orderwright.payments.questions import Share, move, told


class NothingToVoid(Refusal):
    code = "nothing_to_void"
    sentence = _("Of order {number} nothing is authorized or awaited.")


class CaptureIsAsked(Refusal):
    code = "capture_is_asked"
    sentence = _("A provider is being asked to capture money of order {number}. Wait for its answer.")


class Chosen(NamedTuple):
    """What is let go: by asking a provider, and by not waiting any longer."""

    asked: list[Share]
    awaited: list[Share]


def choose_all(tenders: Sequence[TenderSeen]) -> Chosen:
    """Let go of all that is authorized or awaited; in memory."""
    chosen = Chosen([], [])
    for tender in tenders:
        _let_go(chosen, tender, tender.balances["awaited"])
    return chosen


def choose_surplus(tenders: Sequence[TenderSeen], surplus_minor: int) -> Chosen:
    """Let go of what is not needed, at most `surplus_minor`; in memory.

    Money that was only awaited goes first.  An authorization goes where all of it can and none is being captured.
    """
    chosen = Chosen([], [])
    for tender in sorted(tenders, key=lambda tender: (not tender.balances["awaited"], tender.id)):
        if surplus_minor <= 0:
            break
        whole = tender.balances["authorized"]
        if tender.balances["capturing"] or whole > surplus_minor:
            continue
        part = min(surplus_minor, tender.balances["awaited"])
        _let_go(chosen, tender, part)
        surplus_minor -= part + whole
    return chosen


def _let_go(chosen: Chosen, tender: TenderSeen, awaited_minor: int) -> None:
    if awaited_minor:
        move(tender, "awaited", "voided", awaited_minor)
        chosen.awaited.append(Share(tender, awaited_minor))
    whole = tender.balances["authorized"]
    if whole:
        move(tender, "authorized", "voiding", whole)
        chosen.asked.append(Share(tender, whole))


def void(chosen: Sequence[Chosen], *, actor: Actor) -> list[str]:
    """Write down what is let go, of orders that are locked; answers the ids of the attempts."""
    wait_no_longer([share for one in chosen for share in one.awaited], actor=actor)
    return questions.write("void", [share for one in chosen for share in one.asked], actor=actor)


def wait_no_longer(shares: Sequence[Share], *, actor: Actor) -> None:
    """Awaited money is not waited for any longer."""
    happened = events.record(
        [
            Happening("tender.voided", actor, told(share.tender, share.amount_minor), share.tender.order_id)
            for share in shares
        ]
    )
    post(
        TENDERS,
        [
            Movement(share.tender.id, NOWHERE, "awaited", NOWHERE, "voided", share.amount_minor, event)
            for share, event in zip(shares, happened, strict=True)
        ],
    )
