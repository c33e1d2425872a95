"""Linking: the addresses at which an order is paid, and looked at after it; signed, so that nobody can guess them."""

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal

# A link to pay may be given to somebody who is not to see the rest.
PAY, THANKS, TRACK = "pay", "thanks", "track"
LONGEST = 100


class BadPayLink(Refusal):
    code = "bad_pay_link"
    status = 404
    sentence = _("This link leads to no order. Perhaps a part of it is missing: open it from your letter again.")


def token_of(order_id: int, purpose: str = PAY) -> str:
    """What stands for an order in its link; not its number."""
    return signing.Signer(salt=purpose).sign(signing.b62_encode(order_id))


def pay_url(order_id: int) -> str:
    """Where the order is paid."""
    return f"{settings.SHOP_URL}/pay/{token_of(order_id)}"


def track_url(order_id: int) -> str:
    """Where its buyer sees how the order stands."""
    return f"{settings.SHOP_URL}/track/{token_of(order_id, TRACK)}"


def order_of(token: str, purpose: str = PAY) -> int:
    """The order that a token stands for; refused where we never signed it for this purpose."""
    try:
        if len(token) > LONGEST:
            raise signing.BadSignature
        return signing.b62_decode(signing.Signer(salt=purpose).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise BadPayLink from error
