"""Reading what somebody searches for: words, `field:value`, and facets, as one question about orders.

`number:1001 is:late amount:>100 name:"Ada Lovelace"`: fields narrow, and so does each word.  A field that appears
twice in the same facet (status, channel …) widens: either of the two.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from orderwright.kernel import clock
from orderwright.lists.refusals import BadSearch, PeopleNotSeen, PricesNotSeen, UnknownField
from orderwright.orders.status import Fulfilment, Payment, Status

MOST_CHARACTERS = 300
MOST_WORDS = 12
DAY = timedelta(days=1)

FACETS = ("status", "payment", "fulfilment", "channel", "country", "location", "tag")
NAMED = ("number", "email", "name", "phone", "sku", "tracking", "reference", "city", "postal")
PERSONAL = ("email", "name", "phone")
OTHERS = ("customer", "is", "late", "age", "amount", "placed")
FIELDS = (*NAMED, *FACETS, *OTHERS)
AGES = {"today": (DAY, None), "1d": (3 * DAY, DAY), "3d": (7 * DAY, 3 * DAY), "7d": (None, 7 * DAY)}
AMOUNTS = (25, 50, 100, 250)  # where one range of the facet ends and the next begins
LATE = ("missed", "today", "soon")
STATES = {"status": Status, "payment": Payment, "fulfilment": Fulfilment}
IS = {
    "late": ("late", "missed"),
    "soon": ("late", "soon"),
    "held": ("status", Status.ON_HOLD.value),
    "unpaid": ("status", Status.UNPAID.value),
    "backordered": ("status", Status.BACKORDERED.value),
    "canceled": ("status", Status.CANCELED.value),
}
OPEN = tuple(
    one.value for one in Status if one not in (Status.SHIPPED, Status.DELIVERED, Status.RETURNED, Status.CANCELED)
)
TOKEN = re.compile(r'(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')
DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})?(\.\.)?(\d{4}-\d{2}-\d{2})?")
AMOUNT = re.compile(
    r"(?:(?P<sign>[<>]=?)?(?P<one>\d{1,12}(?:\.\d{1,2})?)|(?P<least>\d{1,12}(?:\.\d{1,2})?)\.\.(?P<most>\d{1,12}(?:\.\d{1,2})?))"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for; what is empty does not narrow."""

    words: tuple[str, ...] = ()
    people: bool = True  # whether words may be names, e-mail addresses or phone numbers
    named: tuple[tuple[str, str], ...] = ()  # field of NAMED, and its value
    status: tuple[str, ...] = ()
    payment: tuple[str, ...] = ()
    fulfilment: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    customer: int | None = None
    late: str = ""  # missed, today, soon
    packed: bool = False  # something is packed and has not left
    least_hundredths: int | None = None  # of the order's currency, whatever its smallest coin is
    most_hundredths: int | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    zone: tzinfo = UTC  # in which its days are read


def read(text: str, facets: Mapping[str, Iterable[str]] | None = None, *, zone: tzinfo = UTC) -> Question:
    """The question in these words and facets; days are those of `zone`.

    Refused where a field is unknown, or its value does not fit.
    """
    asked = Question(zone=zone)
    for found in list(TOKEN.finditer(text.replace("\x00", "")[:MOST_CHARACTERS]))[:MOST_WORDS]:
        value = (found["quoted"] if found["quoted"] is not None else found["plain"]).strip()
        if found["field"] is None:
            asked = replace(asked, words=(*asked.words, value)) if value else asked
        elif value:
            asked = _with(asked, found["field"].lower(), value)
    for field, values in (facets or {}).items():
        for value in values:
            if value := value.replace("\x00", "").strip()[:100]:
                asked = _with(asked, field, value)
    return asked


def within(asked: Question, may: Collection[str]) -> Question:
    """The question as somebody who may do this asks it: what is found must not tell what he does not see.

    Words are then no names.  Refused where a field asks for a price or a person by itself.
    """
    if "prices:read" not in may and (asked.least_hundredths is not None or asked.most_hundredths is not None):
        raise PricesNotSeen
    return within_people(asked, may)


def within_people(asked: Question, may: Collection[str]) -> Question:
    """The same, where prices are no secret."""
    if "customers:read" in may:
        return asked
    if any(field in PERSONAL for field, _value in asked.named):
        raise PeopleNotSeen
    return replace(asked, people=False)


def _with(asked: Question, field: str, value: str) -> Question:
    if field not in FIELDS:
        raise UnknownField(field=field, fields=", ".join(FIELDS))
    if field == "is":
        if value == "open":
            return replace(asked, status=(*asked.status, *OPEN))
        if value == "packed":
            return replace(asked, packed=True)
        if value not in IS:
            raise BadSearch(field=field, value=value, example=", ".join(("open", "packed", *IS)))
        field, value = IS[value]
    if field in NAMED:
        return replace(asked, named=(*asked.named, (field, value)))
    if field in FACETS:
        if field in STATES and value not in STATES[field].values:
            raise BadSearch(field=field, value=value, example=", ".join(STATES[field].values))
        kept = value.upper() if field == "country" else value
        known: tuple[str, ...] = getattr(asked, field)
        widened: dict[str, Any] = {field: known if kept in known else (*known, kept)}
        return replace(asked, **widened)
    return replace(asked, **_other(field, value, asked.zone))


def _other(field: str, value: str, zone: tzinfo) -> dict[str, Any]:
    if field == "customer" and value.isascii() and value.isdigit() and len(value) < 19:
        return {"customer": int(value)}
    if field == "late" and value in LATE:
        return {"late": value}
    if field == "age" and value in AGES:
        oldest, youngest = AGES[value]
        now = clock.now()
        return {"placed_from": now - oldest if oldest else None, "placed_before": now - youngest if youngest else None}
    if field == "amount" and (found := AMOUNT.fullmatch(value)):
        return _amounts(found)
    if field == "placed" and (found := DAYS.fullmatch(value)) and (found[1] or found[3]):
        return _days(found, value, zone)
    examples = {
        "customer": "customer:12",
        "late": "late:missed, late:today, late:soon",
        "age": ", ".join(AGES),
        "amount": "amount:>100, amount:50..100",
        "placed": "placed:2026-11-01, placed:2026-11-01..2026-11-30",
    }
    raise BadSearch(field=field, value=value, example=examples[field])


def _amounts(found: re.Match[str]) -> dict[str, int]:
    if found["one"] is None:
        return {"least_hundredths": _hundredths(found["least"]), "most_hundredths": _hundredths(found["most"])}
    one = _hundredths(found["one"])
    bounds = {">": (one + 1, None), ">=": (one, None), "<": (None, one - 1), "<=": (None, one)}
    least, most = bounds.get(found["sign"] or "", (one, one))
    return {name: one for name, one in (("least_hundredths", least), ("most_hundredths", most)) if one is not None}


def _hundredths(amount: str) -> int:
    return round(Decimal(amount) * 100)


def _days(found: re.Match[str], value: str, zone: tzinfo) -> dict[str, datetime]:
    try:
        first, last = (datetime.fromisoformat(one) if one else None for one in (found[1], found[3]))
        if last is None and not found[2]:
            last = first
        days = {"placed_from": first, "placed_before": last + DAY if last else None}
        bounds = {name: day.replace(tzinfo=zone).astimezone(UTC) if day else None for name, day in days.items()}
    except (ValueError, OverflowError) as error:
        raise BadSearch(field="placed", value=value, example="placed:2026-11-01..2026-11-30") from error
    return {name: one for name, one in bounds.items() if one is not None}
