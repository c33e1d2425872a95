"""Finding a shipment by its name, by a package's name, or by a tracking number."""

from typing import NamedTuple

from orderwright.kernel import sql


class Found(NamedTuple):
    """A package, as somebody finds it."""

    name: str
    order: str
    carrier: str
    tracking_number: str
    stage: str


def find(words: str, limit: int) -> list[Found]:
    """Packages with this tracking number, or whose name begins with these words; one statement."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [Found(*row) for row in sql.rows(FIND, [words, f"{escaped}%", limit, limit])]


FIND = """
    SELECT DISTINCT ON (p.id) p.name, o.number, p.carrier, coalesce(p.tracking_number, ''), p.stage
      FROM ((SELECT p.id, p.name, p.shipment_id, p.carrier, p.tracking_number, p.stage
               FROM package p WHERE p.tracking_number = %s::text)
            UNION ALL
            (SELECT p.id, p.name, p.shipment_id, p.carrier, p.tracking_number, p.stage
               FROM package p WHERE p.name LIKE %s::text LIMIT %s::bigint)) p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
     ORDER BY p.id DESC
     LIMIT %s::bigint
"""
