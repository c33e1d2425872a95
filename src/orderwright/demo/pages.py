"""Every page of the demo shop: its name and the way to it.  Pictures, checks in a browser and measures go this way."""

from typing import NamedTuple

BUYER = ""


class DemoPage(NamedTuple):
    """A page, and how one comes to it: an address, and then steps.

    A step is an address, or the first thing on the page that fits a selector: a link is followed, a button pressed.
    """

    name: str
    address: str
    steps: tuple[str, ...] = ()
    role: str = "owner"  # of who looks; nothing: somebody who buys


ROW = "main a[data-row]"
CARD = "main a[href^='/p/']"
BUY = "main form[action='/cart/add'] button"

DESK: tuple[DemoPage, ...] = (
    DemoPage("board", "/desk"),
    DemoPage("board-for-a-picker", "/desk", role="warehouse"),
    DemoPage("orders", "/desk/orders"),
    DemoPage("orders-found", "/desk/orders?q=tea"),
    DemoPage("orders-without-finds", "/desk/orders?q=hovercraft"),
    DemoPage("orders-late", "/desk/orders?late=missed"),
    DemoPage("runs", "/desk/runs"),
    DemoPage("orders-for-a-picker", "/desk/orders", role="warehouse"),
    DemoPage("order", "/desk/orders/W-100"),
    DemoPage("order-edit", "/desk/orders/W-100/edit"),
    DemoPage("order-for-a-picker", "/desk/orders/W-100", role="warehouse"),
    DemoPage("order-on-its-way", "/desk/orders/W-166"),
    DemoPage("exceptions", "/desk/exceptions"),
    DemoPage("customers", "/desk/customers"),
    DemoPage("customer", "/desk/customers", (ROW,)),
    DemoPage("gift-cards", "/desk/gift-cards"),
    DemoPage("stock", "/desk/stock"),
    DemoPage("stock-of-a-sku", "/desk/stock", (ROW,)),
    DemoPage("stock-history", "/desk/stock", (ROW, "main a[href$='/history']")),
    DemoPage("stock-transfers", "/desk/stock/-/transfers"),
    DemoPage("stock-counts", "/desk/stock/-/counts"),
    DemoPage("stock-import", "/desk/stock/-/import"),
    DemoPage("stock-for-a-picker", "/desk/stock", (ROW,), role="warehouse"),
    DemoPage("letters", "/mailbox"),
    DemoPage("letter", "/mailbox", ("main a[href^='/mailbox/']",)),
    DemoPage("settings", "/desk/settings"),
    DemoPage("settings-shop", "/desk/settings/shop"),
    DemoPage("settings-taxes", "/desk/settings/taxes"),
    DemoPage("settings-payments", "/desk/settings/payments"),
    DemoPage("settings-locations", "/desk/settings/locations"),
    DemoPage("settings-location", "/desk/settings/locations", ("main a[href^='/desk/settings/locations/']",)),
    DemoPage("settings-delivery", "/desk/settings/delivery"),
    DemoPage("settings-delivery-option", "/desk/settings/delivery", ("main a[href^='/desk/settings/delivery/']",)),
    DemoPage("settings-channels", "/desk/settings/channels"),
    DemoPage("settings-channel", "/desk/settings/channels", ("main a[href^='/desk/settings/channels/']",)),
    DemoPage("settings-letters", "/desk/settings/letters"),
    DemoPage("settings-letter", "/desk/settings/letters", ("main a[href^='/desk/settings/letters/']",)),
    DemoPage("settings-webhooks", "/desk/settings/webhooks"),
    DemoPage("settings-webhook", "/desk/settings/webhooks", ("main a[href^='/desk/settings/webhooks/']",)),
    DemoPage("settings-keys", "/desk/settings/keys"),
    DemoPage("settings-people", "/desk/settings/people"),
    DemoPage("settings-audit", "/desk/settings/audit"),
    DemoPage("me", "/desk/me"),
)

SHOP: tuple[DemoPage, ...] = (
    DemoPage("sign-in", "/sign-in", role=BUYER),
    DemoPage("design", "/design", role=BUYER),
    DemoPage("home", "/", role=BUYER),
    DemoPage("category", "/", ("main a[href^='/c/']",), role=BUYER),
    DemoPage("search", "/search?q=tea", role=BUYER),
    DemoPage("search-without-finds", "/search?q=hovercraft", role=BUYER),
    DemoPage("product", "/search?q=tea", (CARD,), role=BUYER),
    DemoPage("cart", "/search?q=tea", (CARD, BUY, "/cart"), role=BUYER),
    DemoPage("track-find", "/track", role=BUYER),
    DemoPage("account", "/account", role=BUYER),
    DemoPage("empty-cart", "/cart", role=BUYER),
    DemoPage("checkout", "/search?q=tea", (CARD, BUY, "/checkout"), role=BUYER),
)

PAGES = (*DESK, *SHOP)
