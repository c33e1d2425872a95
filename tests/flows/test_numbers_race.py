"""Two packages that are given one number in the same moment: one gets it, and the other is refused in words."""

import threading

import pytest
from builders import CLERK, a_shelf, an_order
from django.db import connection, transaction

from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.label_packages import Asked, Number, number_packages
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import sql
from orderwright.kernel.locks import again_on_conflict
from orderwright.shipping.models import Package

pytestmark = pytest.mark.django_db(transaction=True)

WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"


def test_who_is_second_is_refused_in_words():
    a_shelf("BERLIN", "TEE", 5)
    orders = [an_order().with_line("TEE", 1).placed() for _ in range(2)]
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    confirm_shipments([Send(f"{order.number}-F1") for order in orders], actor=CLERK)
    answers = []

    def number(order):
        return number_packages([Number(f"{order.number}-S1/1", "Post", "X1")], actor=CLERK)

    def second():
        try:
            answers.extend(again_on_conflict(lambda: number(orders[1])))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        (first,) = number(orders[0])
        thread.start()
        while not sql.value(WAITS):  # until the second waits for the first to end
            assert thread.is_alive()
    thread.join()

    assert isinstance(first, Asked)
    assert [answer.code for answer in answers] == ["number_taken"]
    assert list(Package.objects.order_by("id").values_list("tracking_number", flat=True)) == ["X1", None]
