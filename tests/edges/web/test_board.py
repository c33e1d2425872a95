"""The board shows what is so, to each as far as the role goes, at a cost that does not grow with the shop."""

import re
from datetime import timedelta

import pytest
from builders import CLERK, a_location, a_shelf, a_sku, an_order, place_all
from django.db import connection
from django.test.utils import CaptureQueriesContext
from people import signed_in
from shelves import wait_for_the_log

from orderwright.exceptions.models import Case
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import clock
from orderwright.orders import backlog
from orderwright.orders.latest import latest
from orderwright.staff.roles import ROLES, Role
from orderwright.takings.counting import count
from orderwright.web import navigation

pytestmark = pytest.mark.django_db(transaction=True)  # the log shows what is committed

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", price="10.00", when_short="backorder")
    a_location("BERLIN")
    a_shelf("BERLIN", "TEE", 100)


def board(role="owner", **headers):
    wait_for_the_log()
    answer = signed_in(role).get("/desk", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def figure(page, name):
    """The value of a figure, and the words below it."""
    (found,) = re.findall(rf'id="figure-{name}".*?</a>', page, re.DOTALL)
    value, words = (
        re.search(rf'class="figure-{part}[^"]*">(.*?)</span>', found).group(1) for part in ("value", "words")
    )
    return value, words


def cells(page, stage):
    """How many orders of a stage there are: all, and by age."""
    (row,) = re.findall(rf'<tr id="stage-{stage}">.*?</tr>', page, re.DOTALL)
    return [re.sub("<[^>]+>", "", cell) for cell in re.findall(r'<td class="number[^"]*">(.*?)</td>', row, re.DOTALL)][
        :5
    ]


def test_what_was_sold_today_is_there_before_and_after_it_is_counted():
    place_all([an_order().with_line("TEE", 2) for _ in range(3)])

    before = board()
    count()
    after = board()

    assert figure(before, "orders")[0] == figure(after, "orders")[0] == "3"
    assert figure(before, "sold")[0] == figure(after, "sold")[0] == "€60.00"


def test_what_is_canceled_today_is_told_beside_what_was_sold():
    with clock.at(clock.now() - timedelta(days=3)):
        old = an_order().with_line("TEE", 5).placed()
    place_all([an_order().with_line("TEE", 2)])
    cancel_orders([Cancel(old.id, "customer_request")], actor=CLERK)

    value, words = figure(board(), "sold")

    assert value == "€20.00"
    assert "€50.00 canceled" in words


def test_a_week_ago_is_counted_to_the_same_hour():
    now = clock.now().replace(hour=12)
    for ago in (timedelta(days=7, seconds=30), timedelta(days=6, hours=23, minutes=59), timedelta()):
        with clock.at(now - ago):
            an_order().with_line("TEE").placed()

    with clock.at(now):
        value, words = figure(board(), "orders")

    assert value == "1"
    assert words.split()[0] == "1"


def test_orders_wait_in_stages_and_ages():
    with clock.at(clock.now() - timedelta(days=2)):
        an_order().with_line("TEE").placed()
    with clock.at(clock.now() - timedelta(days=8)):
        held = an_order().with_line("TEE").placed()
    hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
    released = an_order().with_line("TEE").placed()
    release_orders([Release(released.id)], actor=CLERK)

    page = board()

    assert cells(page, "ready") == ["1", "–", "1", "–", "–"]
    assert cells(page, "on_hold") == ["1", "–", "–", "–", "1"]
    assert cells(page, "in_work") == ["1", "1", "–", "–", "–"]
    assert 'href="/desk/orders?status=on_hold&amp;age=7d"' in page


def test_more_than_are_counted_are_told_as_more(monkeypatch):
    monkeypatch.setattr(backlog, "MOST", 2)
    place_all([an_order().with_line("TEE") for _ in range(4)])

    assert cells(board(), "ready")[:2] == ["2+", "2+"]


def test_units_that_are_waited_for_are_short():
    an_order().with_line("TEE", 110).but(when_short="backorder").placed()

    assert figure(board(), "short") == ("10", "1 line waits for them")


def test_htmx_gets_only_what_moves():
    part = board(**{"HX-Request": "true"})

    assert part.lstrip().startswith('<div id="board"')
    assert "<html" not in part


def test_somebody_in_the_warehouse_sees_no_money():
    an_order().with_line("TEE", 2).placed()

    page = board("warehouse")

    assert "20.00" not in page
    assert "€" not in page
    assert figure(page, "orders")[0] == "1"


def test_the_latest_events_are_told_in_words_the_newest_first():
    order = an_order().with_line("TEE").placed()
    release_orders([Release(order.id)], actor=CLERK)

    page = board()

    assert page.index("Released</span>") < page.index("Placed</span>")
    assert [one.kind for one in latest(10, without=("tender.", "promise."))] == ["order.released", "order.placed"]


def test_a_number_of_statements_that_does_not_depend_on_how_much_there_is():
    client = signed_in()
    an_order().with_line("TEE").placed()
    wait_for_the_log()
    client.get("/desk", headers=HTMX)

    with CaptureQueriesContext(connection) as few:
        client.get("/desk", headers=HTMX)
    place_all([an_order().with_line("TEE") for _ in range(20)])
    wait_for_the_log()
    with CaptureQueriesContext(connection) as many:
        client.get("/desk", headers=HTMX)

    assert len(few) == len(many) < 30


BADGE = re.compile(r'<span class="menu-badge" id="menu-badge"([^>]*)>(\d+\+?)<')


def test_the_menu_says_how_many_exceptions_stand_to_those_who_may_see_them(monkeypatch):
    late = place_all([an_order().with_line("TEE").paid_by("bank_transfer") for _ in range(3)])
    cases = [
        Case(
            kind="late_to_leave", subject=f"{n}", order_id=one.id, since=clock.now(), appeared_at=clock.now(), facts={}
        )
        for n, one in enumerate(late)
    ]
    before = signed_in().get("/desk/orders").content.decode()
    Case.objects.bulk_create(cases)

    pages = {role: signed_in(role).get("/desk/orders").content.decode() for role in ("owner", "warehouse")}
    part = signed_in().get("/desk", headers=HTMX).content.decode()
    list_part = signed_in().get("/desk/orders", headers=HTMX).content.decode()
    monkeypatch.setattr(navigation, "MOST", 2)
    many = signed_in().get("/desk/orders").content.decode()

    assert BADGE.findall(before) == [(" hidden", "0")]
    assert BADGE.findall(pages["owner"]) == BADGE.findall(pages["warehouse"]) == [("", "3")]
    assert BADGE.findall(part) == [(' hx-swap-oob="true"', "3")]
    assert BADGE.findall(list_part) == []
    assert BADGE.findall(many) == [("", "2+")]


def test_who_sees_no_exceptions_has_no_badge(monkeypatch):
    nobody = Role("Nobody", "Sees orders.", frozenset({"orders:read"}))
    monkeypatch.setitem(ROLES, "warehouse", nobody)

    assert BADGE.findall(signed_in("warehouse").get("/desk/orders").content.decode()) == []
