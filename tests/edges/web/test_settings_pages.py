"""The settings: each change done, refused and forbidden; secrets shown once; and the list of what people did."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from builders import a_channel, a_location, a_shelf, an_order
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from people import PASSWORD, a_person

from orderwright.catalog.models import Channel
from orderwright.cli.drawing import module_names
from orderwright.fulfilment.models import Terms
from orderwright.inventory.models import Location
from orderwright.kernel.models import Event
from orderwright.notifications.switching import switches
from orderwright.shipping.models import DeliveryOption
from orderwright.staff.keys import client_for, forget_remembered
from orderwright.staff.models import ApiKey, User
from orderwright.web.acts import NOUNS, SENTENCES
from orderwright.webhooks.models import Delivery, Endpoint, Secret

pytestmark = pytest.mark.django_db

Desk = Callable[..., Client]
NEW_PASSWORD = "a lake behind seven hills"


def text_of(answer: Any) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def then(client: Client, answer: Any) -> str:
    """What the page says to which an answer leads on."""
    return text_of(client.get(answer["Location"]))


def acts() -> list[str]:
    """The kinds of what people did, in order."""
    return list(Event.objects.filter(actor__startswith="staff:").order_by("id").values_list("kind", flat=True))


def test_the_index_shows_what_one_may_see(desk: Desk) -> None:
    owner, operations = (text_of(desk(role).get("/desk/settings")) for role in ("owner", "operations"))

    assert "API keys" in owner
    assert "People and roles" in owner
    assert "API keys" not in operations
    assert "What people did" in operations
    assert desk("warehouse").get("/desk/settings").status_code == 403


@pytest.mark.parametrize("page", ["shop", "taxes", "payments", "letters", "webhooks", "people", "audit", "delivery"])
def test_each_page_says_where_it_is(desk: Desk, page: str) -> None:
    a_channel()

    answer = desk().get(f"/desk/settings/{page}")

    assert answer.status_code == 200
    assert answer.content.decode().count('aria-current="page"') == 2  # in the menu, and in the list of settings


def test_ways_out_are_named_without_their_passwords(desk: Desk, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://me:secret-word@mail.example:587"

    said = text_of(desk().get("/desk/settings/shop"))

    assert "How letters get out smtp ORDERWRIGHT_EMAIL_URL" in said
    assert "secret-word" not in said


PLACE = {"name": "Lyon", "city": "Lyon", "country": "fr", "time_zone": "Europe/Paris", "latitude": "45,76",
         "longitude": "4.83", "rank": "0", "active": "yes"}  # fmt: skip


def test_a_location_is_set_up_and_changed(desk: Desk) -> None:
    owner = desk()

    owner.post("/desk/settings/locations", PLACE | {"code": "LYON"})
    owner.post("/desk/settings/locations/LYON", {**PLACE, "name": "Lyon Est", "version": "1", "active": ""})

    lyon = Location.objects.get()
    assert (lyon.code, lyon.name, lyon.country, lyon.latitude, lyon.rank) == ("LYON", "Lyon Est", "FR", 45.76, 0)
    assert not lyon.active
    assert acts() == ["location.created", "location.edited"]


def test_who_comes_second_with_a_change_is_told(desk: Desk) -> None:
    owner = desk()
    owner.post("/desk/settings/locations", PLACE | {"code": "LYON"})
    owner.post("/desk/settings/locations/LYON", PLACE | {"name": "First", "version": "1"})

    answer = owner.post("/desk/settings/locations/LYON", PLACE | {"name": "Second", "version": "1"})

    assert answer.status_code == 412
    assert Location.objects.get().name == "First"


@pytest.mark.parametrize(
    "wrong",
    [{"code": "a b"}, {"code": ""}, {"name": ""}, {"country": "FRA"}, {"time_zone": "Mars"}, {"latitude": "north"}],
)
def test_what_is_no_location_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    answer = desk().post("/desk/settings/locations", PLACE | {"code": "LYON"} | wrong)

    assert answer.status_code == 422
    assert Location.objects.count() == 0
    assert acts() == []


TERMS = {"version": "0", "accepting": "asked", "orders_per_day": "40", "cut_off": "15:30", "weekdays": ["1", "2", "5"],
         "closed_on": "2026-12-25\n2026-12-26", "handling_days": "1"}  # fmt: skip


def test_a_location_gets_its_terms(desk: Desk) -> None:
    a_location("LYON")
    owner = desk()

    assert owner.post("/desk/settings/locations/LYON/terms", TERMS | {"weekdays": []}).status_code == 422
    assert owner.post("/desk/settings/locations/LYON/terms", TERMS | {"closed_on": "Christmas"}).status_code == 422
    assert desk("support").post("/desk/settings/locations/LYON/terms", TERMS).status_code == 403
    assert Terms.objects.count() == 0
    owner.post("/desk/settings/locations/LYON/terms", TERMS)

    terms = Terms.objects.get()
    assert (terms.orders_per_day, terms.weekdays, len(terms.closed_on)) == (40, [1, 2, 5], 2)
    assert "2026-12-25" in owner.get("/desk/settings/locations/LYON").content.decode()


WAY = {"name": "Standard", "countries": "de, at", "days_least": "0", "days_most": "3", "rank": "10", "active": "yes",
       "kind": "delivery", "price": "4,90", "free_from": "50", "currency": "eur"}  # fmt: skip


def test_a_way_of_delivery_is_set_up_and_changed(desk: Desk) -> None:
    owner = desk()

    owner.post("/desk/settings/delivery", WAY | {"code": "STANDARD"})
    owner.post("/desk/settings/delivery/STANDARD", WAY | {"price": "", "version": "1"})

    option = DeliveryOption.objects.get()
    assert (option.countries, option.days_least, option.price_minor, option.free_from_minor) == (
        ["AT", "DE"],
        0,
        None,
        5000,
    )
    assert acts() == ["option.created", "option.edited"]
    assert 'value="0"' in owner.get("/desk/settings/delivery/STANDARD").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"countries": "Germany"}, {"price": "free"}, {"price": "4.999"}, {"currency": ""}, {"days_least": "4"},
     {"kind": "teleport"}, {"kind": "pickup"}, {"cut_off": "noon"}, {"carrier": "nobody"}],
)  # fmt: skip
def test_what_is_no_way_of_delivery_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    answer = desk().post("/desk/settings/delivery", WAY | {"code": "STANDARD"} | wrong)

    assert answer.status_code == 422
    assert DeliveryOption.objects.count() == 0


def test_operations_do_not_change_prices_of_delivery(desk: Desk) -> None:
    assert desk("operations").post("/desk/settings/delivery", WAY | {"code": "STANDARD"}).status_code == 403
    assert DeliveryOption.objects.count() == 0


CHANNEL = {"name": "Shop", "sourcing": "nearest, ranked", "capture_when": "shipment", "unpaid_minutes": "90",
           "transfer_hours": "48",            "prices_include_tax": "yes", "active": "yes"}  # fmt: skip


def test_a_channel_is_opened_and_changed(desk: Desk) -> None:
    owner = desk()

    owner.post("/desk/settings/channels", CHANNEL | {"code": "shop", "currency": "eur", "number_prefix": "S-"})
    owner.post("/desk/settings/channels/shop", CHANNEL | {"name": "Web", "version": "1", "unpaid_minutes": ""})
    page = owner.get("/desk/settings/channels/shop").content.decode()

    channel = Channel.objects.get()
    assert (channel.name, channel.currency, channel.number_prefix, channel.sourcing) == (
        "Web", "EUR", "S-", ["nearest", "ranked"])  # fmt: skip
    assert channel.unpaid_expires_seconds is None
    assert channel.transfer_expires_seconds == 48 * 3600
    assert re.search(r'name="transfer_hours"[^>]*value="48"', page)
    assert owner.post("/desk/settings/channels/shop", CHANNEL | {"sourcing": "", "version": "2"}).status_code == 422


def test_a_key_is_shown_once_and_opens_nothing_once_revoked(desk: Desk) -> None:
    owner = desk()

    issued = owner.post("/desk/settings/keys", {"name": "Till", "scopes": ["orders:read"], "calls_per_minute": "60"})

    (token,) = re.findall(r"ow_[A-Za-z0-9_-]{43}", issued.content.decode())
    client = client_for(token)
    assert client is not None
    assert client.scopes == {"orders:read"}
    assert token not in owner.get("/desk/settings/keys").content.decode()

    owner.post(f"/desk/settings/keys/{client.id}/revoke")

    forget_remembered()
    assert client_for(token) is None
    assert acts() == ["key.issued", "key.revoked"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"scopes": []}, 422), ({"scopes": ["everything"]}, 422), ({"name": ""}, 422), ({"calls_per_minute": "0"}, 422)],
)
def test_what_is_no_key_is_refused(desk: Desk, wrong: dict[str, Any], status: int) -> None:
    asked = {"name": "Till", "scopes": ["orders:read"], "calls_per_minute": "60"} | wrong

    assert desk().post("/desk/settings/keys", asked).status_code == status
    assert ApiKey.objects.count() == 0


HOOK = {"url": "https://hooks.example/in", "kinds": "order.* stock.low", "description": "ERP", "owner_email": "",
        "concurrency": "4"}  # fmt: skip


def test_a_webhook_is_set_up_changed_paused_resumed_and_deleted(desk: Desk) -> None:
    owner = desk()
    created = owner.post("/desk/settings/webhooks", HOOK)
    endpoint, secret = Endpoint.objects.get(), Secret.objects.get().secret
    page = f"/desk/settings/webhooks/{endpoint.pk}"
    assert secret in created.content.decode()
    assert secret not in owner.get(page).content.decode()

    owner.post(page, HOOK | {"kinds": "*", "version": "1"})
    owner.post(f"{page}/do", {"do": "pause"})
    assert "Paused" in text_of(owner.get(page))
    owner.post(f"{page}/do", {"do": "resume"})
    rotated = owner.post(f"{page}/secret", {"overlap": "86400"})
    owner.post(f"{page}/do", {"do": "delete"})

    assert re.search(r"whsec_[A-Za-z0-9+/=]{20,}", rotated.content.decode())
    assert owner.get(page).status_code == 404
    assert acts() == ["webhook.created", "webhook.edited", "webhook.paused", "webhook.resumed",
                      "webhook.secret_rotated", "webhook.deleted"]  # fmt: skip


def test_a_webhook_is_tried_out_and_its_delivery_is_shown(desk: Desk) -> None:
    owner = desk()
    owner.post("/desk/settings/webhooks", HOOK)
    page = f"/desk/settings/webhooks/{Endpoint.objects.get().pk}"

    answer = owner.post(f"{page}/do", {"do": "ping"})

    delivery = Delivery.objects.get()
    assert answer["Location"] == f"{page}/deliveries/{delivery.pk}"
    said = text_of(owner.get(answer["Location"]))
    assert "webhook.pinged" in said
    assert "It was not tried yet." in said
    assert f"{delivery.pk}" in text_of(owner.get(page, {"state": "waiting"}))
    assert "There are no such deliveries." in text_of(owner.get(page, {"state": "failed"}))
    assert desk("operations").post(f"{page}/deliveries/{delivery.pk}/resend").status_code == 303
    assert desk("finance").post(f"{page}/deliveries/{delivery.pk}/resend").status_code == 403


def test_a_webhook_inside_our_own_network_is_refused(desk: Desk) -> None:
    assert desk().post("/desk/settings/webhooks", HOOK | {"url": "http://169.254.169.254/"}).status_code == 422
    assert Endpoint.objects.count() == 0


def test_a_span_of_time_is_told_again(desk: Desk) -> None:
    owner = desk()
    owner.post("/desk/settings/webhooks", HOOK)
    page = f"/desk/settings/webhooks/{Endpoint.objects.get().pk}"

    assert owner.post(f"{page}/do", {"do": "replay", "since": "yesterday"}).status_code == 422
    answer = owner.post(f"{page}/do", {"do": "replay", "since": "2020-01-01T00:00"})

    assert "0 events are told again." in then(owner, answer)


def test_a_kind_of_letter_is_switched_off(desk: Desk) -> None:
    owner = desk()

    assert desk("finance").post("/desk/settings/letters", {"kind": "shipped", "channel": "email"}).status_code == 403
    assert switches()["shipped", "email"]
    owner.post("/desk/settings/letters", {"kind": "shipped", "channel": "email", "on": "no"})

    assert not switches()["shipped", "email"]
    assert Event.objects.get(kind="letter.switched").facts == {"kind": "shipped", "channel": "email", "on": False}
    assert owner.post("/desk/settings/letters", {"kind": "shipped", "channel": "pigeon"}).status_code == 422


def test_a_letter_is_shown_by_an_example_and_tried(desk: Desk) -> None:
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 1).paid_by("recorded").placed()
    owner = desk()

    said = text_of(owner.get("/desk/settings/letters/order_confirmed"))
    frame = owner.get("/desk/settings/letters/order_confirmed/html", {"order": order.row.number, "language": "de"})
    tried = owner.post("/desk/settings/letters/order_confirmed", {"order": order.row.number, "to": "me@shop.example"})

    assert order.row.number in said
    assert "sandbox" in frame["Content-Security-Policy"]
    assert "script-src" not in frame["Content-Security-Policy"]
    assert "Tee" in frame.content.decode()
    assert "mailbox took the letter: kept" in then(owner, tried)
    assert "me@shop.example" not in tried["Location"]


def test_a_letter_that_nothing_tells_of_says_so(desk: Desk) -> None:
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 1).placed()

    said = text_of(desk().get("/desk/settings/letters/refunded", {"order": order.row.number}))

    assert "Choose another order." in said
    assert desk().get("/desk/settings/letters/nothing").status_code == 404
    assert desk().post("/desk/settings/letters/shipped", {"order": "1", "to": "nobody"}).status_code == 422


MIA = {"email": "Mia@Shop.example", "name": "Mia", "role": "warehouse", "password": NEW_PASSWORD}


def test_somebody_is_let_in_given_a_role_let_go_and_taken_back(desk: Desk) -> None:
    owner = desk()
    owner.post("/desk/settings/people", MIA)
    mia = User.objects.get(email="mia@shop.example")
    page = f"/desk/settings/people/{mia.pk}"

    owner.post(page, {"do": "role", "role": "finance"})
    owner.post(page, {"do": "let_go"})
    owner.post(page, {"do": "take_back"})
    owner.post(page, {"do": "password", "password": "another lake behind hills"})

    mia.refresh_from_db()
    assert (mia.role, mia.is_active) == ("finance", True)
    assert mia.check_password("another lake behind hills")
    assert acts() == ["person.admitted", "person.role_changed", "person.account_closed",
                      "person.account_reopened", "person.password_changed"]  # fmt: skip


def test_only_an_owner_lets_people_in(desk: Desk) -> None:
    assert desk("operations").get("/desk/settings/people").status_code == 200
    assert desk("operations").post("/desk/settings/people", MIA).status_code == 403
    assert desk("operations").post(f"/desk/settings/people/{a_person().pk}", {"do": "let_go"}).status_code == 403
    assert User.objects.filter(is_active=False).count() == 0


def test_the_last_owner_stays(desk: Desk) -> None:
    owner = desk()

    assert owner.post(f"/desk/settings/people/{a_person().pk}", {"do": "let_go"}).status_code == 409
    assert owner.post("/desk/settings/people", MIA | {"password": "short"}).status_code == 422
    assert User.objects.count() == 1
    assert acts() == []


def test_one_works_under_another_name_in_another_zone(desk: Desk) -> None:
    client = desk("warehouse")

    asked = {"do": "ways", "name": "Mika", "language": "de", "time_zone": "Asia/Tokyo"}
    client.post("/desk/me", asked)

    mika = a_person("warehouse")
    assert (mika.first_name, mika.language, mika.time_zone) == ("Mika", "de", "Asia/Tokyo")
    assert client.post("/desk/me", asked | {"time_zone": "Moon"}).status_code == 422


def test_a_password_is_changed_by_who_knows_the_present_one(desk: Desk) -> None:
    client, other = desk("warehouse"), desk("warehouse")
    new = {"do": "password", "password": NEW_PASSWORD, "again": NEW_PASSWORD}

    assert client.post("/desk/me", new | {"present": "wrong"}).status_code == 422
    assert client.post("/desk/me", new | {"present": PASSWORD, "again": "another"}).status_code == 422
    assert a_person("warehouse").check_password(PASSWORD)
    client.post("/desk/me", new | {"present": PASSWORD})

    assert a_person("warehouse").check_password(NEW_PASSWORD)
    assert client.get("/desk/me").status_code == 200
    assert other.get("/desk/me").status_code == 303


def test_wrong_passwords_are_tried_five_times_at_most(desk: Desk) -> None:
    client = desk("warehouse")
    new = {"do": "password", "password": NEW_PASSWORD, "again": NEW_PASSWORD}

    statuses = [client.post("/desk/me", new | {"present": "wrong"}).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]
    assert client.post("/desk/me", new | {"present": PASSWORD}).status_code == 429


def test_one_signs_out_everywhere(desk: Desk) -> None:
    client, other = desk("warehouse"), desk("warehouse")

    assert client.post("/desk/me", {"do": "everywhere", "present": "wrong"}).status_code == 422
    client.post("/desk/me", {"do": "everywhere", "present": PASSWORD})

    assert [one.get("/desk/me").status_code for one in (client, other)] == [303, 303]
    assert a_person("warehouse").check_password(PASSWORD)


def test_what_people_did_is_listed_and_narrowed(desk: Desk) -> None:
    a_shelf("BERLIN", "TEE", 10)
    owner, clerk = desk("owner"), desk("warehouse")
    clerk.post("/desk/stock/TEE/receive", {"location": "BERLIN", "quantity": "5", "reason": "purchase"})
    owner.post("/desk/settings/locations", PLACE | {"code": "LYON"})

    def listed(**narrowed: object) -> list[str]:
        said = text_of(owner.get("/desk/settings/audit", narrowed))
        return re.findall(r"(?:Owner|Warehouse) (?:received stock: TEE|set up a location: LYON)", said)

    did = ["Owner set up a location: LYON", "Warehouse received stock: TEE"]
    assert listed() == did
    assert listed(person=a_person("warehouse").pk) == did[1:]
    assert listed(about="location") == did[:1]
    assert listed(day="2020-01-01") == []
    assert listed(before=Event.objects.get(kind="location.created").pk) == did[1:]


def test_acts_are_found_without_reading_all_events(desk: Desk) -> None:
    for person in (None, 7):
        with CaptureQueriesContext(connection) as asked:
            desk().get("/desk/settings/audit", {"person": person} if person else {})
        (statement,) = [one["sql"] for one in asked if "FROM event" in one["sql"]]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + statement)
            plan = " ".join(row[0] for row in cursor.fetchall())
        assert "event_acts_of" in plan if person else "event_acts" in plan


def test_statements_of_the_list_of_acts_do_not_depend_on_their_number(desk: Desk) -> None:
    owner = desk()
    owner.post("/desk/settings/locations", PLACE | {"code": "A"})
    with CaptureQueriesContext(connection) as one:
        owner.get("/desk/settings/audit")
    for number in range(8):
        owner.post("/desk/settings/locations", PLACE | {"code": f"A{number}"})

    with CaptureQueriesContext(connection) as many:
        owner.get("/desk/settings/audit")

    assert len(many) == len(one)


def test_words_for_acts_are_of_things_that_can_happen() -> None:
    kinds = {kind for name in module_names() if name.endswith(".happenings") for kind in import_module(name).KINDS}

    assert SENTENCES.keys() <= kinds
    assert {kind.partition(".")[0] for kind in SENTENCES} - NOUNS.keys() <= {"category", "kit"}
