"""The WORK book: every unit that a location was given to do is open, packed, or was dealt with in one of four ways."""

from orderwright.kernel.books import Book

WORK = Book(
    name="work",
    sheets="work_sheet",
    entries="work_entry",
    outside=frozenset({"asked"}),
    steps={
        ("asked", "open"): "hand over",
        ("open", "packed"): "pack",
        ("packed", "open"): "unpack",
        ("open", "shipped"): "ship",
        ("packed", "shipped"): "ship",
        ("open", "rejected"): "reject",
        ("open", "recalled"): "call back",
        ("open", "moved"): "move to another fulfilment order",
    },
)
