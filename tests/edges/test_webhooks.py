"""Webhooks over HTTP: made, edited by who has seen the newest version, shown without secrets, paused, replayed."""

import pytest
from builders import a_shelf, an_order
from django.test import Client
from receivers import Behaviour, receiver
from shelves import happened, wait_for_the_log
from standardwebhooks.webhooks import Webhook

from orderwright.kernel.models import Event, RememberedAnswer
from orderwright.webhooks.models import Delivery, Endpoint, Secret
from orderwright.webhooks.sending import send_all

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db(transaction=True)

HERE = {"url": "https://example.com/hook", "kinds": ["order.*"], "owner_email": "owner@example.com"}


def post(browser: Client, path: str, body: object = None, **headers: str):
    return browser.post(f"/v1/webhooks{path}", body or {}, content_type="application/json", headers=headers)


def test_what_was_made_is_read_again_and_its_secret_is_shown_once(browser):
    made = post(browser, "", HERE)

    webhook = made.json()
    secret = webhook.pop("secret")
    read = browser.get(f"/v1/webhooks/{webhook['id']}")
    assert made.status_code == 201
    assert secret.startswith("whsec_")
    assert (read.json(), read["ETag"]) == (webhook, '"1"')
    assert webhook["secrets"][0]["hint"] == secret[:10] + "…"
    assert {name: webhook[name] for name in HERE} == HERE
    assert (webhook["state"], webhook["concurrency"]) == ("active", 8)
    assert browser.get("/v1/webhooks").json() == {"items": [webhook], "next": None}
    assert secret not in read.content.decode()


def test_neither_secret_nor_owner_is_remembered_under_a_key(browser):
    first = post(browser, "", HERE, **{"Idempotency-Key": "k"})

    again = post(browser, "", HERE, **{"Idempotency-Key": "k"})

    assert again.json() == first.json() | {"secret": None}
    assert Endpoint.objects.count() == 1
    assert RememberedAnswer.objects.get().answer == f'{{"id":{first.json()["id"]}}}'
    assert all("example.com" not in str(facts) for facts in Event.objects.values_list("facts", flat=True))


def test_an_edit_needs_the_newest_version(browser):
    path = f"/v1/webhooks/{post(browser, '', HERE).json()['id']}"

    def edit(tag: str):
        return browser.patch(
            path, {"kinds": ["order.placed"]}, content_type="application/json", headers={"If-Match": tag}
        )

    edited, stale = edit('"1"'), edit('"1"')

    assert (edited.status_code, edited.json()["kinds"], edited["ETag"]) == (200, ["order.placed"], '"2"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert happened() == ["key.issued", "webhook.created", "webhook.edited"]


def test_what_was_deleted_is_gone_with_its_secrets(browser):
    path = f"/{post(browser, '', HERE).json()['id']}"

    deleted = browser.delete(f"/v1/webhooks{path}")

    assert deleted.status_code == 204
    assert browser.get(f"/v1/webhooks{path}").json()["code"] == "not_found"
    assert post(browser, f"{path}/resume").status_code == 404
    assert not Secret.objects.exists()
    assert Endpoint.objects.values_list("url", "owner_email").get() == ("", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://user:word@example.com/",
        "https://user@example.com/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://localhost/",
        "https://a.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://168.63.129.16/",
        "https://192.168.1.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1%25eth0]/",
        "https://[ff02::1]/",
        "https://[fec0::1]/",
        "https://192.0.0.192/",
        "https://192.88.99.1/",
        "https://example.com:22/",
        "https://example.com:25/",
        "https://example.com:99999/",
        "https://example.com/#part",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: inside",
        "https:///",
        "https://..",
        "//example.com/",
        "example.com",
        "https://bücher.example/",
    ],
)
def test_addresses_that_must_not_be_called_are_refused(browser, url):
    answer = post(browser, "", {**HERE, "url": url})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_webhook_address")
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": []},
        {"kinds": ["order"]},
        {"kinds": ["*.placed"]},
        {"kinds": ["Order.placed"]},
        {"kinds": ["order.*"] * 101},
        {"owner_email": "nobody"},
        {"concurrency": 0},
        {"concurrency": 65},
        {"secret": "whsec_short"},
        {"secret": "whsec_" + "A" * 95},
        {"color": "red"},
    ],
)
def test_what_cannot_be_is_a_problem(browser, wrong):
    assert post(browser, "", {**HERE, **wrong}).status_code == 422
    assert not Endpoint.objects.exists()


