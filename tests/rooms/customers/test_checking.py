"""Checking people and addresses, offline."""

import msgspec
import pytest

from orderwright.customers.checking import BadAddress, BadContact, address_problems, check_address, check_customer, e164
from orderwright.customers.drafting import AddressDraft, CustomerDraft

BERLIN = AddressDraft(name="Ada", street="Unter den Linden 1", postal_code="10117", city="Berlin", country="DE")
WASHINGTON = AddressDraft(
    street="1600 Pennsylvania Ave NW", postal_code="20500", city="Washington", region="DC", country="US"
)


def changed(draft: AddressDraft, **fields: str) -> AddressDraft:
    return msgspec.structs.replace(draft, **fields)


def test_a_right_address_stays_as_it_is():
    assert check_address(BERLIN) == BERLIN
    assert check_address(WASHINGTON) == WASHINGTON


@pytest.mark.parametrize(
    ("draft", "problems"),
    [
        (changed(BERLIN, street="", city=""), [("street", "required"), ("city", "required")]),
        (changed(BERLIN, postal_code="1011"), [("postal_code", "malformed")]),
        (changed(BERLIN, postal_code="10117<script>"), [("postal_code", "malformed")]),
        (changed(BERLIN, country="XX"), [("country", "unknown")]),
        (changed(BERLIN, country="ZZ"), [("country", "unknown")]),
        (changed(BERLIN, country="d/"), [("country", "unknown")]),
        (changed(BERLIN, country=""), [("country", "required")]),
        (changed(BERLIN, phone="what?"), [("phone", "malformed")]),
        (changed(BERLIN, name="A\x00da"), [("name", "unprintable")]),
        (changed(WASHINGTON, region="Narnia"), [("region", "unknown")]),
        (changed(WASHINGTON, region=""), [("region", "required")]),
        (changed(WASHINGTON, region="CA"), [("postal_code", "elsewhere")]),
    ],
)
def test_a_wrong_address_is_refused_by_the_names_of_its_fields(draft, problems):
    with pytest.raises(BadAddress) as refused:
        check_address(draft, within="ship_to")

    assert refused.value.facts["problems"] == [{"field": f"ship_to/{f}", "problem": p} for f, p in problems]
    assert refused.value.facts["fields"] == ", ".join(f"ship_to/{f}" for f, _ in problems)


def test_what_can_be_put_into_form_is():
    draft = AddressDraft(
        street=" 10 Downing Street\nFlat 2 ", postal_code="sw1a 2aa", city="London", country="gb", phone="020 7946 0958"
    )

    checked = check_address(draft)

    assert checked.street == "10 Downing Street\nFlat 2"
    assert checked.postal_code == "SW1A 2AA"
    assert checked.country == "GB"
    assert checked.phone == "+442079460958"
    assert check_address(changed(WASHINGTON, region="district of columbia")).region == "DC"


def test_an_address_that_came_with_a_file_may_lack_anything():
    assert check_address(AddressDraft(), strict=False) == AddressDraft()
    assert check_address(AddressDraft(country="fr"), strict=False).country == "FR"
    assert check_address(changed(BERLIN, postal_code="?", phone="?"), strict=False).phone == "?"
    with pytest.raises(BadAddress):
        check_address(changed(BERLIN, city="\x00"), strict=False)


@pytest.mark.parametrize("country", ["FR", "GB", "JP", "BR", "IE", "AE", "CN", "HK", "SG", "KR", "AQ"])
def test_every_country_has_rules(country):
    _checked, problems = address_problems(AddressDraft(country=country))

    assert ("country", "unknown") not in problems


@pytest.mark.parametrize(
    ("number", "country", "kept"),
    [
        ("030 123456", "DE", "+4930123456"),
        ("+44 20 7946 0958", "", "+442079460958"),
        ("", "DE", ""),
        ("  ", "DE", ""),
        ("030 123456", "", None),
        ("1", "DE", None),
        ("1" * 30, "DE", None),
        ("030 123456", "XX", None),
    ],
)
def test_telephone_numbers_are_read_by_country(number, country, kept):
    assert e164(number, country) == kept


def test_a_customer_is_kept_in_lower_case_with_a_number_that_can_be_dialed():
    draft = CustomerDraft(email=" Ada@Example.ORG", name=" Ada ", phone="030 123456")

    checked = check_customer(draft, country="DE")

    assert checked == CustomerDraft(email="ada@example.org", name="Ada", phone="+4930123456")


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.org", "a b@example.org", "ada@example", "a@b@example.org"])
def test_what_is_no_email_address_is_refused(email):
    with pytest.raises(BadContact) as refused:
        check_customer(CustomerDraft(email=email), within="customer")

    assert refused.value.facts["problems"] == [{"field": "customer/email", "problem": "malformed"}]
    assert email not in str(refused.value)
