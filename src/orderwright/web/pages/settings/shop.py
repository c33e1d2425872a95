"""/desk/settings/shop, taxes, payments: what the deployment sets, told as it is; and how providers and carriers do."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.catalog import queries as catalog
from orderwright.notifications import ways
from orderwright.notifications.kinds import EMAIL, SMS
from orderwright.payments import providers
from orderwright.payments.methods import MANUAL
from orderwright.payments.surveying import health as health_of_providers
from orderwright.shipping.queries import health as health_of_carriers
from orderwright.web.allowing import Visit, allow
from orderwright.web.pages.settings.frame import show

MOST_CHANNELS = 250

# What each way of paying by oneself is called, and what it means for the goods.
MEANS = {
    "bank_transfer": (_("Bank transfer"), _("Goods wait until somebody marks it as received.")),
    "cash_on_delivery": (_("Cash on delivery"), _("Goods go out; the carrier brings the money.")),
    "invoice": (_("Invoice"), _("Goods go out; the buyer pays later.")),
    "recorded": (_("Taken elsewhere"), _("The money came before the order did, at a till or a marketplace.")),
}


@require_safe
@allow("settings:read")
def shop(request: Visit) -> HttpResponse:
    """What the shop is called, and where it is: settings of the deployment, which nobody changes here."""
    facts = [
        (_("Name"), settings.SHOP_NAME, "ORDERWRIGHT_SHOP_NAME"),
        (_("Address of the shop"), settings.SHOP_URL, "ORDERWRIGHT_SHOP_URL"),
        (_("Time zone"), settings.SHOP_TIME_ZONE, "ORDERWRIGHT_TIME_ZONE"),
        (_("Where letters to the shop go"), settings.SHOP_EMAIL or _("nowhere"), "ORDERWRIGHT_SHOP_EMAIL"),
        (_("Who writes letters"), settings.EMAIL_FROM, "ORDERWRIGHT_EMAIL_FROM"),
        (_("How letters get out"), _way(EMAIL), "ORDERWRIGHT_EMAIL_URL"),
        (_("How text messages get out"), _way(SMS), "ORDERWRIGHT_MESSAGES"),
        (_("No text messages at night"), settings.QUIET_HOURS or _("at any hour"), "ORDERWRIGHT_QUIET_HOURS"),
        (_("Bank details in letters"), settings.BANK_DETAILS or _("none"), "ORDERWRIGHT_BANK_DETAILS"),
        (_("Own templates of letters"), settings.LETTER_TEMPLATES or _("none"), "ORDERWRIGHT_TEMPLATES"),
    ]
    return show(request, "shop", "settings/shop.html", {"facts": facts, "languages_shown": settings.LANGUAGES})


def _way(channel: str) -> object:
    """The name of a way out; never its address, which holds a password."""
    return _("a mailbox in the desk") if ways.is_mailbox(channel) else ways.url_of(channel).partition(":")[0]


@require_safe
@allow("settings:read")
def taxes(request: Visit) -> HttpResponse:
    """How taxes get into orders: told, and nothing promised that is not there."""
    channels = catalog.channels(limit=MOST_CHANNELS)[:MOST_CHANNELS]
    return show(request, "taxes", "settings/taxes.html", {"channels": channels})


@require_safe
@allow("payments:read")
def payments(request: Visit) -> HttpResponse:
    """Means of payment: providers with how they do, those that ask nobody, and when money is taken."""
    words = {
        "providers": health_of_providers(providers.codes()),
        "manual": [(*MEANS.get(code, (code, "")), manual) for code, manual in MANUAL.items()],
        "channels": catalog.channels(limit=MOST_CHANNELS)[:MOST_CHANNELS],
        "carriers": health_of_carriers() if "shipments:read" in request.may else [],
    }
    return show(request, "payments", "settings/payments.html", words)


PATHS = [
    path("desk/settings/shop", shop),
    path("desk/settings/taxes", taxes),
    path("desk/settings/payments", payments),
]
