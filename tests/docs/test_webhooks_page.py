"""docs/webhooks.md says what is so: its examples are run, in order, and its message is of the shape that is sent."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from builders import a_shelf, an_order
from receivers import receiver
from shelves import wait_for_the_log

from orderwright.api.app import api
from orderwright.api.events import EventOut
from orderwright.kernel import actors
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES
from orderwright.webhooks.sending import send_all
from orderwright.wsgi import application

__all__ = ["receiver"]

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


@pytest.mark.django_db(transaction=True)
def test_the_examples_are_right(receiver):
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    token = keys.issue("page", list(SCOPES), actor=actors.system("tests")).token
    transport = httpx.WSGITransport(app=application)
    names: dict[str, Any] = {"receiver": receiver.url + "/hook"}
    assert len(examples) == 3

    with httpx.Client(transport=transport, base_url="http://testserver", headers=bearer(token)) as shop:
        names["shop"] = shop
        for example in examples:
            exec(compile(example, "docs/webhooks.md", "exec"), names)
            a_shelf("BERLIN", "TEE", 1)
            an_order().with_line("TEE", 1).placed()
            wait_for_the_log()
            send_all()
            message = receiver.messages[0]
            names["request"] = SimpleNamespace(body=message.body, headers=message.headers)

    assert [message.kind for message in receiver.messages][:2] == ["webhook.pinged", "order.placed"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_message_has_the_fields_of_an_event():
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    assert set(json.loads(shown)["data"]) == set(EventOut.model_fields)


def test_every_address_of_webhooks_is_named():
    named = {re.sub(r"\{[a-z]+\}", "{}", path) for path in re.findall(r"/v1/webhooks[a-z0-9/{}_-]*", PAGE)}
    paths = {
        re.sub(r"\{[a-z]+\}", "{}", path)
        for path in api.get_openapi_schema()["paths"]
        if path.startswith("/v1/webhooks")
    }

    assert named == paths
