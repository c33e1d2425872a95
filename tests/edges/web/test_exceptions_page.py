"""Exceptions on a page: found, taken over, noted and repaired where they are read; and what cleared."""

import re

import pytest
from builders import a_location, a_shelf, a_sku, an_order
from exceptional import at, stand
from people import a_person, signed_in

from orderwright.exceptions import queries
from orderwright.exceptions.finding import KINDS
from orderwright.web.exception_words import TITLES

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
DAY = 24


@pytest.fixture
def waiting():
    """An order that could have gone to the warehouse two days ago; the clock is there, for the length of the test."""
    a_sku("TEE", price="10.00")
    a_location("BERLIN")
    a_shelf("BERLIN", "TEE", 10)
    with at():
        order = an_order().with_line("TEE", 2).placed()
    with at(2 * DAY):
        (one,) = stand("not_released")
        yield order, one


def page(query="", role="owner"):
    answer = signed_in(role).get("/desk/exceptions" + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_kind_has_a_name():
    assert set(TITLES) == set(KINDS)


def test_the_queue_tells_cause_next_step_order_and_what_repairs_it(waiting):
    order, one = waiting

    found = page()

    assert f"Order {order.number} could go to the warehouse, with 2 units, and nobody has released it." in found
    assert "Release it, or put a hold on it that says why it waits." in found
    assert f'href="/desk/orders/{order.number}"' in found
    assert f'action="/desk/exceptions/{one.id}/repair"' in found


def test_a_repair_is_answered_in_place_and_the_case_is_gone(waiting):
    order, one = waiting

    answer = signed_in().post(f"/desk/exceptions/{one.id}/repair", {"choice": "release"}, headers=HTMX)

    assert answer.status_code == 200
    assert "Done, and cleared." in answer.content.decode()
    assert order.status == "in_work"
    assert "Nothing needs you" in page()
    assert "Just before: Released, by Owner." in page("?cleared=1")


def words_on(client, one):
    """The words that the forms of a case bear: of its first repair, and of its note."""
    found = client.get("/desk/exceptions").content.decode()
    return re.findall(rf'name="once" value="([^"]+-{one.id}-(?:release|note))"', found)


def test_pressing_twice_repairs_and_notes_once(waiting):
    order, one = waiting
    client = signed_in()
    repair, note = words_on(client, one)
    noted, repaired = {"note": "Berlin looks for it.", "once": note}, {"choice": "release", "once": repair}
    care, right = f"/desk/exceptions/{one.id}/care", f"/desk/exceptions/{one.id}/repair"

    answers = [client.post(url, form).status_code for url, form in ((care, noted), (right, repaired))]
    again = [client.post(url, form) for url, form in ((care, noted), (right, repaired))]

    assert answers == [303, 303]
    assert [answer.status_code for answer in again] == [409, 409]
    assert all("This was done already" in answer.content.decode() for answer in again)
    assert queries.one(one.id).version == one.version + 1
    assert order.status == "in_work"


def test_who_was_refused_may_press_again(waiting):
    order, one = waiting
    client = signed_in()
    word, _note = words_on(client, one)

    refused = client.post(f"/desk/exceptions/{one.id}/repair", {"choice": "burn", "once": word})
    done = client.post(f"/desk/exceptions/{one.id}/repair", {"choice": "release", "once": word})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert order.status == "in_work"


def test_each_case_of_a_page_bears_words_of_its_own(waiting):
    _order, _one = waiting
    with at():
        an_order().with_line("TEE", 1).placed()
    with at(2 * DAY):
        both = stand("not_released")
        client = signed_in()
        words = {case.id: words_on(client, case)[0] for case in both}

        for case in both:
            said = client.post(
                f"/desk/exceptions/{case.id}/repair", {"choice": "release", "once": words[case.id]}, headers=HTMX
            )
            assert said.status_code == 200

    assert len(both) == 2


def test_without_script_a_repair_leads_back_to_the_queue(waiting):
    _order, one = waiting

    answer = signed_in().post(f"/desk/exceptions/{one.id}/repair", {"choice": "release"})

    assert (answer.status_code, answer["Location"]) == (303, "/desk/exceptions")


def test_a_repair_that_is_refused_says_why_and_changes_nothing(waiting):
    order, one = waiting

    answer = signed_in().post(f"/desk/exceptions/{one.id}/repair", {"choice": "burn"}, headers=HTMX)

    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#toasts"
    assert order.status == "ready"


def test_somebody_takes_it_and_writes_a_note(waiting):
    _order, one = waiting
    client = signed_in("support")

    client.post(f"/desk/exceptions/{one.id}/care", {"owner": "Support", "version": one.version}, headers=HTMX)
    note = {"note": "Berlin looks for it.", "version": one.version + 1}
    answer = client.post(f"/desk/exceptions/{one.id}/care", note, headers=HTMX)

    seen = queries.one(one.id)
    assert (seen.owner, seen.note) == ("Support", "Berlin looks for it.")
    assert "Berlin looks for it." in answer.content.decode()


def test_who_comes_second_is_told_and_overwrites_nothing(waiting):
    _order, one = waiting
    a_person("support")
    signed_in().post(f"/desk/exceptions/{one.id}/care", {"owner": "Owner", "version": one.version})

    answer = signed_in("support").post(
        f"/desk/exceptions/{one.id}/care", {"owner": "Support", "version": one.version}, headers=HTMX
    )

    assert answer.status_code in (409, 412)
    assert queries.one(one.id).owner == "Owner"


def test_nobody_is_made_an_owner_who_does_not_work_here(waiting):
    _order, one = waiting

    answer = signed_in().post(f"/desk/exceptions/{one.id}/care", {"owner": "Somebody else"}, headers=HTMX)

    assert answer.status_code == 422
    assert queries.one(one.id).owner == ""


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?kind=not_released", True),
        ("?kind=parcel_lost", False),
        ("?kind=rubbish", True),
        ("?owner=nobody", True),
        ("?owner=me", False),
        ("?age=1d", True),
        ("?age=7d", False),
        ("?cleared=1", False),
        ("?after=rubbish", True),
    ],
)
def test_by_kind_owner_and_age(waiting, query, shown):
    _order, one = waiting

    assert (f'id="case-{one.id}"' in page(query)) is shown


def test_who_only_reads_is_offered_nothing_to_press(waiting):
    _order, one = waiting

    assert "/repair" not in page(role="read_only")
    assert signed_in("read_only").post(f"/desk/exceptions/{one.id}/repair", {}).status_code == 403
