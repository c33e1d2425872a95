"""Forgetting payers: what a bank statement or a provider said in words is erased; amounts and references stay."""

from collections.abc import Collection

from orderwright.kernel import sql


def erase_words(order_ids: Collection[int]) -> None:
    """Erase the words about who paid these orders."""
    wanted = [sql.ints(sorted(order_ids))]
    sql.run(BLANK_RECEIPTS, wanted)
    sql.run(BLANK_ATTEMPTS, wanted)


BLANK_RECEIPTS = """
    UPDATE payment_receipt r SET reference = '' FROM tender t
     WHERE t.id = r.tender_id AND t.order_id = ANY (%s::bigint[])
"""

# A question without its final answer keeps its token: it must be asked again with the same one.
BLANK_ATTEMPTS = """
    UPDATE payment_attempt a
       SET message = '', action_url = '', token = CASE WHEN a.ask_again_at IS NULL THEN '' ELSE a.token END
      FROM tender t
     WHERE t.id = a.tender_id AND t.order_id = ANY (%s::bigint[])
"""
