"""Why a carrier refuses, in our words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    BAD_ADDRESS = "bad_address", _("The address cannot be delivered to")
    BAD_PARCEL = "bad_parcel", _("The package is too heavy or too large, or not measured")
    NOT_SERVED = "not_served", _("The service does not go there")
    NO_SUCH_LABEL = "no_such_label", _("There is no such label")
    ALREADY_USED = "already_used", _("The package is on its way already")
    ACCOUNT = "account", _("The account may not do this")
    OTHER = "other", _("Another reason")
