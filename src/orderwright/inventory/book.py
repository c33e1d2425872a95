"""The STOCK book: every unit of a SKU is in one bucket of one location, or outside with a supplier or customer."""

from orderwright.kernel.books import Book

STOCK = Book(
    name="stock",
    sheets="stock_sheet",
    entries="stock_entry",
    outside=frozenset({"supplier", "customer", "lost"}),
    steps={
        ("supplier", "available"): "receive",
        ("available", "reserved"): "reserve",
        ("reserved", "available"): "unreserve",
        ("reserved", "customer"): "ship",
        ("available", "in_transit"): "send",
        ("in_transit", "available"): "arrive",
        ("in_transit", "lost"): "lose on the way",
        ("customer", "quality_control"): "take back",
        ("quality_control", "available"): "restock",
        ("quality_control", "damaged"): "find damaged",
        ("available", "damaged"): "mark damaged",
        ("damaged", "available"): "mend",
        ("damaged", "lost"): "write off",
        ("available", "lost"): "count down",
        ("lost", "available"): "count up",
    },
)

ON_HAND = ("available", "reserved", "damaged", "quality_control")  # what stands on the shelves of a location
