"""Stories of endpoints that are told what happens, by real requests to a real server."""

import base64
from datetime import timedelta

import pytest
from builders import CLERK, a_shelf, an_order
from receivers import Behaviour, Receiver, receiver  # noqa: F401
from shelves import wait_for_the_log
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from orderwright.flows.audit import audit
from orderwright.kernel import clock, feed
from orderwright.orders.telling import described
from orderwright.webhooks.auditing import CHECKS
from orderwright.webhooks.editing import Wish, create_webhook
from orderwright.webhooks.models import Attempt, Delivery, Endpoint
from orderwright.webhooks.sending import send_all

pytestmark = pytest.mark.django_db(transaction=True)


def endpoint(url: str, *kinds: str, **more: object) -> int:
    return create_webhook(Wish(url=url, kinds=kinds or ("*",), **more), actor=CLERK)[0].pk


def send() -> int:
    wait_for_the_log()
    return send_all()


def clean() -> None:
    assert [(finding.check.name, finding.examples) for finding in audit(CHECKS) if finding.wrong] == []


def test_an_event_is_told_as_the_feed_shows_it_and_signed(receiver):
    _webhook, secret = create_webhook(Wish(url=receiver.url + "/hook", kinds=["order.placed"]), actor=CLERK)
    a_shelf("BERLIN", "TEE", 5)
    an_order().with_line("TEE", 2).placed()

    made = send()

    (message,) = receiver.messages
    told = feed.read(kinds=["order.placed"])[0]
    assert made == 1
    assert Webhook(secret).verify(message.body, message.headers)["type"] == "order.placed"
    assert message.headers["content-type"] == "application/json"
    assert message.document["data"]["facts"] == told.facts
    assert message.document["data"]["order"] == described([told])[0]["order"]
    assert message.document["data"]["cursor"] == told.cursor
    assert message.headers["webhook-id"].startswith(f"msg_1_{told.id}_")
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(b"another secret altogether")).verify(message.body, message.headers)
    clean()
