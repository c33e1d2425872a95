"""Capturing: which authorized money is taken.

The question is written down (`questions.write`), asked when that is committed (`asking`), and its answer believed
once, whoever brings it (`settling`).
"""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal
from orderwright.payments.queries import TenderSeen
from orderwright.payments.questions import Share, move


class NothingToCapture(Refusal):
    code = "nothing_to_capture"
    sentence = _("Of order {number} nothing is both authorized and owed.")


class MoreThanAuthorized(Refusal):
    code = "more_than_authorized"
    sentence = _("{asked} were to be captured, and {authorized} are authorized on order {number}.")


class MoreThanOwed(Refusal):
    code = "more_than_owed"
    sentence = _("{asked} were to be captured, and {owed} are owed on order {number}.")


def authorized(tenders: Sequence[TenderSeen]) -> int:
    """What can be captured of these tenders, in minor units."""
    return sum(tender.balances["authorized"] for tender in tenders)


def choose(tenders: Sequence[TenderSeen], amount_minor: int) -> list[Share]:
    """Take `amount_minor` of what is authorized, tender by tender as they were opened; in memory."""
    shares = []
    for tender in tenders:
        part = min(amount_minor, tender.balances["authorized"])
        if part > 0:
            move(tender, "authorized", "capturing", part)
            shares.append(Share(tender, part))
            amount_minor -= part
    assert amount_minor == 0, (tenders, amount_minor)
    return shares
