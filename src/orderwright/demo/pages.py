"""Every page of the demo shop: its name and the way to it.  Pictures, checks in a browser and measures go this way."""

from typing import NamedTuple

BUYER = ""


class DemoPage(NamedTuple):
    """A page, and how one comes to it: an address, and then the first link that fits each of these selectors."""

    name: str
    address: str
    links: tuple[str, ...] = ()
    role: str = "owner"  # of who looks; nothing: somebody who buys


FIRST_ROW = ("main a[data-row]",)

PAGES: tuple[DemoPage, ...] = (
    DemoPage("sign-in", "/sign-in", role=BUYER),
    DemoPage("design", "/design", role=BUYER),
    DemoPage("stock", "/desk/stock"),
    DemoPage("stock-of-a-sku", "/desk/stock", FIRST_ROW),
    DemoPage("letters", "/mailbox"),
)
