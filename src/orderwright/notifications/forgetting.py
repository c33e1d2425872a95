"""Forgetting people in letters: what was rendered for them, and what they said they want, is erased; the rows stay.

It is called with `flows.forget_customers`, in its transaction.
"""

from collections.abc import Collection

from orderwright.kernel import sql


def erase_letters(customer_ids: Collection[int]) -> None:
    """Erase the words of all letters to these customers, sent or not."""
    wanted = [sql.ints(sorted(customer_ids))]
    sql.run(ERASE, wanted)
    sql.run("DELETE FROM letter_consent WHERE customer_id = ANY (%s::bigint[])", wanted)


ERASE = """
    UPDATE letter
       SET subject = '', html = '', text = '', answer = CASE WHEN answer <> '' THEN 'erased' ELSE '' END
     WHERE customer_id = ANY (%s::bigint[])
"""
