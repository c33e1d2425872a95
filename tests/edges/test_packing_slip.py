"""GET /v1/shipments/{name}/packing-slip: a PDF, or a clear no."""

import pytest
from builders import CLERK, a_shelf, an_order

from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.release_orders import Release, release_orders

pytestmark = pytest.mark.django_db


def test_the_packing_slip_of_a_shipment_is_a_pdf(browser):
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 3).placed()
    release_orders([Release(order.id)], actor=CLERK)
    confirm_shipments([Send("1-F1")], actor=CLERK)

    answer = browser.get("/v1/shipments/1-S1/packing-slip")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


def test_what_was_never_packed_has_none(browser, client):
    assert browser.get("/v1/shipments/1-S1/packing-slip").status_code == 404
    assert browser.get("/v1/shipments/%00/packing-slip").status_code == 404
    assert client.get("/v1/shipments/1-S1/packing-slip").status_code == 401
