"""The CREDIT book: what the shop owes on a gift card or to a customer, in minor units, until it is spent."""

from orderwright.kernel.books import Book

CREDIT = Book(
    name="credit",
    sheets="credit_sheet",
    entries="credit_entry",
    outside=frozenset({"issued", "withdrawn"}),
    steps={
        ("issued", "available"): "issue",
        ("available", "withdrawn"): "withdraw",
        ("available", "held"): "hold for an order",
        ("held", "available"): "let go",
        ("held", "spent"): "spend",
        ("spent", "available"): "give back",
    },
)