def test_scopes(browser, issue):
    path = f"/{post(browser, '', HERE).json()['id']}"
    reader = Client(headers={"Authorization": f"Bearer {issue('webhooks:read').token}"})
    stranger = Client(headers={"Authorization": f"Bearer {issue('orders:read').token}"})

    assert stranger.get("/v1/webhooks").json()["scope"] == "webhooks:read"
    assert reader.get(f"/v1/webhooks{path}/health").status_code == 200
    for action in ("pause", "resume", "ping", "replay", "rotate-secret"):
        assert post(reader, f"{path}/{action}").json()["scope"] == "webhooks:write"
    assert happened().count("webhook.paused") == 0


def test_a_ping_its_log_and_its_resending(browser, receiver):
    made = post(browser, "", {"url": receiver.url + "/hook", "kinds": ["order.placed"]}).json()
    path = f"/{made['id']}"
    receiver.plans["/hook"] = [Behaviour(500, {"X-Request-Id": "r1", "Set-Cookie": "s=1"}, b"oh" * 3000)]

    pinged = post(browser, f"{path}/ping")
    wait_for_the_log()
    send_all()
    delivery = f"/v1/webhooks{path}/deliveries/{pinged.json()['delivery']}"
    waiting = browser.get(delivery).json()
    resent = post(browser, f"{path}/deliveries/{pinged.json()['delivery']}/resend")
    send_all()
    delivered = browser.get(delivery).json()

    assert (pinged.status_code, resent.status_code) == (202, 202)
    assert (waiting["state"], delivered["state"], delivered["tries"]) == ("waiting", "delivered", 2)
    assert [(one["outcome"], one["status"]) for one in delivered["attempts"]] == [("refused", 500), ("delivered", 204)]
    assert delivered["attempts"][0]["answer"] == "oh" * 1000
    sent = receiver.messages[0].headers
    assert delivered["attempts"][0]["request_headers"] == {
        name: sent[name] for name in ("content-type", "user-agent", "webhook-id", "webhook-timestamp")
    }
    assert delivered["attempts"][0]["headers"]["x-request-id"] == "r1"
    assert "set-cookie" not in delivered["attempts"][0]["headers"]
    assert [message.headers["webhook-id"] for message in receiver.messages] == [delivered["message"]["id"]] * 2
    assert receiver.messages[0].document == delivered["message"]["body"]
    assert Webhook(made["secret"]).verify(receiver.messages[1].body, receiver.messages[1].headers)


def test_deliveries_are_listed_newest_first_and_filtered(browser, receiver):
    webhook = post(browser, "", {"url": receiver.url + "/hook", "kinds": ["order.placed", "stock.*"]}).json()["id"]
    a_shelf("BERLIN", "TEE", 5)
    number = an_order().with_line("TEE", 1).placed().number
    wait_for_the_log()
    send_all()
    path = f"/v1/webhooks/{webhook}/deliveries"

    first = browser.get(path, {"limit": 1}).json()
    second = browser.get(path, {"limit": 1, "after": first["next"]}).json()

    kinds = [delivery["kind"] for delivery in browser.get(path).json()["items"]]
    assert sorted(set(kinds)) == ["order.placed", "stock.received"]
    assert [first["items"][0]["kind"], second["items"][0]["kind"]] == kinds[:2]
    (placed,) = browser.get(path, {"order": number}).json()["items"]
    assert (placed["kind"], placed["order"], placed["place_in_order"]) == ("order.placed", number, 1)
    assert len(browser.get(path, {"state": "delivered"}).json()["items"]) == len(kinds)
    assert browser.get(path, {"state": "failed"}).json()["items"] == []
    assert browser.get(path, {"order": "nowhere"}).json()["items"] == []
    assert browser.get(path, {"kind": "order.placed", "event": placed["event_id"]}).json()["items"] == [placed]


def test_health_tells_what_waits_and_since_when_it_fails(browser, receiver):
    webhook = post(browser, "", {"url": receiver.url + "/hook", "kinds": ["stock.received"]}).json()["id"]
    receiver.always["/hook"] = Behaviour(500)
    a_shelf("BERLIN", "TEE", 5)
    wait_for_the_log()
    send_all()

    failing = browser.get(f"/v1/webhooks/{webhook}/health").json()
    receiver.always.clear()
    delivery = Delivery.objects.get().pk
    post(browser, f"/{webhook}/deliveries/{delivery}/resend")
    send_all()
    well = browser.get(f"/v1/webhooks/{webhook}/health").json()

    assert (failing["waiting"], failing["failures"], failing["last_problem"]) == (1, 1, "HTTP 500")
    assert failing["failing_since"] is not None
    assert 0 < failing["lag_seconds"] < 60
    assert (well["waiting"], well["failed"], well["failing_since"], well["lag_seconds"]) == (0, 0, None, 0)
    assert well["last_problem"] == ""
