"""What a payment provider must be able to do, and the answers it may give.

Each question carries a key, the id of the attempt: asking twice with one key is the same as asking once.  How a
provider is written is told in docs/integrating/payment-provider.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from orderwright.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Approved:
    reference: str  # the provider's name for what it did; of an authorization: what later questions refer to
    amount: Money  # may be less than asked
    expires_at: datetime | None = None  # of an authorization: when the provider lets it go


@dataclass(frozen=True, slots=True)
class Declined:
    reason: str  # our vocabulary: `payments.reasons`
    message: str  # the provider's words, for the timeline


@dataclass(frozen=True, slots=True)
class Unknown:
    """We asked and do not know: a timeout, a 5xx.  Never retried blindly: it is looked up first."""


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The payer must do something first (3-D Secure, a redirect); a message of the provider tells how it ended."""

    url: str


Answer = Approved | Declined | ActionRequired | Unknown


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider told us by itself: the answer to a question.

    The question is named by the `key` that it was asked with, or, by providers that do not repeat keys, by its verb
    and by the `reference` of the authorization.
    """

    message_id: str  # the provider's own id for the message: told twice, it is the same
    verb: str  # authorize, capture, void, refund
    answer: Answer
    key: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CardFields:
    """How a payer's browser gives a card to the provider, so that the shop never sees it.

    `frame_url` is a page of the provider's to be framed: asked by `postMessage({"ask": "token"})`, it answers
    `{"token": …}` or `{"problem": …}`.  A browser without scripts is sent to the provider's own page instead: an
    authorization with `hosted_token` is answered with where that is.
    """

    frame_url: str
    hosted_token: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.frame_url)
        return f"{parts.scheme}://{parts.netloc}"


class PaymentProvider(Protocol):
    """One account at one provider.  It knows no database, keeps no state, and may be used by several threads.

    Adapters are made with `Adapter(url, secret)`; `secret` signs what goes either way.
    """

    @property
    def code(self) -> str: ...

    def authorize(self, amount: Money, token: str, *, key: str) -> Answer:
        """Set money aside.  `token` is what the payer's browser got from the provider."""
        ...

    def capture(self, reference: str, amount: Money, *, key: str) -> Answer:
        """Take some of what was authorized as `reference`."""
        ...

    def void(self, reference: str, *, key: str) -> Answer:
        """Let go of all that was authorized and not yet captured; the answer says how much that was."""
        ...

    def refund(self, reference: str, amount: Money, *, key: str) -> Answer:
        """Give back some of what was captured."""
        ...

    def look_up(self, *, key: str) -> Answer | None:
        """What became of the question asked with `key`; None if it never arrived."""
        ...

    def card_fields(self, shop: str) -> CardFields | None:
        """The fields for a card, for pages of the shop at this origin; None where it takes no cards like this."""
        ...

    def step_url(self, url: str, back: str) -> str:
        """Where the payer is sent to do what an `ActionRequired` asks, so that he comes back to `back` after it."""
        ...

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[Told]:
        """Check the signature and say, in our words, what the provider tells us.

        Header names are in lower case.  Raises `BadSignature` or `BadMessage`.
        """
        ...
