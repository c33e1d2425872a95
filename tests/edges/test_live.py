"""What the browsers of people who work here hear: that something happened, while they are signed in and may see it."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from django.db import transaction
from people import PASSWORD, a_person

from orderwright.kernel import actors
from orderwright.kernel.events import Happening, record
from orderwright.staff.models import User

pytestmark = pytest.mark.django_db(transaction=True)

ACTOR = actors.system("tests")


def happen(*kinds: str) -> None:
    with transaction.atomic():
        record([Happening(kind, ACTOR, {"email": "grace@example.com"}) for kind in kinds])


@pytest.fixture
def arrive(address: str) -> Iterator[Callable[..., httpx.Client]]:
    """Opens a browser and signs somebody of a role in: `arrive("warehouse")`; an owner, else."""
    with contextlib.ExitStack() as opened:

        def sign_in(role: str = "owner") -> httpx.Client:
            browser = opened.enter_context(httpx.Client(base_url=address, timeout=60))
            words = {"email": a_person(role).email, "password": PASSWORD, "csrfmiddlewaretoken": token(browser)}
            assert browser.post("/sign-in", data=words).status_code == 303
            return browser

        yield sign_in


def token(browser: httpx.Client) -> str:
    found = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/sign-in").text)
    assert found
    return found[1]


@contextlib.contextmanager
def following(browser: httpx.Client, query: str = "") -> Iterator[Iterator[str]]:
    """The lines of a stream that a browser opened."""
    with browser.stream("GET", f"/desk/live{query}") as got:
        assert got.status_code == 200
        assert got.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = got.iter_lines()
        assert [next(lines), next(lines)] == ["retry: 1000", ""]
        yield lines


def heard(lines: Iterator[str], until: str) -> dict[str, Any]:
    """The pieces, put together, until one names this kind."""
    kinds: set[str] = set()
    for line in lines:
        assert "example.com" not in line
        if line.startswith("data: "):
            told = msgspec.json.decode(line[6:])
            kinds.update(told["kinds"])
            if until in kinds:
                return {"kinds": kinds, "orders": told["orders"]}
    raise AssertionError("the stream ended")


def test_tells_what_kinds_of_things_happen_and_nothing_of_them(arrive: Callable[..., httpx.Client]) -> None:
    with following(arrive("warehouse")) as lines:
        happen("stock.received", "order.placed")

        told = heard(lines, "order.placed")

    assert told["orders"] == []
    assert {"stock.received", "order.placed"} <= told["kinds"]


def test_who_signs_out_hears_nothing_more(arrive: Callable[..., httpx.Client]) -> None:
    browser = arrive()
    with following(browser) as lines:
        browser.post("/sign-out", data={"csrfmiddlewaretoken": token(browser)})

        assert "event: ended" in list(lines)


def test_who_is_let_go_hears_nothing_more(arrive: Callable[..., httpx.Client]) -> None:
    with following(arrive("support")) as lines:
        User.objects.filter(pk=a_person("support").pk).update(is_active=False)

        assert "event: ended" in list(lines)


@pytest.mark.parametrize("cookies", [{}, {"sessionid": "rubbish"}, {"sessionid": ""}])
def test_a_stranger_is_refused(address: str, cookies: dict[str, str]) -> None:
    answer = httpx.get(f"{address}/desk/live", cookies=cookies)

    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize("order", ["x", "%FF", "9" * 30])
def test_what_is_no_order_is_refused(arrive: Callable[..., httpx.Client], order: str) -> None:
    answer = arrive().get(f"/desk/live?order={order}")

    assert answer.status_code == 404
