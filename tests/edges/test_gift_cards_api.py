"""/v1/gift-cards and /v1/customers/{id}/credit."""

import pytest

from orderwright.credits import queries
from orderwright.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(browser):
    """Calls the API as somebody who may do everything."""

    def called(verb, address, body=None, *, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        if verb == "get":
            return browser.get(address)
        return browser.post(address, body, content_type="application/json", headers=headers)

    return called


def test_a_card_is_issued_once_and_its_code_told_once(call):
    body = {"amount": "50.00", "currency": "EUR", "expires_on": "2099-12-31"}

    first = call("post", "/v1/gift-cards", body, key="k-1")
    again = call("post", "/v1/gift-cards", body, key="k-1")

    assert first.status_code == again.status_code == 201
    code = first.json().pop("code")
    assert queries.card_of(code).id == first.json()["id"]
    assert again.json() == first.json() | {"code": None}
    assert first.json() | {"code": None} == {
        "id": first.json()["id"], "last_four": code[-4:], "currency": "EUR", "state": "active", "issued": "50.00",
        "available": "50.00", "held": "0.00", "spent": "0.00", "expires_on": "2099-12-31",
        "created_at": first.json()["created_at"], "code": None,
    }  # fmt: skip


def test_cards_are_listed_disabled_and_followed(call):
    ids = [call("post", "/v1/gift-cards", {"amount": "5.00", "currency": "EUR"}).json()["id"] for _ in range(3)]

    page = call("get", "/v1/gift-cards?limit=2").json()
    rest = call("get", f"/v1/gift-cards?limit=2&after={page['next']}").json()
    assert [one["id"] for one in page["items"] + rest["items"]] == ids[::-1]

    assert call("post", f"/v1/gift-cards/{ids[0]}/disable", {}).json()["state"] == "disabled"
    assert call("post", f"/v1/gift-cards/{ids[0]}/enable", {}).json()["state"] == "active"
    (moved,) = call("get", f"/v1/gift-cards/{ids[0]}/history").json()
    assert (moved["kind"], moved["amount"], moved["order"]) == ("credit.issued", "5.00", None)
    assert call("get", "/v1/gift-cards/999999").status_code == 404


def test_a_customers_credit_goes_up_and_down_and_never_below_nothing(call):
    customer = Customer.objects.create(email="ada@example.org")
    address = f"/v1/customers/{customer.pk}/credit"
    assert call("get", address).json() == {"customer": customer.pk, "credits": []}

    call("post", address, {"amount": "12.00", "currency": "EUR", "reason": "goodwill"})
    less = call("post", address, {"amount": "-2.00", "currency": "EUR"})

    assert less.json()["credits"] == [
        {"currency": "EUR", "state": "active", "available": "10.00", "held": "0.00", "spent": "0.00"}
    ]
    refused = call("post", address, {"amount": "-10.01", "currency": "EUR"})
    assert (refused.status_code, refused.json()["code"]) == (409, "more_than_available")
    assert call("post", address, {"amount": "-1.00", "currency": "USD"}).status_code == 409
    assert call("post", address, {"amount": "0.00", "currency": "EUR"}).status_code == 422
    assert call("post", "/v1/customers/999999/credit", {"amount": "1.00", "currency": "EUR"}).status_code == 404
