"""Delivery options: the ways of delivery that the shop offers, set up, edited, and chosen by where a parcel goes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import time
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.events import Happening, record
from orderwright.shipping import carriers
from orderwright.shipping.models import DeliveryOption, Handover


class OptionTaken(Refusal):
    code = "option_taken"
    sentence = _("There is a delivery option {option} already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a delivery option is: all of it, as someone wants it to be."""

    name: str
    carrier: str = ""  # the adapter's code; empty: labels are made by hand
    carrier_service: str = ""
    countries: Sequence[str] = ()  # ISO 3166-1 alpha-2; none: everywhere
    days_least: int = 1
    days_most: int = 3
    rank: int = 100
    active: bool = True
    kind: str = Handover.DELIVERY.value
    cut_off: time | None = None
    price_minor: int | None = None  # to the buyer; None: what the carrier asks
    currency: str = ""
    free_from_minor: int | None = None
    pickup_at: str = ""  # a location's code


FIELDS = tuple(field.name for field in fields(Way))


class Option(NamedTuple):
    """A delivery option that may be chosen."""

    id: int
    code: str
    carrier: str
    carrier_service: str
    countries: frozenset[str]
    days_least: int
    days_most: int
    kind: str = Handover.DELIVERY.value


class Terms(NamedTuple):
    """What a buyer is told of an option: its name, until when it is offered, and what it costs."""

    name: str
    cut_off: time | None
    price_minor: int | None
    currency: str
    free_from_minor: int | None
    pickup_at: str


def active_options() -> list[Option]:
    """The options that are offered, the lowest rank first; one statement."""
    return [Option._make((*row[:4], frozenset(row[4]), *row[5:])) for row in sql.rows(ACTIVE)]


def going_to(country: str, options: Sequence[Option]) -> list[Option]:
    """The options that are offered to a country, in their order: of several zones for the same, the nearest wins.

    The same is the same product of the same carrier, and nothing slower; what names no product is like nothing else.
    The nearest zone is the one with the fewest countries, and everywhere is the farthest.  So nobody is offered a
    parcel around the world to the house next door.
    """
    there = [option for option in options if not option.countries or country in option.countries]
    return [option for option in there if not any(_is_nearer(other, option) for other in there)]


def _is_nearer(other: Option, option: Option) -> bool:
    """Does another option bring the same from a nearer zone, as fast or faster?"""
    if not option.carrier_service:
        return False
    same = (other.kind, other.carrier, other.carrier_service) == (option.kind, option.carrier, option.carrier_service)
    return same and _zone(other) < _zone(option) and other.days_most <= option.days_most


def _zone(option: Option) -> int:
    return len(option.countries) or EVERYWHERE


EVERYWHERE = 1_000  # countries: more than there are


def default(country: str, options: Sequence[Option]) -> Option | None:
    """The first option of plain delivery that goes to a country; None where none does."""
    return next((option for option in going_to(country, options) if option.kind == Handover.DELIVERY), None)


def terms_of(options: Sequence[Option]) -> dict[str, Terms]:
    """What buyers are told of these options, by code; one statement."""
    return {row[0]: Terms(*row[1:]) for row in sql.rows(TERMS, [sql.ints(option.id for option in options)])}


TERMS = """
    SELECT code, name, cut_off, price_minor, currency, free_from_minor, pickup_at
      FROM delivery_option WHERE id = ANY (%s::bigint[])
"""


def chosen(row: Sequence[Any]) -> Option | None:
    """The option that the columns CHOSEN of a row tell of; None where its order's buyer chose none."""
    return None if row[0] is None else Option._make((*row[:4], frozenset(row[4]), *row[5:]))


# What the buyer of an order (o) chose holds even where the option is not offered any more.
CHOSEN = "d.id, d.code, d.carrier, d.carrier_service, d.countries, d.days_least, d.days_most, d.kind"
JOIN_CHOSEN = """
      LEFT JOIN order_wish w ON w.order_id = o.id
      LEFT JOIN delivery_option d ON d.code = w.delivery_option
"""

ACTIVE = """
    SELECT id, code, carrier, carrier_service, countries, days_least, days_most, kind
      FROM delivery_option
     WHERE active
     ORDER BY rank, id
"""


@transaction.atomic
def create_option(code: str, way: Way, *, actor: Actor) -> DeliveryOption:
    """Set up a delivery option.  Its code is its name for ever."""
    _check(way)
    option, fresh = DeliveryOption.objects.get_or_create(code=code, defaults=_values(way))
    if not fresh:
        raise OptionTaken(option=code)
    record([Happening("option.created", actor, {"option": code, **_values(way)})])
    return DeliveryOption.objects.get(pk=option.pk)


@transaction.atomic
def edit_option(code: str, changes: Mapping[str, Any], *, seen: int | None, actor: Actor) -> DeliveryOption:
    """Change some fields of an option, if it is still at the version that was `seen` (None: whatever it is at).

    Shipments keep what was chosen for them.  A change that changes nothing makes no new version.
    """
    option = DeliveryOption.objects.select_for_update(no_key=True).filter(code=code).first()
    if option is None:
        raise NotFound(thing=_("delivery option"), name=code)
    if seen is not None and seen != option.version:
        raise Stale(thing=code, version=option.version)
    before = {field: getattr(option, field) for field in FIELDS}
    after = Way(**{**before, **changes})
    _check(after)
    changed = {field: value for field, value in _values(after).items() if value != before[field]}
    if changed:
        for field, value in changed.items():
            setattr(option, field, value)
        option.version += 1
        option.save(update_fields=[*changed, "version"])
        record([Happening("option.edited", actor, {"option": code, "version": option.version, **changed})])
    return option


def options(*, after: int = 0, limit: int = 100) -> list[DeliveryOption]:
    """All delivery options, those that are not offered too, the oldest first."""
    return list(DeliveryOption.objects.filter(pk__gt=after).order_by("pk")[:limit])


def option(code: str) -> DeliveryOption:
    """The option with this code; refused where there is none."""
    found = DeliveryOption.objects.filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise NotFound(thing=_("delivery option"), name=code)
    return found


def _values(way: Way) -> dict[str, Any]:
    return {field: getattr(way, field) for field in FIELDS} | {"countries": sorted(set(way.countries))}


def _check(way: Way) -> None:
    """Refuse what cannot be so, whatever the state of the shop."""
    if not way.name.strip():
        raise Invalid(field="name", problem=_("it is empty"))
    if not 0 <= way.days_least <= way.days_most:
        raise Invalid(field="days_most", problem=_("it is less than days_least"))
    if way.carrier and way.carrier not in carriers.codes():
        raise Invalid(field="carrier", problem=_("the shop has no account with this carrier"))
    if way.kind not in Handover.values:
        raise Invalid(field="kind", problem=_("it is delivery, same_day or pickup"))
    if (way.price_minor is not None or way.free_from_minor is not None) and not CURRENCY.fullmatch(way.currency):
        raise Invalid(field="currency", problem=_("a price needs its currency, such as EUR"))
    if min(way.price_minor or 0, way.free_from_minor or 0) < 0:
        raise Invalid(field="price", problem=_("it is less than nothing"))
    if (way.kind == Handover.PICKUP) != bool(way.pickup_at):
        raise Invalid(field="pickup_at", problem=_("a pickup needs the location where it is; nothing else has one"))
    if way.pickup_at and not sql.rows(THERE, [way.pickup_at]):
        raise Invalid(field="pickup_at", problem=_("there is no such location"))


CURRENCY = re.compile("[A-Z]{3}")
THERE = "SELECT FROM location WHERE code = %s"
