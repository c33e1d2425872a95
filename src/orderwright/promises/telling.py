"""What an order was promised, and what became of it, in a sentence each, for its timeline."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "promise.made": _("Promised: {days}."),
    "promise.changed": _("Promised anew: {days}."),
    "promise.kept": _("All came as promised: on {came}, for {promised}."),
    "promise.missed": _("It came {late} late: on {came}, instead of {promised}."),
    "order.prioritized": _("Its priority is {priority} now; it was {was}."),
    "order.reallocated": _("Order {from} gave to order {to}: {units}."),
}
