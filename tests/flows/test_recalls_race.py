"""A recall that races with the truck: whoever gets the order's lock first is right, and the books are whole."""

import threading

import pytest
from builders import CLERK, a_shelf, an_order
from django.db import connection

from orderwright.flows.audit import audit
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.recall_fulfilment import Recall, recall
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel.locks import again_on_conflict

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works):
    """Do all of it at once, each in a thread of its own; their answers in the same order."""
    start, answers = threading.Barrier(len(works)), {}

    def run(index, work):
        start.wait()
        try:
            (answers[index],) = again_on_conflict(work)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[index] for index in range(len(works))]


@pytest.mark.parametrize("_round", range(5))
def test_either_it_left_or_it_was_called_back(_round):
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 3).placed()
    release_orders([Release(order.id)], actor=CLERK)
    prepare_shipments([Prepare("1-F1")], actor=CLERK)

    together(
        lambda: confirm_shipments([Confirm("1-S1")], actor=CLERK),
        lambda: recall([Recall(order.id, "customer_request")], actor=CLERK),
    )

    assert order.units == {"shipped": 3}
    assert order.events.count("fulfilment.recall_asked") == order.events.count("fulfilment.recall_missed")
    assert [finding.check.name for finding in audit() if finding.wrong] == []


@pytest.mark.parametrize("_round", range(5))
def test_of_a_rejection_and_a_recall_one_comes_first_and_no_unit_is_lost(_round):
    a_shelf("BERLIN", "TEE", 5)
    a_shelf("LYON", "TEE", 5)
    order = an_order().with_line("TEE", 3).placed()
    release_orders([Release(order.id)], actor=CLERK)

    together(
        lambda: reject_fulfilment([Reject("1-F1", "closed")], actor=CLERK),
        lambda: recall([Recall(order.id, "customer_request")], actor=CLERK),
    )

    assert order.units == {"canceled": 3}
    assert [finding.check.name for finding in audit() if finding.wrong] == []
