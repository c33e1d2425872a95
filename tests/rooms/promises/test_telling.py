"""The timeline tells what was promised in sentences."""

from datetime import UTC, datetime

import pytest
from builders import CLERK, a_sku, an_order

from orderwright.flows.prioritize_orders import Prioritize, prioritize_orders
from orderwright.flows.promise_orders import promise_orders
from orderwright.kernel import clock
from orderwright.orders.timeline import timeline
from orderwright.promises.telling import SENTENCES
from orderwright.shipping.models import DeliveryOption

pytestmark = pytest.mark.django_db


def test_dates_reasons_and_priorities_are_told():
    a_sku("TEE", when_short="backorder")
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    a_sku("MUG", when_short="backorder", lead_days=14)
    with clock.at(datetime(2026, 6, 1, 9, tzinfo=UTC)):
        order = an_order().with_line("TEE", 1).with_line("MUG", 1).but(when_short="backorder").placed()
        promise_orders([order.id])
        prioritize_orders([Prioritize(order.id, 5)], actor=CLERK)

    told = [moment.sentence for moment in timeline(order.id, SENTENCES) if moment.kind in SENTENCES]

    assert told == [
        "Promised: TEE: nobody can say yet. Nothing is expected that it could be taken from; "
        "MUG leaves on 2026-06-15 and arrives by 2026-06-18. It has to be ordered first.",
        "Its priority is 5 now; it was 0.",
    ]
