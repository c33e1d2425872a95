"""The twelve stages of a package: one vocabulary for what all carriers say."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    PREPARED = "prepared", _("Prepared")  # it is packed and has no label
    LABELLED = "labelled", _("Label made")  # the carrier knows of it
    HANDED_OVER = "handed_over", _("Handed over")  # the carrier has it
    IN_TRANSIT = "in_transit", _("On its way")
    AT_CUSTOMS = "at_customs", _("At customs")
    DELAYED = "delayed", _("Delayed")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    READY_FOR_PICKUP = "ready_for_pickup", _("Ready for pickup")
    ATTEMPT_FAILED = "attempt_failed", _("Delivery attempt failed")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned to sender")
    LOST = "lost", _("Lost")


ENDED = frozenset({Stage.DELIVERED, Stage.RETURNED, Stage.LOST})
