"""Forgetting: what people wrote about work in their own words."""

from collections.abc import Collection

from orderwright.kernel import sql


def erase_words(order_ids: Collection[int]) -> None:
    """Erase the notes of rejections, holds and recalls of these orders."""
    wanted = [sql.ints(sorted(order_ids))]
    sql.run(REJECTIONS, wanted)
    sql.run(HOLDS, wanted)
    sql.run(RECALLS, wanted)


REJECTIONS = """
    UPDATE fulfilment_rejection r SET note = ''
      FROM fulfilment_line l JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
     WHERE l.id = r.fulfilment_line_id AND r.note <> '' AND f.order_id = ANY (%s::bigint[])
"""

HOLDS = """
    UPDATE fulfilment_hold h SET note = ''
      FROM fulfilment_order f
     WHERE f.id = h.fulfilment_order_id AND h.note <> '' AND f.order_id = ANY (%s::bigint[])
"""

RECALLS = """
    UPDATE fulfilment_recall r SET note = ''
      FROM fulfilment_order f
     WHERE f.id = r.fulfilment_order_id AND r.note <> '' AND f.order_id = ANY (%s::bigint[])
"""
