"""What happened to an order's shipments and packages, in a sentence each, for its timeline."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "shipment.prepared": _("Packed as {shipment}: {units}."),
    "shipment.discarded": _("{shipment} was unpacked again: {units}."),
    "order.shipped": _("{shipment} left: {units}."),
    "order.delivered": _("{package} was delivered: {units}."),
    "order.sent_again": _("To leave once more: {units}."),
    "package.label_made": _("{package} goes with {carrier} as {tracking_number}."),
    "package.label_refused": _("{carrier} makes no label for {package}: {reason}."),
    "package.label_voided": _("The label {tracking_number} of {package} is void."),
    "package.void_refused": _("{carrier} does not take the label of {package} back: {reason}."),
    "package.handed_over": _("{carrier} has {package}."),
    "package.forwarded": _("{package} is on its way. {place}"),
    "package.stopped_at_customs": _("{package} is at customs. {place}"),
    "package.delayed": _("{package} is late. {place}"),
    "package.sent_out": _("{package} is out for delivery. {place}"),
    "package.made_ready": _("{package} is ready for pickup. {place}"),
    "package.attempted": _("{package} could not be delivered. {place}"),
    "package.returned": _("{package} came back: {units}."),
    "package.lost": _("{package} is lost: {units}."),
    "package.contradicted": _("{package} is said to be {stage}, which its units cannot follow."),
}
