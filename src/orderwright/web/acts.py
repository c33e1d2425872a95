"""Acts of staff in plain words, with what they were about one click away."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.orders.queries import heads
from orderwright.staff.acting import Act
from orderwright.staff.people import names_of


class Told(NamedTuple):
    """An act as a person reads it."""

    id: int
    at: datetime
    who: str
    person: int
    sentence: str | Promise
    about: str
    url: str
    facts: list[tuple[str, str]]


# Of what happens to orders, the order's page tells more.
SENTENCES: Mapping[str, Promise] = {
    "order.placed": _("placed an order"),
    "order.held": _("put an order on hold"),
    "order.hold_lifted": _("lifted a hold"),
    "order.noted": _("wrote a note"),
    "order.tagged": _("tagged an order"),
    "order.untagged": _("took a tag off an order"),
    "order.canceled": _("canceled an order"),
    "order.partly_canceled": _("canceled a part of an order"),
    "order.released": _("released an order to the warehouse"),
    "order.release_scheduled": _("chose when an order is released"),
    "order.prioritized": _("changed who is served first"),
    "order.reallocated": _("gave kept units to another order"),
    "order.taken_back": _("took units back from the warehouse"),
    "order.shipped": _("shipped"),
    "order.delivered": _("noted a delivery"),
    "order.discounted": _("let off an amount"),
    "stock.received": _("received stock"),
    "stock.adjusted": _("adjusted the stock"),
    "stock.set": _("set a level of stock"),
    "stock.sent": _("sent stock to another location"),
    "stock.arrived": _("booked the arrival of a transfer"),
    "stock.expected": _("wrote down what a supplier will bring"),
    "stock.expectation_closed": _("closed what was expected"),
    "stock.expectation_moved": _("moved what is expected to another day"),
    "stock.count_started": _("began to count"),
    "stock.counted": _("handed in counted figures"),
    "stock.count_closed": _("ended a count"),
    "stock.safety_set": _("changed what is kept back"),
    "location.created": _("set up a location"),
    "location.edited": _("changed a location"),
    "terms.set": _("set the terms of a location"),
    "option.created": _("set up a delivery option"),
    "option.edited": _("changed a delivery option"),
    "channel.created": _("opened a channel"),
    "channel.changed": _("changed a channel"),
    "key.issued": _("issued an API key"),
    "key.revoked": _("revoked an API key"),
    "webhook.created": _("set up a webhook"),
    "webhook.edited": _("changed a webhook"),
    "webhook.deleted": _("deleted a webhook"),
    "webhook.secret_rotated": _("gave a webhook a new secret"),
    "webhook.paused": _("paused a webhook"),
    "webhook.resumed": _("resumed a webhook"),
    "webhook.replayed": _("had events told to a webhook again"),
    "webhook.pinged": _("tried out a webhook"),
    "letter.switched": _("switched a kind of letter"),
    "person.admitted": _("let somebody in"),
    "person.role_changed": _("gave somebody another role"),
    "person.password_changed": _("set a password"),
    "person.account_closed": _("let somebody go"),
    "person.account_reopened": _("took somebody back"),
    "person.renamed": _("changed a name"),
    "person.sessions_ended": _("signed out everywhere"),
    "customer.changed": _("changed a customer"),
    "customer.forgotten": _("forgot a customer"),
    "tender.received": _("marked money as received"),
    "tender.capture_asked": _("asked to take money"),
    "tender.refund_asked": _("asked to give money back"),
    "tender.void_asked": _("let go of an authorization"),
    "tender.opened": _("opened another means of payment"),
    "tender.refunded": _("gave money back"),
    "tender.capture_declined": _("asked to take money, in vain"),
    "tender.captured": _("took money"),
    "tender.voided": _("let go of money"),
    "credit.issued": _("issued a gift card or credit"),
    "credit.withdrawn": _("took credit back"),
    "credit.disabled": _("disabled a gift card"),
    "credit.enabled": _("enabled a gift card again"),
    "category.created": _("set up a category"),
    "category.changed": _("changed a category"),
    "product.created": _("set up a product"),
    "product.changed": _("changed a product"),
    "product.pictured": _("gave a product its picture"),
    "sku.created": _("set up a SKU"),
    "sku.changed": _("changed a SKU"),
    "price.changed": _("changed a price"),
    "kit.changed": _("changed what a kit is made of"),
    "order.release_unscheduled": _("released by hand what was to go later"),
    "order.sent_again": _("sent goods again"),
    "fulfilment.accepted": _("took work on"),
    "fulfilment.rejected": _("gave work back"),
    "fulfilment.held": _("held work"),
    "fulfilment.hold_lifted": _("lifted a hold on work"),
    "fulfilment.moved": _("moved work to another location"),
    "fulfilment.split": _("split work"),
    "fulfilment.merged": _("joined work"),
    "fulfilment.recall_asked": _("asked for work back"),
    "shipment.prepared": _("packed"),
    "shipment.discarded": _("unpacked again"),
    "package.handed_over": _("handed a parcel over"),
    "package.lost": _("gave a parcel up for lost"),
    "package.returned": _("noted that a parcel came back"),
}

NOUNS: Mapping[str, Promise] = {
    "order": _("Orders"),
    "stock": _("Stock"),
    "tender": _("Money"),
    "shipment": _("Shipments"),
    "package": _("Parcels"),
    "fulfilment": _("Fulfilment"),
    "customer": _("Customers"),
    "sku": _("SKUs"),
    "price": _("Prices"),
    "credit": _("Gift cards and credit"),
    "product": _("Products"),
    "location": _("Locations"),
    "terms": _("Terms of locations"),
    "option": _("Delivery options"),
    "channel": _("Channels"),
    "key": _("API keys"),
    "webhook": _("Webhooks"),
    "letter": _("Letters"),
    "person": _("People"),
}

MOST_FACTS = 12


def tell(found: Sequence[Act]) -> list[Told]:
    """These acts in words; two statements."""
    orders = heads({act.order_id for act in found if act.order_id is not None})
    people = {act.person for act in found} | {act.facts["person"] for act in found if _names_person(act)}
    names = names_of(sorted(people))
    return [_tell(act, {id_: seen.number for id_, seen in orders.items()}, names) for act in found]


def _names_person(act: Act) -> bool:
    return act.kind.startswith("person.") and isinstance(act.facts.get("person"), int)


def _tell(act: Act, numbers: Mapping[int, str], names: Mapping[int, str]) -> Told:
    noun, _dot, verb = act.kind.partition(".")
    sentence = SENTENCES.get(act.kind) or f"{noun} {verb}".replace("_", " ")
    about, url = _about(act, numbers, names)
    facts = [(name.replace("_", " "), said) for name, said in _flat(act.facts)][:MOST_FACTS]
    return Told(act.id, act.at, names.get(act.person, f"staff:{act.person}"), act.person, sentence, about, url, facts)


def _about(act: Act, numbers: Mapping[int, str], names: Mapping[int, str]) -> tuple[str, str]:
    """What it was about, and where that is shown."""
    if act.order_id is not None and act.order_id in numbers:
        number = numbers[act.order_id]
        return number, f"/desk/orders/{_quoted(number)}"
    if _names_person(act):
        return names.get(act.facts["person"], ""), "/desk/settings/people"
    for fact, where in (
        ("transfer", "/desk/stock/-/transfers/"),
        ("count", "/desk/stock/-/counts/"),
        ("webhook", "/desk/settings/webhooks/"),
        ("option", "/desk/settings/delivery/"),
        ("channel", "/desk/settings/channels/"),
        ("location", "/desk/settings/locations/"),
        ("sku", "/desk/stock/"),
        ("customer", "/desk/customers/"),
    ):
        if isinstance(act.facts.get(fact), str | int) and not act.kind.startswith("letter."):
            return str(act.facts[fact]), where + _quoted(str(act.facts[fact]))
    lines = act.facts.get("lines")
    if isinstance(lines, list) and lines and isinstance(lines[0], dict) and "sku" in lines[0]:
        more = f" +{len(lines) - 1}" if len(lines) > 1 else ""
        return f"{lines[0]['sku']}{more}", f"/desk/stock/{_quoted(str(lines[0]['sku']))}"
    return "", ""


def _flat(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Facts as pairs of words; of a list, how it begins."""
    for name, value in facts.items():
        if isinstance(value, list):
            yield name, "; ".join(_words(one) for one in value[:5]) + (" …" if len(value) > 5 else "")
        elif value not in (None, "", {}):
            yield name, _words(value)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {said}" for name, said in value.items() if said not in (None, ""))
    return str(value)


def _quoted(code: str) -> str:
    return quote(code, safe="")
