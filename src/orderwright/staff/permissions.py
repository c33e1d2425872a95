"""What a program or a person may do: one table of verbs."""

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal

SCOPES: dict[str, Promise] = {
    "orders:read": _("Read orders, their timeline, holds and notes."),
    "orders:write": _("Place, cancel, hold, release, ship and deliver orders."),
    "orders:price": _("Set unit prices while placing orders."),
    "orders:backdate": _("Place orders with a time in the past."),
    "stock:read": _("Read stock, availability and its history."),
    "stock:write": _("Receive, adjust, set, transfer and count stock."),
    "fulfilment:read": _("Read fulfilment orders: what locations have to do."),
    "fulfilment:write": _("Accept, reject, move, split, merge and hold work, and set on what terms locations work."),
    "shipments:read": _("Read shipments, their labels with addresses, and where packages are."),
    "shipments:write": _("Pack and ship, ask for labels, say where packages are, send again."),
    "catalog:read": _("Read products, SKUs, kits, prices, locations and channels."),
    "catalog:write": _("Change products, SKUs, kits, prices, locations and channels."),
    "customers:read": _("Read customers and their addresses."),
    "customers:write": _("Change customers, and forget them."),
    "payments:read": _("Read payments."),
    "payments:write": _("Capture, void, refund and mark as received, also while placing orders."),
    "credits:read": _("Read gift cards and what customers have to their credit."),
    "credits:write": _("Issue and disable gift cards, give customers credit, and take it back."),
    "events:read": _("Read the feed of events."),
    "exceptions:read": _("Read what needs somebody."),
    "exceptions:write": _("Care for exceptions, repair them, and set how they are watched."),
    "webhooks:read": _("Read webhooks, and what was delivered to them."),
    "webhooks:write": _("Create, change, pause and replay webhooks."),
    "letters:read": _("Read letters, whole, and how they are sent."),
    "letters:write": _("Resend and try letters, and say who gets which."),
    "settings:read": _("Read settings."),
    "settings:write": _("Change settings."),
    "keys:write": _("Issue and revoke API keys."),
}


class UnknownScope(Refusal):
    code = "unknown_scope"
    status = 422
    sentence = _("There is no scope named {scope}.")


def known(scopes: Collection[str]) -> list[str]:
    """The scopes, each once and in order.  Refused where one is not in the table."""
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope=scope)
    return sorted(set(scopes))
