"""Crediting: what a gift card, or a customer's own credit, pays of an order before anything else is asked."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.credits.queries import Credit, card_of, credits_of
from orderwright.kernel.money import write
from orderwright.orders.drafting import TenderDraft
from orderwright.payments.methods import GIFT_CARD, STORE_CREDIT

WHY_NOT: dict[str, str | Promise] = {
    "unknown": _("There is no gift card with this code. Is a sign missing?"),
    "currency": _("This gift card is in another currency."),
    "expired": _("This gift card has expired."),
    "disabled": _("This gift card cannot be spent any more."),
    "empty": _("Nothing is left on this gift card."),
}


class Given(NamedTuple):
    """So much of an order is paid from credit."""

    method: str
    name: str | Promise
    amount_minor: int
    token: str = ""

    def tender(self, currency: str) -> TenderDraft:
        return TenderDraft(self.method, write(self.amount_minor, currency), self.token)


def given(typed: str, customer_id: int | None, currency: str, total_minor: int) -> tuple[list[Given], str | Promise]:
    """What a gift card's code and a customer's credit pay of a total, and what is wrong with the code."""
    found: list[Given] = []
    problem: str | Promise = ""
    left = total_minor
    if typed.strip():
        card = card_of(typed)
        problem = _why_not(card, currency)
        if card is not None and not problem and left:
            name = _("Gift card ending in {four}").format(four=card.last_four)
            found.append(Given(GIFT_CARD, name, min(card.available, left), typed.strip()))
            left -= found[-1].amount_minor
    own = own_credit(customer_id, currency)
    if own and left:
        found.append(Given(STORE_CREDIT, _("Your credit"), min(own, left)))
    return found, problem


def own_credit(customer_id: int | None, currency: str) -> int:
    """What a customer has to his credit in a currency."""
    if customer_id is None:
        return 0
    accounts = credits_of([customer_id])[customer_id]
    return sum(one.available for one in accounts if one.currency == currency and one.state == "active")


def _why_not(card: Credit | None, currency: str) -> str | Promise:
    if card is None:
        return WHY_NOT["unknown"]
    if card.currency != currency:
        return WHY_NOT["currency"]
    if card.state != "active":
        return WHY_NOT[card.state]
    return "" if card.available else WHY_NOT["empty"]
