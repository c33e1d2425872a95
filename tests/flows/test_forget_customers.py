"""Forgetting customers while others sell to them."""

import threading
import time

import pytest
from builders import CLERK, a_shelf, an_order, place
from django.db import connection, transaction

from orderwright.customers.models import Address, Customer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.forget_customers import forget_customers
from orderwright.flows.place_orders import Placed
from orderwright.inventory.reserving import lock_shelves
from orderwright.kernel import sql
from orderwright.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits() -> bool:
    return bool(sql.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))


def test_who_is_forgotten_while_an_order_of_theirs_is_placed_is_a_new_customer_there():
    a_shelf("BERLIN", "TEE", 5)
    hers = an_order().with_line("TEE").by("ada@example.org").to("DE", name="Ada", street="Weg 1")
    first = hers.placed()
    cancel_orders([Cancel(first.id, "other")], actor=CLERK)
    ada = first.row.customer_id
    draft = an_order().with_line("TEE").by("ada@example.org").to("DE", name="Ada", street="Weg 2")
    outcomes = []

    def buy() -> None:
        outcomes.extend(place(draft))
        connection.close()

    buyer = threading.Thread(target=buy)
    with transaction.atomic():
        lock_shelves([first.row.lines.get().sku_id])
        buyer.start()  # she is known by now, and waits at the shelf
        end = time.monotonic() + 20
        while not somebody_waits():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert forget_customers([ada], actor=CLERK) == [ada]
    buyer.join()

    (outcome,) = outcomes
    assert isinstance(outcome, Placed)
    again = Order.objects.get(pk=outcome.order_id)
    assert again.customer_id != ada
    assert again.customer.email == "ada@example.org"
    assert (Customer.objects.get(pk=ada).email, Customer.objects.get(pk=ada).name) == (None, "")
    assert set(Address.objects.filter(customer_id=ada).values_list("name", "street")) == {("", "")}
