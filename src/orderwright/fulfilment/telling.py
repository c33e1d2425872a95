"""What happened to an order's fulfilment orders, in a sentence each, for its timeline."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "fulfilment.accepted": _("{location} takes on {fulfilment_order}."),
    "fulfilment.rejected": _("{location} does not do {units} of {fulfilment_order}: {reason}."),
    "fulfilment.moved": _("{units} of {fulfilment_order} go to {to} instead."),
    "fulfilment.split": _("{units} of {fulfilment_order} go on by themselves."),
    "fulfilment.merged": _("{units} go with {fulfilment_order}."),
    "fulfilment.held": _("{fulfilment_order} was put on hold: {reason}."),
    "fulfilment.hold_lifted": _("The hold on {fulfilment_order} was lifted: {reason}."),
    "fulfilment.recall_asked": _("{location} is asked to give back {units} of {fulfilment_order}: {reason}."),
    "fulfilment.recall_accepted": _("{location} gave back {units} of {fulfilment_order}."),
    "fulfilment.recall_refused": _("{location} does not give {fulfilment_order} back."),
    "fulfilment.recall_missed": _("{fulfilment_order} had left before {location} was asked to give it back."),
    "order.release_scheduled": _("To be released at {release_at}."),
    "order.release_unscheduled": _("Not to be released by itself any more."),
    "order.release_postponed": _("Was due to be released and could not be: {refused}."),
}
