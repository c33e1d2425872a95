"""Reading forms: what people typed, as the types that flows take; refused in words that name the field."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orderwright.kernel.errors import Invalid
from orderwright.kernel.money import minor

MOST_CHARACTERS = 200
MOST_WHOLE = 1_000_000_000
WHOLE = re.compile(r"[+-]?[0-9]{1,10}")


def text(form: QueryDict, name: str, *, most: int = MOST_CHARACTERS, needed: bool = False) -> str:
    """A line of text without blanks around it."""
    found = form.get(name, "").strip()
    if "\x00" in found:
        raise Invalid(field=name, problem=_("holds a character that cannot be stored"))
    if len(found) > most:
        raise Invalid(field=name, problem=_("at most {most} characters are possible").format(most=most))
    if needed and not found:
        raise Invalid(field=name, problem=_("is needed"))
    return found


def whole(form: QueryDict, name: str, *, least: int = 0, most: int = MOST_WHOLE) -> int:
    """A whole number."""
    found = form.get(name, "").strip()
    if not WHOLE.fullmatch(found) or not least <= int(found) <= most:
        problem = _("a whole number from {least} to {most} is needed").format(least=least, most=most)
        raise Invalid(field=name, problem=problem)
    return int(found)


def whole_or_none(form: QueryDict, name: str, *, least: int = 0, most: int = MOST_WHOLE) -> int | None:
    """A whole number, or nothing where the field is empty."""
    return whole(form, name, least=least, most=most) if form.get(name, "").strip() else None


def decimal_or_none(form: QueryDict, name: str) -> float | None:
    """A number with decimals, or nothing where the field is empty."""
    found = form.get(name, "").strip().replace(",", ".")
    if not found:
        return None
    if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,9})?", found):
        raise Invalid(field=name, problem=_("a number such as 52.5 is needed"))
    return float(found)


def amount_or_none(form: QueryDict, name: str, currency: str) -> int | None:
    """An amount of money in the currency's smallest coin, or nothing where the field is empty."""
    found = form.get(name, "").strip().replace(",", ".")
    if not found:
        return None
    if not currency:
        raise Invalid(field="currency", problem=_("a price needs its currency, such as EUR"))
    return minor(found, currency)


def day(form: QueryDict, name: str) -> date:
    """A day, as browsers send it."""
    found = form.get(name, "").strip()
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", found):
            raise ValueError
        return date.fromisoformat(found)
    except ValueError as error:
        raise Invalid(field=name, problem=_("a day such as 2026-01-31 is needed")) from error


def ticked(form: QueryDict, name: str) -> bool:
    """Whether a box is ticked."""
    return bool(form.get(name))


def one_of(form: QueryDict, name: str, known: Collection[str]) -> str:
    """One word of a list."""
    found = form.get(name, "")
    if found not in known:
        raise Invalid(field=name, problem=_("it is none of the list"))
    return found


def id_or_none(query: QueryDict, name: str) -> int | None:
    """The id of a row, as links of ours carry it; nothing, where it is none."""
    found = query.get(name, "")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 19 else None


def words(form: QueryDict, name: str, *, most: int = 5000) -> list[str]:
    """Words with blanks, commas, semicolons or line breaks between them, each once, in their order."""
    return list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text(form, name, most=most)))))


def choices(rows: Iterable[tuple[Any, Any]], *, first: str | Promise | None = None) -> list[tuple[Any, Any]]:
    """What a field of choices shows; `first` is what stands for none of them."""
    return [*([("", first)] if first is not None else []), *rows]
