"""The carriers that this shop has an account with, by code, as ORDERWRIGHT_CARRIERS names them.

`fake=http://127.0.0.1:8901=secret,…`: code, address, secret.  Any other name of a carrier was written by hand: its
labels are made by hand too.
"""

from typing import cast

from django.conf import settings

from orderwright.kernel import ports
from orderwright.shipping.ports import Carrier

PORT = "carrier"


def codes() -> frozenset[str]:
    """The codes of the shop's carriers."""
    return frozenset(ports.accounts(settings.CARRIERS))


def carrier(code: str) -> Carrier:
    """The shop's account at this carrier; refused where it has none, or where no adapter is installed."""
    return cast(Carrier, ports.open_account(PORT, code, settings.CARRIERS))
