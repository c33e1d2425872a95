"""Each figure of the board opens a list that has exactly as many rows: one meaning for each word."""

import re
from datetime import UTC, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from builders import CLERK, a_location, a_shelf, a_sku, an_order, place_all
from people import signed_in
from shelves import wait_for_the_log

from orderwright.exceptions.sweeping import sweep
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.keep_promises import follow
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import clock
from orderwright.lists import _branches
from orderwright.staff.models import User

pytestmark = pytest.mark.django_db(transaction=True)  # the log shows what is committed

ORDER = re.compile(r'<a data-row href="/desk/orders/[^"]+"')
CASE = re.compile(r'id="case-\d+"')
WAITED = re.compile(r'class="waits">([\d,]+)<')


@pytest.fixture
def shop():
    """Orders of all ages: late, to leave today, packed, held, not paid, short; and what needs somebody."""
    a_sku("TEE", price="10.00", when_short="backorder")
    a_location("BERLIN", time_zone="Europe/Berlin")
    a_shelf("BERLIN", "TEE", 12)
    now = clock.now()
    with clock.at(now - timedelta(days=5)):
        released = place_all([an_order().with_line("TEE") for _ in range(4)])
        release_orders([Release(one.id) for one in released], actor=CLERK)
        follow()
    with clock.at(now - timedelta(days=2)):
        held, unpaid = (
            an_order().with_line("TEE").placed(),
            an_order().with_line("TEE").paid_by("bank_transfer").placed(),
        )
        hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
        assert unpaid.status == "unpaid"
    prepare_shipments([Prepare(f"{released[0].number}-F1")], actor=CLERK)
    today = place_all([an_order().with_line("TEE") for _ in range(2)])
    release_orders([Release(today[0].id)], actor=CLERK)
    an_order().with_line("TEE", 9).but(when_short="backorder").placed()
    follow()
    sweep()
    wait_for_the_log()


def length_of(client, url):
    """How many rows there are behind a link of the board."""
    page = client.get(url)
    assert page.status_code == 200, url
    found = page.content.decode()
    if url.startswith("/desk/orders"):
        (said,) = re.findall(r'role="status"><strong>([\d,]+)\+?</strong>', found)
        assert int(said) == len(ORDER.findall(found)), url
        return int(said)
    if url.startswith("/desk/stock"):
        return sum(map(int, WAITED.findall(found)))
    return len(CASE.findall(found))


def figures(client):
    """The board's figures: a name, the number, and where it leads."""
    page = client.get("/desk").content.decode()
    found = re.findall(r'id="figure-([a-z]+)" href="([^"]+)".*?figure-value">([^<]*)<', page)
    of_stages = [
        ("stage", url, number)
        for url, number in re.findall(r'<td class="number"><a href="(/desk/orders\?status=[^"]+)">([\d,]+)<', page)
    ]
    of_channels = [
        ("channel", url, number)
        for url, number in re.findall(r'<th scope="row"><a href="(/desk/orders\?placed=[^"]+)">.*?number">(\d+)<', page)
    ]
    of_kinds = [
        ("kind", url, number)
        for url, number in re.findall(r'href="(/desk/exceptions\?kind=[^"]+)">.*?kind-count">(\d+)<', page)
    ]
    return [(name, unescape(url), number) for name, url, number in [*found, *of_stages, *of_channels, *of_kinds]]


@pytest.mark.parametrize("role", ["owner", "warehouse"])
def test_each_figure_opens_a_list_of_so_many(shop, role):
    client = signed_in(role)
    found = [one for one in figures(client) if one[0] != "sold"]
    numbers = {name: int(number) for name, _url, number in found}

    lengths = [(name, url, length_of(client, url)) for name, url, _number in found]

    assert lengths == [(name, url, int(number)) for name, url, number in found]
    assert (numbers["late"], numbers["packed"], numbers["orders"]) == (4, 1, 3)
    assert {"today", "unpaid", "short", "exceptions", "stage", "channel", "kind"} <= numbers.keys()
    assert numbers["short"] > 0


def test_late_means_the_same_however_many_are_late(shop, monkeypatch):
    client = signed_in()
    few = [length_of(client, f"/desk/orders?{asked}") for asked in ("late=missed", "late=today", "q=is:packed")]

    monkeypatch.setattr(_branches, "MORE", 0)
    monkeypatch.setattr(_branches, "FEW", 0)

    many = [length_of(client, f"/desk/orders?{asked}") for asked in ("late=missed", "late=today", "q=is:packed")]
    assert many == few
    assert few[0] == 4


def test_today_is_the_day_of_whoever_looks(shop):
    client = signed_in()
    User.objects.update(time_zone="Pacific/Auckland")
    there = clock.now().astimezone(ZoneInfo("Pacific/Auckland")) + timedelta(days=2)
    midnight = there.replace(hour=0, minute=30).astimezone(UTC)  # half past, two days on: behind all other orders
    with clock.at(midnight):
        an_order().with_line("TEE").but(when_short="backorder").placed()
    with clock.at(midnight - timedelta(hours=2)):
        an_order().with_line("TEE").but(when_short="backorder").placed()
    wait_for_the_log()

    with clock.at(midnight + timedelta(minutes=30)):
        (today,) = [one for one in figures(client) if one[0] == "orders"]

        assert length_of(client, today[1]) == int(today[2]) == 1
