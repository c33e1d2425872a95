"""Forgetting: labels show an address, and carriers' words may name a person.  Numbers, stages and events stay."""

from collections.abc import Collection

from orderwright.kernel import sql


def erase_words(order_ids: Collection[int]) -> None:
    """Erase the labels of these orders, and what carriers and people said of their packages in words."""
    wanted = [sql.ints(sorted(order_ids))]
    for statement in (DELETE_LABELS, BLANK_QUESTIONS, BLANK_SCANS):
        sql.run(statement, wanted)


DELETE_LABELS = """
    DELETE FROM label b
     USING package p, shipment s
     WHERE p.id = b.package_id AND s.id = p.shipment_id AND s.order_id = ANY (%s::bigint[])
"""

BLANK_QUESTIONS = """
    UPDATE carrier_question q SET message = ''
      FROM package p, shipment s
     WHERE p.id = q.package_id AND s.id = p.shipment_id AND s.order_id = ANY (%s::bigint[]) AND q.message <> ''
"""

BLANK_SCANS = """
    UPDATE scan c SET words = '', taken_by = '', left_where = ''
      FROM package p, shipment s
     WHERE p.id = c.package_id AND s.id = p.shipment_id AND s.order_id = ANY (%s::bigint[])
       AND (c.words <> '' OR c.taken_by <> '' OR c.left_where <> '')
"""
