"""Agreeing: on what terms a location works is set, all of it at once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.fulfilment.models import Accepting, Terms
from orderwright.fulfilment.terms import EVERY_DAY
from orderwright.inventory.models import Location
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Stale
from orderwright.kernel.events import Happening, record

MOST_DAYS = 1000
LONGEST_HANDLING_DAYS = 365
MOST_ORDERS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """On what terms a location works: all of it, as someone wants it to be."""

    accepting: str = Accepting.AT_ONCE.value
    orders_per_day: int | None = None
    cut_off: time = time(14)
    weekdays: Sequence[int] = field(default=EVERY_DAY)
    closed_on: Sequence[date] = ()
    handling_days: int = 0


def terms_of(code: str) -> tuple[Agreement, int]:
    """The terms of a location and their version; 0 where nobody has set any."""
    location = Location.objects.filter(code=code).first() if "\x00" not in code else None
    if location is None:
        raise NotFound(thing=_("location"), name=code)
    found = Terms.objects.filter(pk=location.pk).first()
    return (_agreement(found), found.version) if found else (Agreement(), 0)


@transaction.atomic
def set_terms(code: str, agreement: Agreement, *, seen: int | None, actor: Actor) -> tuple[Agreement, int]:
    """Set the terms of a location, if they are still at the version that was `seen` (None: whatever they are at).

    They hold for what is given to it from now on.  A change that changes nothing makes no new version.
    """
    wanted = _checked(agreement)
    location = Location.objects.select_for_update(no_key=True).filter(code=code).first() if "\x00" not in code else None
    if location is None:
        raise NotFound(thing=_("location"), name=code)
    found = Terms.objects.select_for_update(no_key=True).filter(pk=location.pk).first()
    version = found.version if found else 0
    if seen is not None and seen != version:
        raise Stale(thing=_("terms of {location}").format(location=code), version=version)
    if found and _agreement(found) == wanted:
        return wanted, version
    values: dict[str, Any] = {**asdict(wanted), "version": version + 1, "free_on": None}
    Terms.objects.update_or_create(pk=location.pk, defaults=values)
    record([Happening("terms.set", actor, {"location": code, "version": version + 1, **asdict(wanted)})])
    return wanted, version + 1


def _agreement(terms: Terms) -> Agreement:
    return Agreement(
        accepting=terms.accepting,
        orders_per_day=terms.orders_per_day,
        cut_off=terms.cut_off,
        weekdays=tuple(terms.weekdays),
        closed_on=tuple(terms.closed_on),
        handling_days=terms.handling_days,
    )


def _checked(agreement: Agreement) -> Agreement:
    """The same with its days in order, each once; refused where it cannot be."""
    if agreement.accepting not in Accepting.values:
        raise Invalid(field="accepting", problem=f"{agreement.accepting} is none of {', '.join(Accepting.values)}")
    if agreement.orders_per_day is not None and not 1 <= agreement.orders_per_day <= MOST_ORDERS:
        raise Invalid(field="orders_per_day", problem=f"it is not between 1 and {MOST_ORDERS}")
    if not agreement.weekdays or not set(agreement.weekdays) <= set(EVERY_DAY):
        raise Invalid(field="weekdays", problem="one day at least, of 1 (Monday) to 7 (Sunday)")
    if len(agreement.closed_on) > MOST_DAYS:
        raise Invalid(field="closed_on", problem=f"there are more than {MOST_DAYS}")
    if not 0 <= agreement.handling_days <= LONGEST_HANDLING_DAYS:
        raise Invalid(field="handling_days", problem=f"they are not between 0 and {LONGEST_HANDLING_DAYS}")
    if agreement.cut_off.tzinfo is not None:
        raise Invalid(field="cut_off", problem="it goes by the location's clock: it has no time zone")
    return Agreement(
        accepting=agreement.accepting,
        orders_per_day=agreement.orders_per_day,
        cut_off=agreement.cut_off.replace(microsecond=0),
        weekdays=tuple(sorted(set(agreement.weekdays))),
        closed_on=tuple(sorted(set(agreement.closed_on))),
        handling_days=agreement.handling_days,
    )
