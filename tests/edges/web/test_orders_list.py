"""The list of orders, its views, acts on many of them, and the pages of customers."""

import json
import re
from html import unescape

import pytest
from builders import CLERK, a_shelf, an_order, place_all
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import clock
from orderwright.lists import running
from orderwright.lists.models import Run, View
from orderwright.notifications.models import Letter
from orderwright.orders.models import Note, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders():
    a_shelf("BERLIN", "TEE", 1000)
    return place_all(
        [an_order().with_line("TEE").by(f"buyer{n}@example.com").to("DE", name="Ada", city="Bonn") for n in range(3)]
    )


def test_a_list_shows_what_fits_and_leads_to_it(desk, orders):
    page = desk("owner").get("/desk/orders", {"q": "email:buyer1@"}).content.decode()

    assert f'href="/desk/orders/{orders[1].number}"' in page
    assert f'href="/desk/orders/{orders[0].number}"' not in page
    assert "€10.00" in page


def test_who_sees_no_prices_neither_sees_nor_searches_them(desk, orders):
    picker = desk("warehouse")

    page = picker.get("/desk/orders").content.decode()

    assert orders[0].number in page
    assert "10.00" not in page
    assert "buyer0@" not in page
    assert picker.get("/desk/orders", {"q": "amount:>5"}).status_code == 403


def test_who_sees_no_prices_finds_none_out_by_views_and_exports(desk, orders):
    picker = desk("warehouse")
    desk("owner").post("/desk/orders/-/views", {"name": "Dear", "asked": "q=amount:>5", "shared": "1"})

    begun = picker.post("/desk/orders/-/runs", {"act": "export", "asked": "q=amount:>5", "all": "1"})
    tabs = picker.get("/desk/orders/-/counts").content.decode()

    assert begun.status_code == 403
    assert not Run.objects.exists()
    assert "Dear" in tabs
    assert ">3<" not in tabs.partition("Dear")[2]
    assert ">3<" in desk("owner").get("/desk/orders/-/counts").content.decode().partition("Dear")[2]


def test_runs_answer_odd_words(desk, orders):
    client = desk("owner")
    begun = client.post("/desk/orders/-/runs", {"act": "export", "asked": "q=\x00is:open", "all": "1"})

    assert begun.status_code == 303
    assert client.get(f"{begun['Location']}?only=%00").status_code == 200


def test_a_field_that_does_not_exist_is_answered_with_those_that_do(desk, orders):
    answer = desk("owner").get("/desk/orders", {"q": "colour:red"})

    assert answer.status_code == 422
    assert "is not a field to search by" in answer.content.decode()
    assert "tracking" in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["after=x", "before=99999999999999999.1", "status=", "column=x&column=placed", "q=%00"]
)
def test_odd_addresses_are_answered(desk, orders, query):
    assert desk("owner").get(f"/desk/orders?{query}").status_code == 200


def test_the_number_of_statements_does_not_depend_on_the_orders(desk, orders):
    client = desk("owner")
    client.get("/desk/orders")

    def statements():
        with CaptureQueriesContext(connection) as asked:
            client.get("/desk/orders")
        return len(asked)

    few = statements()
    place_all([an_order().with_line("TEE").by(f"more{n}@example.com") for n in range(20)])

    assert statements() == few


def test_a_view_is_saved_shared_counted_and_forgotten(desk, orders):
    owner, support = desk("owner"), desk("support")

    words = {"asked": "q=email:buyer1", "name": "Of buyer 1", "shared": "1", "column": ["placed", "tags"]}
    assert owner.post("/desk/orders/-/views", words).status_code == 303

    view = View.objects.get()
    assert (view.query, view.columns, view.shared) == ("q=email:buyer1", ["placed", "tags"], True)
    assert "Of buyer 1" in support.get("/desk/orders").content.decode()
    assert 'Of buyer 1 <span class="count">1</span>' in support.get("/desk/orders/-/counts").content.decode()
    assert "€10.00" not in owner.get("/desk/orders?q=email:buyer1").content.decode()
    assert owner.post("/desk/orders/-/views", words).status_code == 409
    assert support.post(f"/desk/orders/-/views/{view.pk}/forget").status_code == 404
    assert owner.post(f"/desk/orders/-/views/{view.pk}/forget").status_code == 303
    assert View.objects.count() == 0


