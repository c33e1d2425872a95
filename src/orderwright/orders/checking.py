"""Checking a draft's people and places before it is handed in: offline, so that an edge can do it while others wait."""

import msgspec

from orderwright.customers.checking import check_address, check_customer
from orderwright.orders.drafting import Draft


def checked(draft: Draft) -> Draft:
    """The draft with its customer and addresses as they are kept; refused where they cannot be right.

    A file of the past is not checked like this: an order that was taken once is not lost for a telephone number.
    """
    country = draft.ship_to.country if draft.ship_to else ""
    return msgspec.structs.replace(
        draft,
        customer=check_customer(draft.customer, country=country, within="customer"),
        ship_to=draft.ship_to and check_address(draft.ship_to, within="ship_to"),
        bill_to=draft.bill_to and check_address(draft.bill_to, within="bill_to"),
    )
