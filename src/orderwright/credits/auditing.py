"""What must always be true of gift cards and store credit."""

from orderwright.credits.book import CREDIT
from orderwright.kernel.auditing import Check, of_book

ACCOUNTS = """
    SELECT s.holder_id AS account
      FROM credit_sheet s
     WHERE NOT EXISTS (SELECT FROM credit_account a WHERE a.id = s.holder_id)
"""

CHECKS = (
    *of_book(CREDIT),
    Check("credit_is_someones", "Every sheet of the credit book belongs to a gift card or a customer.", ACCOUNTS),
)
