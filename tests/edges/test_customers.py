"""Customers over HTTP: read, edited, exported, and forgotten so that no later dump or log holds the person."""

import json
import logging
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from shops import a_draft, open_shop, placed

from orderwright.catalog.models import Channel
from orderwright.channels.models import Import, Inbound
from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.customers.keeping import keep_addresses, keep_customers
from orderwright.customers.models import Address, Customer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.flows.place_orders import Request, place_orders
from orderwright.kernel import actors
from orderwright.kernel.models import Event, RememberedAnswer
from orderwright.runtime.backups import connection as plain_url
from orderwright.runtime.backups import server_major
from orderwright.runtime.binaries import client_program
from orderwright.staff import keys

CLERK = actors.system("test")
JSON = "application/json"

# Every word by which the person could be found again; none of them appears anywhere else in the shop.
WORDS = ("lovelace", "ockham", "kt11", "surrey", "20794609", "difference-engine", "byron", "4711-ada")


def a_customer(email: str = "ada@example.org", **more: str) -> int:
    (customer_id,) = keep_customers([("web", CustomerDraft(email=email, **more))])
    return customer_id


def send(browser: Client, customer_id: int, body: object, version: int | None) -> tuple[int, Any]:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    answer = browser.patch(f"/v1/customers/{customer_id}", body, content_type=JSON, headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_customers_are_listed_and_found(browser: Client) -> None:
    ids = [a_customer(f"{i}@example.org", reference=f"r{i}") for i in range(3)]

    first = browser.get("/v1/customers", {"limit": 2}).json()
    second = browser.get("/v1/customers", {"limit": 2, "after": first["next"]}).json()
    by_email = browser.get("/v1/customers", {"email": "1@EXAMPLE.org"}).json()
    by_reference = browser.get("/v1/customers", {"reference": "web:r2"}).json()

    assert [row["id"] for row in first["items"] + second["items"]] == ids
    assert second["next"] is None
    assert [row["id"] for row in by_email["items"]] == [ids[1]]
    assert [row["id"] for row in by_reference["items"]] == [ids[2]]
    assert browser.get("/v1/customers/999999").status_code == 404


@pytest.mark.django_db
def test_a_customer_is_edited_and_the_event_names_fields_only(browser: Client) -> None:
    customer_id = a_customer(name="Ada", phone="no number of today's rules")

    answer = browser.get(f"/v1/customers/{customer_id}")
    status, edited = send(browser, customer_id, {"email": "ADA@lovelace.example", "name": "Ada L."}, 1)

    assert answer["ETag"] == '"1"'
    assert (status, edited["email"], edited["name"], edited["version"]) == (200, "ada@lovelace.example", "Ada L.", 2)
    assert edited["phone"] == "no number of today's rules"
    (event,) = Event.objects.filter(kind="customer.changed")
    assert event.facts == {"customer": customer_id, "fields": ["email", "name"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "version", "status", "code"),
    [
        ({"name": "x"}, None, 428, "version_needed"),
        ({"name": "x"}, 9, 412, "stale"),
        ({"email": "other@example.org"}, 1, 409, "email_taken"),
        ({"email": "nobody"}, 1, 422, "bad_contact"),
        ({"phone": "12"}, 1, 422, "bad_contact"),
        ({"name": "a\u0007"}, 1, 422, "bad_contact"),
        ({"forgotten_at": None}, 1, 422, "invalid_fields"),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing(
    browser: Client, body: object, version: int | None, status: int, code: str
) -> None:
    a_customer("other@example.org")
    customer_id = a_customer()
    before = list(Customer.objects.order_by("pk").values())

    answered, problem = send(browser, customer_id, body, version)

    assert (answered, problem["code"]) == (status, code)
    assert list(Customer.objects.order_by("pk").values()) == before
    assert not Event.objects.filter(kind="customer.changed").exists()


@pytest.mark.django_db
def test_a_person_gets_all_that_is_known_of_them(browser: Client) -> None:
    open_shop()
    order = placed(a_draft({"TEA": 1}))
    placed(a_draft({"TEA": 2}))
    placed(a_draft({"TEA": 1}, email="someone@example.org"))
    note_orders([WriteNote(order, "Rings twice")], actor=CLERK)
    customer = Customer.objects.get(email="ada@example.org")

    export = browser.get(f"/v1/customers/{customer.pk}/export").json()

    assert export["customer"]["email"] == "ada@example.org"
    assert [row["street"] for row in export["addresses"]] == ["Kai 1"]
    assert [(row["total"], row["notes"]) for row in export["orders"]] == [("4.99", ["Rings twice"]), ("9.98", [])]


@pytest.mark.django_db
def test_who_still_waits_for_goods_is_not_forgotten(browser: Client) -> None:
    open_shop()
    placed(a_draft({"TEA": 1}))
    customer = Customer.objects.get()

    answer = browser.post(f"/v1/customers/{customer.pk}/forget")

    assert (answer.status_code, answer.json()["code"], answer.json()["numbers"]) == (409, "orders_open", "W-1")
    assert Customer.objects.get().email == "ada@example.org"
    assert Address.objects.filter(street="Kai 1").exists()


@pytest.mark.django_db
def test_the_forgotten_are_new_when_they_come_again(browser: Client) -> None:
    customer_id = a_customer(name="Ada")
    keep_addresses([(customer_id, AddressDraft(name="Ada", city="London", country="GB", latitude=51.5))])

    first = browser.post(f"/v1/customers/{customer_id}/forget")
    again = browser.post(f"/v1/customers/{customer_id}/forget")

    assert (first.status_code, list(first.json())) == (200, ["id", "forgotten_at"])
    assert again.json() == first.json()
    assert Event.objects.filter(kind="customer.forgotten").count() == 1
    address = Address.objects.get()
    assert (address.name, address.city, address.country, address.latitude) == ("", "", "GB", None)
    assert a_customer() != customer_id
    assert send(browser, customer_id, {"name": "Ada"}, 2)[1]["code"] == "customer_forgotten"
    assert browser.post("/v1/customers/999999/forget").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_made_later_holds_the_person(
    issue: Callable[..., keys.Issued], caplog: pytest.LogCaptureFixture
) -> None:
    customer_id = _a_life_of_a_customer()
    browser = Client(headers={"Authorization": f"Bearer {issue().token}"})
    assert [word for word in WORDS if word not in _dump()] == []  # the dump would show it
    _talked_about(browser, customer_id)
    caplog.clear()
    caplog.set_level(logging.DEBUG)

    answer = browser.post(f"/v1/customers/{customer_id}/forget", headers={"Idempotency-Key": "forget-1"})
    known = [browser.get(f"/v1/customers/{customer_id}{path}") for path in ("", "/export")]
    order = browser.get("/v1/orders/W-1")

    assert answer.status_code == 200, answer.content
    dump = _dump()
    heard = caplog.text + "".join(said.content.decode() for said in (answer, *known, order))
    assert [word for word in WORDS if word in dump] == []
    assert [word for word in WORDS if word in heard.lower()] == []
    assert Inbound.objects.get(line_number=9).raw == {"Customer ID": "17", "Quantity": "17850"}  # of somebody else


def _a_life_of_a_customer() -> int:
    """A customer who ordered, paid, was written about, canceled; and whose lines of a file are kept raw."""
    open_shop()
    person = CustomerDraft(email="ada@lovelace.example", name="Ada Lovelace", phone="+442079460958", reference="17850")
    home = AddressDraft(
        name="Ada Lovelace", company="Difference-Engine Ltd", street="1 Ockham Park", postal_code="KT11 1AA",
        city="Cobham", region="Surrey", country="GB", phone="+442079460958",
    )  # fmt: skip
    draft = a_draft({"TEA": 1}, note="Miss Byron rings twice", reference="4711")
    orders = [
        placed(_changed(draft, customer=person, ship_to=home, bill_to=home)),
        placed(_changed(draft, customer=person, ship_to=home, reference="4712")),
    ]
    short = _changed(draft, customer=person, ship_to=home, lines=a_draft({"TEA": 500}).lines, reference="4713")
    place_orders([Request(short, CLERK, client_id=1, key="order-1", fingerprint=b"1")])
    note_orders([WriteNote(orders[0], "Née Byron; ask for Miss Lovelace")], actor=CLERK)
    hold_orders([PutHold(orders[1], "address", "Is there an Ockham in Surrey?")], actor=CLERK)
    mark_received([Received(orders[0], reference="A. LOVELACE 4711-ADA")], actor=CLERK)
    cancel_orders([Cancel(order, "customer_request") for order in orders], actor=CLERK)
    customer = Customer.objects.get(email="ada@lovelace.example")
    run = Import.objects.create(channel=Channel.objects.get(code="web"), format="csv", source="x", fingerprint="x")
    for number, (reference, raw) in enumerate(
        [
            ("C1", {"E-Mail": "Ada@Lovelace.example", "Street": "1 Ockham Park"}),
            ("C2", {"Customer ID": "17850", "Name": "A. Lovelace"}),
            ("4711", {"Words": "for Miss Byron, Surrey"}),
            ("C3", {"Customer ID": "17", "Quantity": "17850"}),
        ],
        start=6,
    ):
        Inbound.objects.create(run=run, outcome="refused", reference=reference, line_number=number, raw=raw)
    return customer.pk


def _changed(draft: Any, **fields: object) -> Any:
    return type(draft)(**{name: getattr(draft, name) for name in draft.__struct_fields__} | fields)


def _talked_about(browser: Client, customer_id: int) -> None:
    """Requests before the forgetting, whose answers are remembered."""
    note = {"text": "Lovelace was here"}
    told = browser.post("/v1/orders/W-1/note", note, content_type=JSON, headers={"Idempotency-Key": "note-1"})
    assert told.status_code < 300, told.content
    assert RememberedAnswer.objects.filter(key__in=["order-1", "note-1"]).count() == 2
    send(browser, customer_id, {"name": "Ada King, née Lovelace"}, 1)


def _dump() -> str:
    """The whole database of the test as pg_dump writes it, in lower case."""
    chosen = settings.DATABASES["default"]
    who = f"{quote(chosen['USER'])}:{quote(chosen['PASSWORD'])}@" if chosen["USER"] else ""
    socket_folder = chosen["HOST"].startswith("/")
    place_ = "" if socket_folder else chosen["HOST"] + (f":{chosen['PORT']}" if chosen["PORT"] else "")
    query = f"?host={quote(chosen['HOST'])}&port={chosen['PORT']}" if socket_folder else ""
    url, environment = plain_url(f"postgresql://{who}{place_}/{chosen['NAME']}{query}")
    program = client_program("pg_dump", server_major(f"postgresql://{who}{place_}/{chosen['NAME']}{query}"))
    done = subprocess.run(
        [str(program), "--data-only", f"--dbname={url}"], capture_output=True, text=True, env=environment, check=True
    )
    return json.dumps(done.stdout, ensure_ascii=False).lower()
