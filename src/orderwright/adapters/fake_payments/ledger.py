"""What the fake provider remembers: authorizations, and the answer to every question, by its key."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Lock

AUTHORIZED_FOR = timedelta(days=7)

STEPS = {"3ds": "confirm", "hosted": "pay"}  # where the payer goes first

AnswerOut = dict[str, object]


@dataclass
class Authorization:
    """Money of one payer that is set aside.  Amounts in minor units."""

    reference: str
    currency: str
    token: str
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    expires_at: datetime | None = None
    waiting: int = 0  # for the payer, to be set aside when he has done what is asked of him
    key: str = ""  # of the question that waits

    @property
    def open(self) -> int:
        """Set aside, and neither captured nor let go."""
        return self.authorized - self.captured - self.voided


@dataclass
class Ledger:
    """Everything, in memory; one lock."""

    authorizations: dict[str, Authorization] = field(default_factory=dict)
    answers: dict[str, AnswerOut] = field(default_factory=dict)  # by idempotency key
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)  # by key: verb and reference
    confirm_at: str = ""  # where the payer's page is
    lock: Lock = field(default_factory=Lock)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def authorize(self, key: str, amount: int, currency: str, token: str, how: str, now: datetime) -> AnswerOut:
        """Set money aside; `how` is "approve", "3ds", "hosted", "partly" (half of it) or "decline=REASON"."""
        if key in self.answers:
            return self.answers[key]
        reference = f"auth_{next(self._numbers)}"
        if how.startswith("decline"):
            return self._remember(key, "authorize", reference, declined(how.partition("=")[2] or "refused"))
        found = Authorization(reference, currency, token, expires_at=now + AUTHORIZED_FOR)
        self.authorizations[reference] = found
        if how in STEPS:
            found.waiting, found.key = amount, key
            asked: AnswerOut = {"status": "action_required", "url": f"{self.confirm_at}/{STEPS[how]}/{reference}"}
            return self._remember(key, "authorize", reference, asked)
        found.authorized = amount // 2 if how == "partly" else amount
        return self._remember(key, "authorize", reference, self._approved(found, found.authorized))

    def confirm(self, reference: str, agreed: bool, reason: str = "not_confirmed") -> str | None:
        """The payer did what was to be done first, or it failed for a reason; answers the question that waited."""
        found = self.authorizations.get(reference)
        if found is None or not found.waiting:
            return None
        amount, found.waiting = found.waiting, 0
        if agreed:
            found.authorized = amount
        self.answers[found.key] = self._approved(found, amount) if agreed else declined(reason)
        return found.key

    def capture(self, key: str, reference: str, amount: int, now: datetime) -> AnswerOut:
        """Take some of what is set aside; more than that is declined."""
        return self._change(key, "capture", reference, amount, now)

    def void(self, key: str, reference: str, now: datetime) -> AnswerOut:
        """Let go of all that is set aside and not captured."""
        return self._change(key, "void", reference, None, now)

    def refund(self, key: str, reference: str, amount: int, now: datetime) -> AnswerOut:
        """Give back some of what was captured; more than that is declined."""
        return self._change(key, "refund", reference, amount, now)

    def decline(self, key: str, verb: str, reference: str, reason: str) -> AnswerOut:
        """Say no, whatever was asked."""
        if key in self.answers:
            return self.answers[key]
        return self._remember(key, verb, reference, declined(reason))

    def _change(self, key: str, verb: str, reference: str, amount: int | None, now: datetime) -> AnswerOut:
        if key in self.answers:
            return self.answers[key]
        found = self.authorizations.get(reference)
        if found is None:
            return self._remember(key, verb, reference, declined("not_possible"))
        ended = found.expires_at is not None and found.expires_at <= now
        if ended and verb != "refund":
            return self._remember(key, verb, reference, declined("authorization_ended"))
        there = found.captured - found.refunded if verb == "refund" else found.open
        wanted = there if amount is None else amount
        if wanted > there:
            return self._remember(key, verb, reference, declined("too_much"))
        if verb == "capture":
            found.captured += wanted
        elif verb == "void":
            found.voided += wanted
        else:
            found.refunded += wanted
        return self._remember(key, verb, reference, self._approved(found, wanted))

    def _approved(self, found: Authorization, amount: int) -> AnswerOut:
        return {
            "status": "approved",
            "reference": found.reference,
            "amount_minor": amount,
            "currency": found.currency,
            "expires_at": found.expires_at.isoformat() if found.expires_at else None,
        }

    def _remember(self, key: str, verb: str, reference: str, answer: AnswerOut) -> AnswerOut:
        self.answers[key] = answer
        self.asked[key] = verb, reference
        return answer


def declined(reason: str) -> AnswerOut:
    """A no, with the reason in our vocabulary and words as a provider would say them."""
    return {"status": "declined", "reason": reason, "message": f"Declined: {reason.replace('_', ' ')}."}
