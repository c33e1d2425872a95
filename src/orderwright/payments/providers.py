"""The providers that this shop has an account with, by code, as ORDERWRIGHT_PAYMENT_PROVIDERS names them.

`fake=http://127.0.0.1:8900=secret,stripe=https://api.stripe.com=sk_live_…`: code, address, secret.
"""

from typing import cast

from django.conf import settings

from orderwright.kernel import ports
from orderwright.payments.ports import CardFields, PaymentProvider

PORT = "payment_provider"


def codes() -> frozenset[str]:
    """The codes of the shop's providers; each is a method of payment."""
    return frozenset(ports.accounts(settings.PAYMENT_PROVIDERS))


def provider(code: str) -> PaymentProvider:
    """The shop's account at this provider; refused where it has none, or where no adapter is installed."""
    return cast(PaymentProvider, ports.open_account(PORT, code, settings.PAYMENT_PROVIDERS))


def card_fields(shop: str) -> dict[str, CardFields]:
    """The fields for a card of each provider that has some, for pages of the shop at this origin."""
    found = {code: provider(code).card_fields(shop) for code in sorted(codes())}
    return {code: fields for code, fields in found.items() if fields is not None}
