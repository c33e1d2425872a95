"""The LINES book: every unit of an order line is in exactly one bucket, at a location or nowhere yet."""

from orderwright.kernel.books import Book

LINES = Book(
    name="lines",
    sheets="line_sheet",
    entries="line_entry",
    outside=frozenset({"asked"}),
    steps={
        ("asked", "open"): "ask",
        ("asked", "reserved"): "ask and reserve",
        ("asked", "backordered"): "ask and backorder",
        ("open", "reserved"): "reserve",
        ("open", "backordered"): "backorder",
        ("open", "canceled"): "cancel",
        ("backordered", "reserved"): "fill",
        ("backordered", "canceled"): "cancel",
        ("reserved", "open"): "unreserve",
        ("reserved", "released"): "release",
        ("reserved", "canceled"): "cancel",
        ("released", "reserved"): "take back",
        ("released", "open"): "reject",
        ("released", "shipped"): "ship",
        ("shipped", "delivered"): "deliver",
        ("shipped", "returned"): "return undelivered",
        ("shipped", "lost"): "lose on the way",
        ("lost", "delivered"): "find",
        ("lost", "returned"): "find and return",
        ("lost", "open"): "send again",
        ("lost", "canceled"): "give up",
        ("returned", "open"): "send again",
        ("delivered", "returned"): "return",
    },
)
