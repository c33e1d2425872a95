"""What a carrier must be able to do, and the answers it may give.

Each question that changes something carries a key, the id of our question: asking twice with one key is the same as
asking once, and `look_up` tells what became of it.  How a carrier is written is told in docs/integrating/carrier.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from orderwright.kernel.money import Money
from orderwright.shipping.stages import Stage


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends, or who gets it.  `country` is ISO 3166-1 alpha-2; empty texts are not known."""

    name: str
    company: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package: grams and millimetres; None where nobody measured."""

    weight_grams: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


@dataclass(frozen=True, slots=True)
class Consignment:
    """One package on its way: what a carrier is asked about."""

    sender: Party
    receiver: Party
    parcel: Parcel
    service: str  # the carrier's own name for its product
    reference: str  # ours: the package's name
    ship_on: date
    worth: Money | None = None  # of its contents, for customs and insurance


@dataclass(frozen=True, slots=True)
class Quote:
    """What a service would cost and how long it takes, from a zone table or the carrier itself."""

    service: str
    name: str
    price: Money
    days_least: int  # from handing over to delivery, in days
    days_most: int


@dataclass(frozen=True, slots=True)
class Labelled:
    tracking_number: str
    document: bytes  # PDF
    price: Money
    tracking_url: str = ""


@dataclass(frozen=True, slots=True)
class Voided:
    """The label is void; it is not charged, and the number is dead."""


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str  # our vocabulary: `shipping.reasons`
    message: str  # the carrier's words


@dataclass(frozen=True, slots=True)
class Unknown:
    """We asked and do not know: a timeout, a 5xx.  Never asked again blindly: it is looked up first."""


Answer = Labelled | Voided | Refused | Unknown


@dataclass(frozen=True, slots=True)
class ScanTold:
    """What a carrier says of a package: where it was, when, in our words."""

    message_id: str  # the carrier's own id for it: told twice, it is the same
    tracking_number: str
    stage: Stage
    happened_at: datetime  # with a time zone
    time_zone: str = "UTC"  # IANA name of the place's own zone
    place: str = ""  # "Hamburg, DE"
    words: str = ""  # the carrier's
    taken_by: str = ""  # who took it, as the carrier says it: a name, or "a neighbour"
    left_where: str = ""  # "in the garage"


class Carrier(Protocol):
    """One account at one carrier.  It knows no database, keeps no state, and may be used by several threads.

    Adapters are made with `Adapter(url, secret)`; `secret` signs what goes either way.
    """

    @property
    def code(self) -> str: ...

    def rate(self, consignment: Consignment) -> Sequence[Quote] | Refused | Unknown:
        """What this would cost with each of its services (`consignment.service` may be empty)."""
        ...

    def label(self, consignment: Consignment, *, key: str) -> Labelled | Refused | Unknown:
        """Make a label: from now on the carrier expects the package."""
        ...

    def void(self, tracking_number: str, *, key: str) -> Voided | Refused | Unknown:
        """Take a label back that was not used."""
        ...

    def look_up(self, *, key: str) -> Labelled | Voided | Refused | Unknown | None:
        """What became of the question asked with `key`; None if it never arrived."""
        ...

    def track(self, tracking_numbers: Sequence[str]) -> Sequence[ScanTold] | Unknown:
        """All that is known of these packages, in any order; up to 100 numbers at once."""
        ...

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[ScanTold]:
        """Check the signature and say, in our words, what the carrier tells us; names of headers are in lower case.

        Raises `BadSignature` or `BadMessage`.
        """
        ...
