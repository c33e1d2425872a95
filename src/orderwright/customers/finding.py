"""Finding a customer by the beginning of an e-mail address, or by a part of a name."""

from typing import NamedTuple

from orderwright.kernel import sql

SHORTEST = 3  # letters that an index of trigrams can find
LOOKED_AT = 500


class Found(NamedTuple):
    id: int
    name: str
    email: str


def find(words: str, limit: int) -> list[Found]:
    """Customers whom these words may mean; one statement."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    by_name = f"%{escaped}%" if len(words) >= SHORTEST and "@" not in words else None
    return [Found(*row) for row in sql.rows(FIND, [f"{escaped.lower()}%", limit, by_name, LOOKED_AT, limit])]


FIND = """
    SELECT DISTINCT ON (found.id) found.id, found.name, found.email
      FROM ((SELECT c.id, c.name, coalesce(c.email, '') AS email FROM customer c WHERE c.email LIKE %s::text
              LIMIT %s::bigint)
            UNION ALL
            (SELECT c.id, c.name, coalesce(c.email, '') FROM customer c WHERE c.name ILIKE %s::text
              LIMIT %s::bigint)) found
     ORDER BY found.id
     LIMIT %s::bigint
"""
