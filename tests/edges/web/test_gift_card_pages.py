"""Gift cards on the desk: issued with codes that are shown once, found, followed and disabled; customers' credit."""

import re
from html import unescape

import pytest
from builders import CLERK, a_channel
from django.db import transaction

from orderwright.credits import codes, queries
from orderwright.credits.issuing import NewCard, issue_cards
from orderwright.customers.models import Customer

pytestmark = pytest.mark.django_db

NEW = {"amount": "25.00", "currency": "EUR", "count": "2", "expires_on": ""}


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_channel("web")


def read(answer):
    return " ".join(unescape(answer.content.decode()).split())


@transaction.atomic
def a_card():
    (card,) = issue_cards([NewCard(5000, "EUR")], actor=CLERK)
    return card


def test_cards_are_issued_and_their_codes_shown_once(desk):
    client = desk("finance")

    assert client.post("/desk/gift-cards", NEW).status_code == 303
    said = read(client.get("/desk/gift-cards"))

    found = re.findall(r'<li class="mono">([^<]+)</li>', said)
    assert [queries.card_of(code).available for code in found] == [2500, 2500]
    again = read(client.get("/desk/gift-cards"))
    assert all(code not in again for code in found)
    assert again.count("€25.00") == 4


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "x"},
        {"amount": "-5"},
        {"currency": "ZZZ"},
        {"count": "0"},
        {"count": "101"},
        {"expires_on": "1.1."},
        {"expires_on": "2001-01-01"},
    ],
)
def test_what_cannot_be_issued_is_refused(desk, change):
    answer = desk("finance").post("/desk/gift-cards", NEW | change)

    assert answer.status_code == 422
    assert queries.cards(limit=9) == []


def test_a_card_is_found_followed_disabled_and_enabled(desk):
    card, client = a_card(), desk("support")

    assert f"…{card.code[-4:]}" in read(client.get("/desk/gift-cards", {"q": codes.written(card.code)}))
    assert "No gift card here" in read(client.get("/desk/gift-cards", {"q": "____"}))
    assert "Issued" in read(client.get(f"/desk/gift-cards/{card.account}"))

    client.post(f"/desk/gift-cards/{card.account}/switch", {"do": "disable"})
    assert queries.card(card.account).state == "disabled"

    client.post(f"/desk/gift-cards/{card.account}/switch", {"do": "enable"})
    assert queries.card(card.account).state == "active"


def test_who_only_reads_issues_nothing(desk):
    assert desk("read_only").post("/desk/gift-cards", NEW).status_code == 403
    assert desk("warehouse").get("/desk/gift-cards").status_code == 403
    assert queries.cards(limit=9) == []


def test_a_customers_credit_is_given_and_taken_back(desk):
    customer, client = Customer.objects.create(email="ada@example.org"), desk("support")
    address = f"/desk/customers/{customer.pk}/credit"

    client.post(address, {"amount": "12,50", "currency": "eur", "reason": "goodwill", "do": "give"})
    client.post(address, {"amount": "2.50", "currency": "EUR", "do": "withdraw"})
    refused = client.post(address, {"amount": "10.01", "currency": "EUR", "do": "withdraw"})

    assert refused.status_code == 409
    (credit,) = queries.credits_of([customer.pk])[customer.pk]
    assert (credit.available, credit.currency) == (1000, "EUR")


def test_pressing_twice_issues_and_gives_once(desk):
    client, ada = desk("finance"), Customer.objects.create(email="ada@example.org", name="Ada")
    page = client.get("/desk/gift-cards").content.decode()
    form = NEW | {"once": re.search(r'name="once" value="([^"]+)"', page)[1]}

    refused = client.post("/desk/gift-cards", form | {"count": "0"}).status_code
    pressed = [client.post("/desk/gift-cards", form).status_code for _press in range(2)]

    assert (refused, pressed) == (422, [303, 409])
    assert len(queries.cards(limit=10)) == 2

    page = client.get(f"/desk/customers/{ada.pk}").content.decode()
    form = {"amount": "5", "currency": "EUR", "once": re.search(r'name="once" value="([^"]+)"', page)[1]}
    pressed = [client.post(f"/desk/customers/{ada.pk}/credit", form).status_code for _press in range(2)]

    assert pressed == [303, 409]
    assert [one.available for one in queries.credits_of([ada.pk])[ada.pk]] == [500]
