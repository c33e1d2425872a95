"""What happened to an order's letters, in a sentence each, for its timeline."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "letter.sent": _("A letter was sent: {kind} ({channel})."),
    "letter.refused": _("A letter could not be sent: {kind} ({channel}): {reason}."),
}
