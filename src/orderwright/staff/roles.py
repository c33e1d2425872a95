"""The roles of people who work here: who may do what, as one table of verbs.

A verb is a scope of `staff.permissions` or one of those that only people have.  A person has one role.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal
from orderwright.staff.permissions import SCOPES

FOR_PEOPLE: dict[str, Promise] = {
    "prices:read": _("See prices and amounts of money."),
    "costs:read": _("See what goods cost the shop."),
    "staff:read": _("See who works here, and what they did."),
    "staff:write": _("Let people in, give them roles, and let them go."),
}
VERBS: dict[str, Promise] = SCOPES | FOR_PEOPLE


class Role(NamedTuple):
    name: Promise
    sentence: Promise
    verbs: frozenset[str]


class UnknownRole(Refusal):
    code = "unknown_role"
    status = 422
    sentence = _("There is no role named {role}.")


def role(name: str) -> Role:
    """The role of this name.  Refused where there is none."""
    if name not in ROLES:
        raise UnknownRole(role=name)
    return ROLES[name]


def verbs_of(name: str) -> frozenset[str]:
    """What the role of this name may do; nothing, where there is no such role any more."""
    return ROLES[name].verbs if name in ROLES else frozenset()


READ = {verb for verb in SCOPES if verb.endswith(":read")}
FLOOR = {
    "orders:read",
    "stock:read",
    "stock:write",
    "fulfilment:read",
    "fulfilment:write",
    "shipments:read",
    "shipments:write",
    "catalog:read",
    "exceptions:read",
}
CARE = {
    "orders:write",
    "customers:write",
    "payments:write",
    "credits:write",
    "shipments:write",
    "letters:write",
    "exceptions:write",
}

ROLES: dict[str, Role] = {
    "owner": Role(_("Owner"), _("May do everything."), frozenset(VERBS)),
    "operations": Role(
        _("Operations"),
        _("Runs the shop from day to day: all but people, keys and settings of money."),
        frozenset(VERBS) - {"staff:write", "keys:write", "settings:write", "orders:backdate"},
    ),
    "support": Role(
        _("Support"),
        _("Cares for customers and their orders; sees no costs."),
        frozenset((READ - {"webhooks:read", "settings:read"}) | CARE | {"prices:read"}),
    ),
    "warehouse": Role(
        _("Warehouse"),
        _("Picks, packs, ships and counts; sees no prices and no money."),
        frozenset(FLOOR),
    ),
    "finance": Role(
        _("Finance"),
        _("Sees all money and costs; captures and refunds."),
        frozenset(READ | {"payments:write", "credits:write", "prices:read", "costs:read", "staff:read"}),
    ),
    "read_only": Role(
        _("Read only"),
        _("Sees orders, stock and customers, and changes nothing."),
        frozenset(READ - {"webhooks:read", "settings:read", "letters:read"} | {"prices:read"}),
    ),
}
