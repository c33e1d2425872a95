"""Everything that can happen to an order is told in a sentence on its timeline."""

import pytest

from orderwright.fulfilment import happenings as fulfilment
from orderwright.fulfilment import telling as fulfilment_telling
from orderwright.notifications import happenings as notifications
from orderwright.notifications import telling as letters_telling
from orderwright.orders import happenings as orders
from orderwright.orders.timeline import SENTENCES
from orderwright.payments import happenings as payments
from orderwright.payments import telling as payments_telling
from orderwright.promises import happenings as promises
from orderwright.promises import telling as promises_telling
from orderwright.shipping import happenings as shipping
from orderwright.shipping import telling as shipping_telling

OF_NO_ORDER = {"terms.set", "option.created", "option.edited", "letter.switched"}
ROOMS = [
    (orders.KINDS, SENTENCES),
    (payments.KINDS, payments_telling.SENTENCES),
    (fulfilment.KINDS, fulfilment_telling.SENTENCES),
    (promises.KINDS, promises_telling.SENTENCES),
    (shipping.KINDS, shipping_telling.SENTENCES),
    (notifications.KINDS, letters_telling.SENTENCES),
]
TOLD = {kind for _kinds, sentences in ROOMS for kind in sentences}
KINDS = sorted({kind for kinds, _sentences in ROOMS for kind in kinds} - OF_NO_ORDER)


@pytest.mark.parametrize("kind", KINDS)
def test_what_happens_to_an_order_has_a_sentence(kind):
    assert kind in TOLD


def test_no_sentence_is_of_something_that_cannot_happen():
    assert TOLD - set(KINDS) == set()
