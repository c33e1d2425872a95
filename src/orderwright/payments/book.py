"""The TENDERS book: the money of each means of payment, in minor units, from the payer and back."""

from orderwright.kernel.books import Book

TENDERS = Book(
    name="tenders",
    sheets="tender_sheet",
    entries="tender_entry",
    outside=frozenset({"payer"}),
    steps={
        ("payer", "awaited"): "wait for",
        ("awaited", "captured"): "mark received",
        ("awaited", "voided"): "wait no longer",
        ("payer", "captured"): "record as received",
        ("payer", "authorizing"): "ask to authorize",
        ("authorizing", "authorized"): "authorize",
        ("authorizing", "voided"): "decline",
        ("authorized", "capturing"): "ask to capture",
        ("capturing", "captured"): "capture",
        ("capturing", "authorized"): "decline capture",
        ("authorized", "voiding"): "ask to void",
        ("voiding", "voided"): "void",
        ("voiding", "authorized"): "decline void",
        ("captured", "refunding"): "ask to refund",
        ("refunding", "refunded"): "refund",
        ("refunding", "captured"): "decline refund",
    },
)
