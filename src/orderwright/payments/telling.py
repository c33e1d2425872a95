"""What happened to the money of an order, in a sentence each, for its timeline."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "tender.opened": _("{amount} are to be paid ({method})."),
    "tender.authorized": _("{amount} were set aside ({method})."),
    "tender.declined": _("{amount} could not be set aside ({method}): {reason}."),
    "tender.action_required": _("The payer has to do something first ({method})."),
    "tender.capture_asked": _("{amount} are being captured ({method})."),
    "tender.captured": _("{amount} were captured ({method})."),
    "tender.capture_declined": _("{amount} could not be captured ({method}): {reason}."),
    "tender.void_asked": _("{amount} are being let go ({method})."),
    "tender.voided": _("{amount} were let go ({method})."),
    "tender.void_declined": _("{amount} could not be let go ({method}): {reason}."),
    "tender.refund_asked": _("{amount} are being given back ({method})."),
    "tender.refunded": _("{amount} were given back ({method})."),
    "tender.refund_declined": _("{amount} could not be given back ({method}): {reason}."),
    "tender.received": _("{amount} came in ({method})."),
    "tender.expiring": _("{amount} are set aside only a little longer ({method})."),
    "tender.contradicted": _("The provider contradicted itself about {amount} ({method})."),
    "order.discounted": _("{amount} were taken off as goodwill ({reason})."),
    "order.confirmed": _("The order is paid for, or the money is secure."),
}
