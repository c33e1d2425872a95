"""What exceptions of each kind are called, and where what they are about is shown."""

from collections.abc import Mapping
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.exceptions.kinds import Stands

TITLES: Mapping[str, Promise] = {
    "not_released": _("Not released"),
    "paid_without_stock": _("Paid, without stock"),
    "not_accepted": _("Not accepted"),
    "not_packed": _("Not packed in time"),
    "late_to_leave": _("Late to leave"),
    "recall_unanswered": _("Recall unanswered"),
    "carrier_unknown": _("Carrier’s answer unknown"),
    "label_refused": _("Label refused"),
    "not_handed_over": _("Packed, not handed over"),
    "parcel_silent": _("Parcel unheard of"),
    "parcel_waits": _("Parcel waits"),
    "parcel_lost": _("Parcel lost"),
    "parcel_returned": _("Parcel came back"),
    "canceled_but_moving": _("Canceled, but moving"),
    "late_to_arrive": _("Late to arrive"),
    "scan_unmatched": _("Unknown tracking number"),
    "payment_unknown": _("Payment unknown"),
    "payment_contradicted": _("Payment contradicted"),
    "authorization_ending": _("Authorization ends"),
    "overpaid": _("Overpaid"),
    "capture_declined": _("Capture declined"),
    "message_unmatched": _("Unknown payment message"),
    "webhook_failing": _("Webhook fails"),
    "webhook_paused": _("Webhook paused"),
    "delivery_failed": _("Webhook events given up"),
    "letter_refused": _("Letter refused"),
    "import_refused": _("Import refused"),
    "books_disagree": _("Books disagree"),
    "reader_stalled": _("Reader of the log stands still"),
}
OF_MONEY = frozenset(
    {
        "payment_unknown",
        "payment_contradicted",
        "authorization_ending",
        "overpaid",
        "capture_declined",
        "message_unmatched",
    }
)
PLACES = {
    "webhook": "/desk/settings/webhooks",
    "letter": "/mailbox",
    "check": "/desk/exceptions?kind=books_disagree",
}


def subject_url(one: Stands, about: str) -> str:
    """Where the thing is shown that an exception is about; nothing where it has no page."""
    if one.order is not None:
        return f"/desk/orders/{quote(one.order, safe='')}"
    return PLACES.get(about, "")
