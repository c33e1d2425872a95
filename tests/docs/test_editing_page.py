"""docs/editing.md names refusals that are there, and its Python does what the page says."""

import re
from pathlib import Path

import httpx
import pytest
from builders import a_shelf, an_order

from orderwright.kernel import actors
from orderwright.staff import keys
from orderwright.wsgi import application

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "editing.md").read_text(encoding="utf-8")


def test_every_refusal_that_it_names_is_there() -> None:
    known = (DOCS / "refusals.md").read_text(encoding="utf-8")

    named = re.findall(r"\(`([a-z_]+)`\)", PAGE)

    assert named == ["changed_meanwhile", "already_with_warehouse", "too_late_to_readdress"]
    assert [code for code in named if f"`{code}`" not in known] == []


@pytest.mark.django_db(transaction=True)
def test_the_example_runs() -> None:
    keys.forget_remembered()
    a_shelf("BERLIN", "TEE", 5)
    a_shelf("BERLIN", "MUG", 5)
    placed = an_order().with_line("TEE", 2, "10.00").placed()
    token = keys.issue("tests", ["orders:write"], actor=actors.system("tests")).token
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with httpx.Client(
        transport=httpx.WSGITransport(app=application),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {token}"},
        event_hooks={"response": [lambda answer: answer.raise_for_status()]},
    ) as shop:
        known = {"shop": shop, "order": placed.number}
        exec(compile(example, "docs/editing.md", "exec"), known)

    assert known["seen"].json() == known["done"].json()
    assert (known["done"].json()["total_before"], known["done"].json()["total"]) == ("20.00", "18.00")
