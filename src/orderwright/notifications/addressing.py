"""The links in letters: signed, so that nobody needs to log in to stop them, and nobody can stop another's."""

from email.utils import parseaddr
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal
from orderwright.notifications.kinds import KINDS

SALT = "orderwright.letters"


class BadLink(Refusal):
    code = "bad_unsubscribe_link"
    status = 404
    sentence = _("This link is not one of ours, or is not complete.")


class Link(NamedTuple):
    """Whose letters a link stops, and which."""

    customer_id: int
    kind: str
    channel: str


def unsubscribe_url(customer_id: int | None, kind: str, channel: str) -> str:
    """The link under a letter; none under those to the shop itself."""
    if customer_id is None:
        return ""
    token = signing.dumps([customer_id, kind, channel], salt=SALT, compress=False)
    return f"{settings.SHOP_URL}/unsubscribe/{token}"


def read_link(token: str) -> Link:
    """Refused where the link is forged; it never ends."""
    try:
        customer_id, kind, channel = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink() from error
    if kind not in KINDS:
        raise BadLink()
    return Link(customer_id, kind, channel)


def message_id(event_id: int, epoch: int, kind: str, package: str, copy: int) -> str:
    """Always the same for the same letter, so that whoever gets it twice can tell.

    After a restore events may have numbers again that others had: they are of a later epoch, and it is named.
    """
    domain = parseaddr(settings.EMAIL_FROM)[1].rpartition("@")[2] or "localhost"
    event = str(event_id) if epoch == 1 else f"{epoch}-{event_id}"
    parts = [event, kind, package.replace("/", "-"), str(copy) if copy else ""]
    return f"<{'.'.join(filter(None, parts))}@{domain}>"
