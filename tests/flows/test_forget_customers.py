"""Forgetting customers while others sell to them."""

import threading
import time

import pytest
from builders import CLERK, a_shelf, an_order, place
from django.db import connection, transaction

from orderwright.customers.models import Address, Customer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.forget_customers import forget_customers
from orderwright.flows.hold_fulfilment import PutWorkHold, hold_fulfilment
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.place_orders import Placed
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_labels import settle_labels
from orderwright.fulfilment.models import FulfilmentHold, Rejection
from orderwright.inventory.reserving import lock_shelves
from orderwright.kernel import sql
from orderwright.kernel.money import Money
from orderwright.orders.models import Order
from orderwright.shipping import asking
from orderwright.shipping.models import Label, Package, Scan
from orderwright.shipping.ports import Labelled
from orderwright.shipping.settling import Brought
from orderwright.shipping.stages import Stage

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


def test_labels_and_the_words_of_carriers_go_with_their_customer():
    a_shelf("BERLIN", "TEE", 5)
    ada = an_order().with_line("TEE").by("ada@example.org").to("DE", name="Ada").placed()
    bob = an_order().with_line("TEE").by("bob@example.org").to("DE", name="Bob").placed()
    for order in (ada, bob):
        release_orders([Release(order.id)], actor=CLERK)
        prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
        package = Package.objects.get(shipment__order_id=order.id)
        said = Labelled(f"F{order.number}", b"%PDF", Money(490, "EUR"))
        settle_labels([Brought(asking.write([asking.Wanted(package.id, "fake", "label")])[0], said)])
        confirm_shipments([Confirm(f"{order.number}-S1")], actor=CLERK)
        note_scans([Note(package.name, Stage.DELIVERED, words="Left with her neighbour Eve.")], actor=CLERK)

    forget_customers([ada.row.customer_id], actor=CLERK)

    assert list(Label.objects.values_list("package__shipment__order_id", flat=True)) == [bob.id]
    words = Scan.objects.order_by("id").values_list("words", "stage")
    assert list(words) == [("", "delivered"), ("Left with her neighbour Eve.", "delivered")]
    assert Package.objects.filter(tracking_number__isnull=False, stage="delivered").count() == 2


def test_what_was_written_about_work_goes_with_its_customer():
    a_shelf("BERLIN", "TEE", 5)
    ada, bob = (an_order().with_line("TEE").by(f"{name}@example.org").placed() for name in ("ada", "bob"))
    for order in (ada, bob):
        release_orders([Release(order.id)], actor=CLERK)
        name = f"{order.number}-F1"
        hold_fulfilment([PutWorkHold(name, "address", note="Ada moved")], actor=CLERK)
        reject_fulfilment([Reject(name, "short", note="Ada has it")], actor=CLERK)
        cancel_orders([Cancel(order.id, "other")], actor=CLERK)

    forget_customers([ada.row.customer_id], actor=CLERK)

    assert list(FulfilmentHold.objects.order_by("id").values_list("note", flat=True)) == ["", "Ada moved"]
    assert list(Rejection.objects.order_by("id").values_list("note", flat=True)) == ["", "Ada has it"]
