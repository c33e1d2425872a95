"""The carriers that this shop has an account with, by code, as ORDERWRIGHT_CARRIERS names them.

`fake=http://127.0.0.1:8901=secret,…`: code, address, secret.  Any other name of a carrier was written by hand: its
labels are made by hand too.
"""

from functools import lru_cache
from typing import cast

from django.conf import settings

from orderwright.kernel import ports
from orderwright.shipping.ports import Carrier

PORT = "carrier"


def codes() -> frozenset[str]:
    """The codes of the shop's carriers."""
    return frozenset(_accounts(settings.CARRIERS))


def carrier(code: str) -> Carrier:
    """The shop's account at this carrier; refused where it has none, or where no adapter is installed."""
    accounts = _accounts(settings.CARRIERS)
    if code not in accounts:
        raise ports.NotInstalled(port=PORT, name=code)
    return _open(code, *accounts[code])


@lru_cache
def _open(code: str, url: str, secret: str) -> Carrier:
    return cast(Carrier, ports.adapter(PORT, code)(url, secret))


@lru_cache
def _accounts(configured: str) -> dict[str, tuple[str, str]]:
    accounts = {}
    for account in filter(None, (part.strip() for part in configured.split(","))):
        code, url, secret = account.split("=", 2)
        accounts[code] = url, secret
    return accounts
