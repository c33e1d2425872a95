"""Claiming: an order that was placed with one e-mail address is asked for by the account of another, and moves there.

The proof is a letter to the order's own address: who reads it decides.  Its link names the asking by its event, is
good for a day, and moves the order once; who asks is told nothing.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.core import signing
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.errors import Refusal

LASTS = timedelta(days=1)
SALT = "orderwright.claim"
LONGEST = 200


class BadClaimLink(Refusal):
    code = "bad_claim_link"
    status = 404
    sentence = _("This link is not one of ours, or is not complete.")


class ClaimOver(Refusal):
    code = "claim_over"
    status = 410
    sentence = _("This link is older than a day, or the order belongs to another account by now. Ask for a new one.")


class Asked(NamedTuple):
    """An order is asked for: which, whose it was then, and by whose account."""

    event_id: int
    order_id: int
    was: int
    customer_id: int


def token_of(event_id: int) -> str:
    """What stands in the link of the letter that this event asked for."""
    return signing.Signer(salt=SALT).sign(signing.b62_encode(event_id))


def read(token: str) -> Asked:
    """What a link asks for; refused where it is not ours, or too old."""
    try:
        if len(token) > LONGEST:
            raise signing.BadSignature
        event_id = signing.b62_decode(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise BadClaimLink from error
    found = sql.rows(ASKED, [event_id])
    if not found:
        raise BadClaimLink
    at, *asked = found[0]
    if clock.now() > at + LASTS:
        raise ClaimOver
    return Asked(event_id, *asked)


ASKED = """
    SELECT at, order_id, (facts->>'was')::bigint, (facts->>'customer')::bigint
      FROM event WHERE id = %s::bigint AND kind = 'order.claim_asked'
"""


def addresses_of(order_ids: Collection[int]) -> list[tuple[int, int]]:
    """Where these orders go, and where their bills do (order, address): each address belongs to one order."""
    return [(order_id, address) for order_id, address in sql.rows(ADDRESSES, [sql.ints(order_ids)])]


ADDRESSES = """
    SELECT o.id, a.id
      FROM orders o JOIN address a ON a.id IN (o.ship_to_id, o.bill_to_id)
     WHERE o.id = ANY (%s::bigint[])
     ORDER BY a.id
"""


def write(rows: Sequence[tuple[int, int]]) -> None:
    """Have orders belong to these customers (order, customer); the orders are locked."""
    orders, customers = zip(*rows, strict=True)
    sql.run(WRITE, [sql.ints(orders), sql.ints(customers)])


WRITE = """
    UPDATE orders o SET customer_id = w.customer
      FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, customer)
     WHERE o.id = w.id
"""
