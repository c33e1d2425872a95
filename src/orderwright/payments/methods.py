"""Means of payment that ask no provider outside.

Manual ones: the payer pays by himself, and someone marks it as received.  Inside ones: the shop itself is asked, for
it keeps the money: `flows.answer_credits` answers the questions, in a transaction.
"""

from typing import NamedTuple


class Manual(NamedTuple):
    trusted: bool  # goods may go out before the money came
    received: bool  # the money came before the order did: it was taken elsewhere, and is only written down


MANUAL = {
    "bank_transfer": Manual(trusted=False, received=False),
    "cash_on_delivery": Manual(trusted=True, received=False),
    "invoice": Manual(trusted=True, received=False),
    "recorded": Manual(trusted=True, received=True),
}

GIFT_CARD, STORE_CREDIT = "gift_card", "store_credit"
INSIDE = frozenset({GIFT_CARD, STORE_CREDIT})

TRUSTED = tuple(method for method, manual in MANUAL.items() if manual.trusted)