def test_what_is_selected_is_done_with_an_answer_for_each(desk, orders):
    owner = desk("owner")

    words = {"act": "tag", "word": "vip", "order": [orders[0].id, orders[2].id]}
    answer = owner.post("/desk/orders/-/runs", words)
    running.go_on()

    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/desk/runs/{run.pk}")
    assert set(Tag.objects.values_list("order_id", flat=True)) == {orders[0].id, orders[2].id}
    page = owner.get(f"/desk/runs/{run.pk}").content.decode()
    assert orders[0].number in page
    assert "every 1s" not in page


def test_who_only_reads_begins_nothing_but_an_export(desk, orders):
    reader = desk("read_only")

    words = {"act": "cancel", "word": "other", "order": [orders[0].id]}
    assert reader.post("/desk/orders/-/runs", words).status_code == 403
    assert Run.objects.count() == 0
    assert reader.post("/desk/orders/-/runs", {"act": "export", "all": "1", "asked": ""}).status_code == 303


def test_an_export_without_prices_names_no_amount(desk, orders):
    picker = desk("warehouse")

    picker.post(
        "/desk/orders/-/runs", {"act": "export", "all": "1", "asked": "", "column": ["total", "customer", "units"]}
    )
    running.go_on()

    answer = picker.get(f"/desk/runs/{Run.objects.get().pk}/orders.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines == ["\ufeffnumber,status,units", *[f"{order.number},ready,1" for order in reversed(orders)]]
    assert desk("owner").get(f"/desk/runs/{Run.objects.get().pk}/orders.csv").status_code == 403


def test_a_customer_is_found_and_shown_whole(desk, orders):
    owner, customer = desk("owner"), orders[1].row.customer_id
    Note.objects.create(order_id=orders[1].id, text="Rings twice.", written_by="staff:1")

    found = owner.get("/desk/customers", {"q": "buyer1@"}).content.decode()
    page = owner.get(f"/desk/customers/{customer}").content.decode()

    assert f'href="/desk/customers/{customer}"' in found
    assert "buyer0@" not in found
    assert "buyer1@example.com" in page
    assert orders[1].number in page
    assert "Rings twice." in page
    assert "Bonn" in page
    assert owner.get("/desk/customers/99999").status_code == 404


def test_a_person_gets_all_that_is_stored_of_them_and_of_nobody_else(desk, orders):
    customer = orders[1].row.customer_id

    answer = desk("owner").post(f"/desk/customers/{customer}/export")

    told = json.loads(answer.content)
    assert [one["email"] for one in told["customer"]] == ["buyer1@example.com"]
    assert [one["number"] for one in told["orders"]] == [orders[1].number]
    assert told["lines"][0]["quantity"] == 1
    assert told["addresses"][0]["city"] == "Bonn"
    assert b"buyer0" not in answer.content


def test_a_customer_is_forgotten_when_the_word_is_typed(desk, orders):
    owner, customer = desk("owner"), orders[1].row.customer_id

    assert owner.post(f"/desk/customers/{customer}/forget", {"word": "yes"}).status_code == 422
    assert owner.post(f"/desk/customers/{customer}/forget", {"word": "forget"}).status_code == 409  # goods are owed
    assert orders[1].row.customer.email == "buyer1@example.com"

    assert (
        owner.post("/desk/orders/-/runs", {"act": "cancel", "word": "other", "order": [orders[1].id]}).status_code
        == 303
    )
    running.go_on()
    assert owner.post(f"/desk/customers/{customer}/forget", {"word": "forget"}).status_code == 303

    assert orders[1].row.customer.email is None


def test_packing_slips_are_printed_by_who_packs(desk, orders):
    release_orders([Release(orders[0].id)], actor=CLERK)
    confirm_shipments([Send(f"{orders[0].number}-F1")], actor=CLERK)
    picker = desk("warehouse")

    words = {"act": "slips", "order": [orders[0].id, orders[1].id]}
    begun = picker.post("/desk/orders/-/runs", words)
    running.go_on()

    run = Run.objects.get()
    address = f"/desk/runs/{run.pk}/packing-slips.pdf"
    assert 'value="slips"' in picker.get("/desk/orders").content.decode()
    assert 'value="release"' not in picker.get("/desk/orders").content.decode()
    assert address in picker.get(begun["Location"]).content.decode()
    answer = picker.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert desk("owner").get(address).status_code == 403
    assert picker.get(f"/desk/runs/{run.pk}/orders.csv").status_code == 404


@pytest.mark.parametrize("asked", ["q=email:buyer1", "q=name:Ada", "q=phone:0301", "q=TEE+email:buyer1@example.com"])
@pytest.mark.parametrize(("role", "status"), [("warehouse", 403), ("read_only", 200), ("support", 200), ("owner", 200)])
def test_who_sees_no_customers_is_told_so_kindly_when_searching_by_them(desk, orders, asked, role, status):
    client = desk(role)

    answer = client.get(f"/desk/orders?{asked}")
    begun = client.post("/desk/orders/-/runs", {"act": "export", "asked": asked, "all": "1"})

    assert answer.status_code == status
    assert ("only by those who may see customers" in answer.content.decode()) == (status == 403)
    assert begun.status_code == (303 if status == 200 else 403)
    assert Run.objects.exists() == (status == 200)


@pytest.mark.parametrize("words", ["buyer1@example.com", "buyer1@", "Lovelace", "Ada Lovelace", "0301234567"])
def test_words_of_who_sees_no_customers_are_no_names(desk, orders, words):
    customer = orders[1].row.customer
    customer.name, customer.phone = "Ada Lovelace", "0301234567"
    customer.save()
    link = f'href="/desk/orders/{orders[1].number}"'

    found = {role: desk(role).get("/desk/orders", {"q": words}).content.decode() for role in ("owner", "warehouse")}
    palette = {role: desk(role).get("/desk/palette", {"q": words}).content.decode() for role in ("owner", "warehouse")}

    assert link in found["owner"]
    assert link in palette["owner"]
    assert link not in found["warehouse"]
    assert link not in palette["warehouse"]


def test_an_export_of_words_finds_nobody_by_name(desk, orders):
    picker = desk("warehouse")
    for asked in ("q=buyer1@", "q=TEE"):
        picker.post("/desk/orders/-/runs", {"act": "export", "asked": asked, "all": "1"})

    running.go_on()

    assert list(Run.objects.order_by("pk").values_list("orders", flat=True)) == [0, 3]


def menu(page, facet):
    """What a facet offers: each value's address, name and number."""
    (found,) = re.findall(
        rf'<details class="menu facet"><summary class="chip"[^>]*><span>{facet}.*?</details>', page, re.DOTALL
    )
    return [(unescape(url), unescape(name), number) for url, name, number in CHOICE.findall(found)]


CHOICE = re.compile(
    r'<a href="([^"]+)"[^>]*><span>(?:<svg.*?</svg>)?([^<]*)</span>(?:<span class="count muted">([^<]+)</span>)?'
)


def test_facets_of_country_tag_and_amount_lead_to_so_many_orders(desk, orders):
    client = desk("owner")
    (french,) = place_all([an_order().with_line("TEE", 6).to("FR", name="Grace", city="Lyon")])
    Tag.objects.create(order_id=french.id, tag="vip")

    page = client.get("/desk/orders").content.decode()
    offered = {facet: menu(page, facet) for facet in ("Country", "Tag", "Amount")}

    assert [one[1:] for one in offered["Country"]] == [("Germany", "3"), ("France", "1")]
    assert [one[1:] for one in offered["Tag"]] == [("vip", "1")]
    assert [one[1:] for one in offered["Amount"]][:3] == [("< 25", "3"), ("25 – 50", ""), ("50 – 100", "1")]
    for url, _name, number in [one for choices in offered.values() for one in choices]:
        found = client.get(url).content.decode()
        assert len(re.findall('<a data-row href="/desk/orders/', found)) == int(number or 0), url
    german = client.get(offered["Country"][0][0]).content.decode()
    assert [one[1:] for one in menu(german, "Country")] == [("Germany", "3"), ("France", "")]
    assert "<strong>Germany</strong>" in german


def test_who_sees_no_prices_is_offered_no_amounts(desk, orders):
    page = desk("warehouse").get("/desk/orders").content.decode()

    assert menu(page, "Country")
    assert "&lt; 25" not in page
    assert "amount" not in page


def test_a_letter_without_a_subject_is_called_by_what_it_is(desk, orders):
    customer = orders[0].row.customer_id
    now = clock.now()
    words = {"event_id": 1, "kind": "payment_due", "channel": "email", "state": "suppressed", "settled_at": now}
    Letter.objects.create(customer_id=customer, order_id=orders[0].id, written_at=now, due_at=now, **words)

    page = desk("owner").get(f"/desk/customers/{customer}").content.decode()

    assert "Payment due" in page
    assert "payment_due" not in page
