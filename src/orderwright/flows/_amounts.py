"""What the flows over the money of orders have in common: whose tenders are meant, and amounts in words."""

from collections.abc import Iterable

from orderwright.kernel import money
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.payments.queries import TenderSeen


def meant(tenders: Iterable[TenderSeen], order_id: int, tender_id: int | None) -> list[TenderSeen]:
    """The tenders of an order, or the one of them that is meant."""
    own = [tender for tender in tenders if tender.order_id == order_id]
    if tender_id is None:
        return own
    found = [tender for tender in own if tender.id == tender_id]
    if not found:
        raise NotFound(thing="tender", name=tender_id)
    return found


def positive(amount_minor: int) -> int:
    """An amount that is more than nothing; refused where it is not."""
    if amount_minor < 1:
        raise Invalid(field="amount", problem="it must be more than nothing")
    return amount_minor


def words(amount_minor: int, currency: str) -> str:
    """An amount with its currency, for a sentence."""
    return f"{money.write(amount_minor, currency)} {currency}"
