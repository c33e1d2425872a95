"""What must always be true of the money of tenders."""

from orderwright.kernel.auditing import Check, of_book
from orderwright.payments.book import TENDERS
from orderwright.payments.models import TENDER_BUCKETS

# Read with the sheet and not from the entries, which another check ties to it.
ADDS_UP = f"""
    SELECT t.order_id, t.id AS tender, t.method, t.amount_minor AS amount,
           coalesce({" + ".join(f"s.{bucket}" for bucket in TENDER_BUCKETS)}, 0) AS in_buckets
      FROM tender t
      LEFT JOIN tender_sheet s ON s.holder_id = t.id
     WHERE t.amount_minor <> coalesce({" + ".join(f"s.{bucket}" for bucket in TENDER_BUCKETS)}, 0)
"""

# Only sheets with money that is being asked for, and only open questions, are looked at.
OPEN_QUESTIONS = """
    SELECT t.order_id, t.id AS tender, t.method, verb, coalesce(s.amount, 0) AS in_bucket,
           coalesce(q.amount, 0) AS asked_for
      FROM (SELECT holder_id, verb, amount
              FROM tender_sheet
             CROSS JOIN LATERAL (VALUES ('authorize', authorizing), ('capture', capturing), ('void', voiding),
                                        ('refund', refunding)) AS v(verb, amount)
             WHERE authorizing + capturing + voiding + refunding > 0 AND amount > 0) s
      FULL JOIN (SELECT tender_id AS holder_id, verb, sum(amount_minor)::bigint AS amount
                   FROM payment_attempt
                  WHERE ask_again_at IS NOT NULL
                  GROUP BY tender_id, verb) q USING (holder_id, verb)
      JOIN tender t ON t.id = holder_id
     WHERE coalesce(s.amount, 0) <> coalesce(q.amount, 0)
"""

ANSWERED = """
    SELECT id AS attempt, tender_id AS tender, verb, answer, answered_at, ask_again_at
      FROM payment_attempt
     WHERE (ask_again_at IS NULL) <> (answered_at IS NOT NULL)
        OR (answered_at IS NOT NULL) <> (coalesce(answer, '') IN ('approved', 'declined'))
        OR coalesce(answer, 'approved') NOT IN ('approved', 'declined', 'action_required')
"""

REFUNDED = """
    SELECT holder_id AS tender, captured, refunded
      FROM (SELECT holder_id, coalesce(sum(amount) FILTER (WHERE target = 'captured' AND source <> 'refunding'), 0)
                       AS captured,
                   coalesce(sum(amount) FILTER (WHERE target = 'refunded'), 0) AS refunded
              FROM tender_entry
             WHERE holder_id IN (SELECT holder_id FROM tender_sheet WHERE refunded > 0)
             GROUP BY holder_id) e
     WHERE refunded > captured
"""

RECEIPTS = """
    SELECT tender, marked, receipts
      FROM (SELECT holder_id AS tender, sum(amount)::bigint AS marked
              FROM tender_entry WHERE source = 'awaited' AND target = 'captured' GROUP BY 1) e
      FULL JOIN (SELECT tender_id AS tender, sum(amount_minor)::bigint AS receipts
                   FROM payment_receipt GROUP BY 1) r USING (tender)
     WHERE marked IS DISTINCT FROM receipts
"""

CHECKS = (
    *of_book(TENDERS),
    Check("tender_amounts_add_up", "The money of every tender is in its buckets, to the last coin.", ADDS_UP),
    Check(
        "open_questions_hold_their_money",
        "What providers are being asked for is exactly what stands in the buckets of asking.",
        OPEN_QUESTIONS,
    ),
    Check("questions_are_open_or_answered", "Every question to a provider is open, or has one final answer.", ANSWERED),
    Check("refunds_within_captures", "Of no tender more was given back than was captured.", REFUNDED),
    Check("receipts_equal_entries", "All money that was marked as received has its receipt.", RECEIPTS),
)
