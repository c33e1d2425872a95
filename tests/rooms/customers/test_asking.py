"""Asking for an address: each country's own fields, in its own order, under its own names."""

import pytest

from orderwright.customers.asking import countries, fields_of
from orderwright.customers.checking import address_problems
from orderwright.customers.drafting import AddressDraft


def names(country):
    return [field.name for field in fields_of(country)]


def test_the_name_comes_first_and_the_rest_as_people_write_it_there():
    assert names("DE") == ["name", "company", "street", "postal_code", "city"]
    assert names("US") == ["name", "company", "street", "city", "region", "postal_code"]
    assert names("JP") == ["name", "postal_code", "region", "street", "company"]


def test_fields_have_the_names_that_they_have_there():
    labels = {field.name: str(field.label) for field in fields_of("US")}
    assert (labels["postal_code"], labels["region"]) == ("ZIP code", "State")
    assert {str(field.label) for field in fields_of("IE")} >= {"Eircode", "County"}


def test_a_list_of_regions_names_each_once():
    (region,) = (field for field in fields_of("HK") if field.name == "region")

    assert [code for code, _label in region.choices] == ["Kowloon", "Hong Kong Island", "New Territories"]


def test_no_letter_of_a_pattern_is_taken_for_a_field():
    assert names("CH") == ["name", "company", "street", "postal_code", "city"]  # which writes CH- before the code


@pytest.mark.parametrize("language", ["en", "de"])
def test_all_countries_can_be_asked_for_and_what_is_needed_there_is_asked(language):
    found = countries(language)

    assert len(found) > 200
    assert [name for _code, name in found] == sorted((name for _code, name in found), key=str.casefold)
    for code, _name in found:
        asked = {field.name for field in fields_of(code) if field.required} | {"country"}
        _draft, problems = address_problems(AddressDraft(country=code))
        assert {one.field for one in problems if one.problem == "required"} <= asked, code
