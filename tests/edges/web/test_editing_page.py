"""/desk/orders/…/edit: looked at before it is done, done once, and told to whoever came second."""

import pytest
from builders import a_channel, a_shelf, a_sku, an_order

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.kernel import actors
from orderwright.kernel.models import Event
from orderwright.orders import queries
from orderwright.orders.moving import Wanted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order():
    a_sku("MUG", when_short="backorder")
    a_shelf("BERLIN", "TEE", 10)
    a_shelf("BERLIN", "MUG", 3)
    return an_order().with_line("TEE", 2, "10.00").paid_by("invoice").by("ada@example.org").placed()


def form(order, **more):
    seen = Event.objects.filter(order_id=order.id).count()
    return {"seen": seen, "short": "backorder", "reason": "customer_request", **more}


def total(order):
    return queries.get(order.number).head.total_minor


def test_the_form_shows_the_lines_and_changes_nothing(desk, order):
    page = desk().get(f"/desk/orders/{order.number}/edit")

    assert page.status_code == 200
    assert 'name="line-1"' in page.content.decode()


def test_a_preview_names_the_money_and_the_stock_and_changes_nothing(desk, order):
    words = form(order, **{"line-1": "1", "sku-1": "MUG", "quantity-1": "5", "price-1": "4.50"})
    desk_ = desk()

    whole = desk_.post(f"/desk/orders/{order.number}/edit", words | {"do": "preview"}).content.decode()
    part = desk_.post(f"/desk/orders/{order.number}/edit", words, headers={"HX-Request": "true"}).content.decode()

    for seen in (whole, part):
        assert "€32.50" in seen
        assert "2 waited for" in seen
    assert "<html" not in part
    assert total(order) == 2000


def test_it_is_applied(desk, order):
    answer = desk().post(
        f"/desk/orders/{order.number}/edit", form(order, **{"line-1": "2", "discount": "3,00", "do": "apply"})
    )

    assert (answer.status_code, answer["Location"]) == (303, f"/desk/orders/{order.number}")
    assert total(order) == 1700


def test_whom_a_colleague_was_ahead_of_is_told(desk, order):
    words = form(order, **{"line-1": "1", "do": "apply"})
    cancel_orders([Cancel(order.id, "mistake", [Wanted(1, 1)])], actor=actors.client(7))

    answer = desk().post(f"/desk/orders/{order.number}/edit", words)

    assert answer.status_code == 409
    assert "Nothing was done" in answer.content.decode()
    assert total(order) == 1000


def test_pressing_twice_edits_once(desk, order):
    words = form(order, **{"sku-1": "MUG", "quantity-1": "1", "price-1": "4.50", "discount": "3.00", "do": "apply"})
    desk_ = desk()

    first, again = (desk_.post(f"/desk/orders/{order.number}/edit", words) for _press in range(2))

    assert (first.status_code, again.status_code) == (303, 409)
    assert total(order) == 2150


def test_it_goes_elsewhere_only_when_the_address_is_another_one(desk):
    a_shelf("BERLIN", "TEE", 10)
    whole = {"name": "Ada Albers", "street": "Torstr. 5", "postal_code": "10119", "city": "Berlin"}
    order = an_order().with_line("TEE", 2, "10.00").to("DE", **whole).paid_by("invoice").placed()
    same = {f"to-{field}": text for field, text in whole.items()} | {"do": "apply"}

    untouched = desk().post(f"/desk/orders/{order.number}/edit", form(order, **same))
    moved = desk().post(f"/desk/orders/{order.number}/edit", form(order, **same | {"to-street": "Kai 1"}))

    assert (untouched.status_code, moved.status_code) == (422, 303)
    assert queries.get(order.number).ship_to.street == "Kai 1"
    assert 'value="Ada Albers"' in desk().get(f"/desk/orders/{order.number}/edit").content.decode()


def test_bad_input_is_refused_in_words(desk, order):
    desk_ = desk()
    added = {"sku-1": "MUG", "quantity-1": "0"}
    for wrong in ({"line-1": "-1"}, {"discount": "0"}, {"discount": "x"}, added, {"reason": "?"}):
        assert desk_.post(f"/desk/orders/{order.number}/edit", form(order) | wrong | {"do": "apply"}).status_code == 422
    assert total(order) == 2000


def test_who_sees_no_prices_edits_nothing(desk, order):
    assert desk("warehouse").get(f"/desk/orders/{order.number}/edit").status_code == 403


def test_another_order_like_it(desk, order):
    a_channel("web")

    answer = desk().post(f"/desk/orders/{order.number}/duplicate", {"key": "once"})
    again = desk().post(f"/desk/orders/{order.number}/duplicate", {"key": "once"})

    assert desk().post(f"/desk/orders/{order.number}/duplicate", {"key": "a\x00"}).status_code == 422
    copy = queries.get(answer["Location"].rpartition("/")[2])
    assert again["Location"] == answer["Location"]
    assert [(line.sku, line.quantity) for line in copy.lines] == [("TEE", 2)]
    assert copy.head.customer_id == queries.get(order.number).head.customer_id
    assert copy.head.payment == "unpaid"
