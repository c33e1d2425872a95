"""docs/letters.md and docs/integrating/messages.md name what is there, and their Python runs."""

import inspect
import re
from pathlib import Path

import httpx
import pytest
from letterbox import an_eventful_order
from shelves import wait_for_the_log

from orderwright import settings as settings_module
from orderwright.customers.models import Customer
from orderwright.kernel import actors
from orderwright.notifications.kinds import KINDS
from orderwright.notifications.models import Letter
from orderwright.notifications.ports import Messenger
from orderwright.notifications.sending import follow_and_send
from orderwright.staff import keys
from orderwright.wsgi import application

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "letters.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "integrating" / "messages.md").read_text(encoding="utf-8")


def test_every_kind_is_named() -> None:
    table = PAGE.split("## Kinds")[1].split("\n## ")[0]

    assert set(re.findall(r"`([a-z_]+)`", table.split("A letter is rendered")[0])) == set(KINDS)


def test_every_setting_is_named_and_there() -> None:
    source = Path(settings_module.__file__).read_text(encoding="utf-8")
    letters = source.split("# Letters:")[1].split("IDEMPOTENCY")[0]

    named = set(re.findall(r"`(ORDERWRIGHT_[A-Z_]+)`", GUIDE)) - {"ORDERWRIGHT_SECRET_KEY"}
    assert named == set(re.findall(r"ORDERWRIGHT_[A-Z_]+", letters))


def test_the_guide_names_every_method_of_the_port() -> None:
    methods = [name for name, _ in inspect.getmembers(Messenger, inspect.isfunction) if not name.startswith("_")]

    assert [name for name in methods if f"`{name}(" not in GUIDE] == []


@pytest.mark.django_db(transaction=True)
def test_the_examples_run() -> None:
    keys.forget_remembered()
    placed = an_eventful_order("en")
    wait_for_the_log()
    follow_and_send()
    token = keys.issue("tests", ["letters:read", "letters:write"], actor=actors.system("tests")).token
    examples = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    with httpx.Client(
        transport=httpx.WSGITransport(app=application),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {token}"},
        event_hooks={"response": [lambda answer: answer.raise_for_status()]},
    ) as shop:
        known = {"shop": shop, "order": placed.number, "customer": Customer.objects.get().pk}
        exec(compile(examples, "docs/letters.md", "exec"), known)

    assert known["preview"]["subject"] == "Ihre Bestellung 1 ist bestätigt"
    assert known["letter"]["html"]
    assert Letter.objects.filter(copy=1).count() == 1
