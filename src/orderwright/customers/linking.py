"""Links by which customers sign in: sent to their own address, good for one time and fifteen minutes.

Who asks is told nothing about who is known here: the letter goes to the address, and an address that is new becomes a
customer.  So an account needs no password, and orders that were placed as a guest are in it.
"""

from datetime import timedelta

from django.core import signing
from django.db import connection
from django.utils.translation import gettext_lazy as _

from orderwright.customers.drafting import CustomerDraft
from orderwright.customers.keeping import keep_customers
from orderwright.kernel import clock, sql, throttling
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record

LASTS = timedelta(minutes=15)
SALT = "orderwright.account"
LONGEST = 200
USED = "sign-in-link"


class LinkOver(Refusal):
    code = "link_over"
    status = 410
    sentence = _("This link has been used, or is older than fifteen minutes. Ask for a new one.")


class BadAccountLink(Refusal):
    code = "bad_account_link"
    status = 404
    sentence = _("This link is not one of ours, or is not complete.")


def ask_link(email: str, *, language: str, actor: Actor) -> None:
    """Have a link sent to this address, which was checked."""
    assert connection.in_atomic_block
    (customer,) = keep_customers([("account", CustomerDraft(email=email, language=language))])
    record([Happening("customer.link_asked", actor, {"customer": customer})])


def token_of(customer_id: int, event_id: int) -> str:
    """What stands in the link that this event asked for."""
    return signing.Signer(salt=SALT).sign(f"{signing.b62_encode(customer_id)}-{signing.b62_encode(event_id)}")


def look_at(token: str) -> int:
    """The customer whom a link is for; refused where it is not ours, or too old."""
    return _read(token)[0]


def use(token: str) -> int:
    """Sign in by a link, once; answers the customer.  Call it outside of a transaction."""
    customer_id, event_id = _read(token)
    try:
        throttling.count(USED, str(event_id), most=1, seconds=2 * int(LASTS.total_seconds()))
    except throttling.TooOften as used:
        raise LinkOver from used
    return customer_id


def _read(token: str) -> tuple[int, int]:
    try:
        if len(token) > LONGEST:
            raise signing.BadSignature
        customer, event = map(signing.b62_decode, signing.Signer(salt=SALT).unsign(token).split("-"))
    except (signing.BadSignature, ValueError) as error:
        raise BadAccountLink from error
    found = sql.rows(ASKED, [event, customer])
    if not found or found[0][1]:
        raise BadAccountLink
    if clock.now() > found[0][0] + LASTS:
        raise LinkOver
    return customer, event


ASKED = """
    SELECT e.at, c.forgotten_at IS NOT NULL
      FROM event e
      JOIN customer c ON c.id = (e.facts->>'customer')::bigint
     WHERE e.id = %s::bigint AND e.kind = 'customer.link_asked' AND c.id = %s::bigint
"""
