"""Means of payment that ask no provider: the payer pays by himself, and someone marks it as received."""

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

TRUSTED = tuple(method for method, manual in MANUAL.items() if manual.trusted)
