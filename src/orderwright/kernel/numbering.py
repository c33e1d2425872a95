"""Numbers: ids, which may have gaps, and order numbers, which may not."""

from collections.abc import Mapping

from orderwright.kernel import sql
from orderwright.kernel.sql import Question


def take_ids(sequence: str, count: int) -> list[int]:
    """`count` ids of a sequence, rising.  Ids of a transaction that fails are lost; nobody counts them."""
    return [row[0] for row in sql.rows("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])]


def ids(counts: Mapping[str, int]) -> Question[dict[str, list[int]]]:
    """Ids of several sequences at once."""
    return Question(IDS, [sql.texts(counts), sql.ints(counts.values())], dict)


IDS = """
    SELECT wanted.name, array(SELECT nextval(wanted.name::regclass) FROM generate_series(1, wanted.count))
      FROM unnest(%s::text[], %s::int[]) AS wanted(name, count)
"""


def numbers(wanted: Mapping[str, int]) -> Question[dict[str, range]]:
    """So many numbers of each series, without gaps: they are given back where the transaction fails.

    Each series stays locked until the transaction ends, so this is the last lock that a flow takes.
    """
    ordered = sorted(wanted)

    def read(rows: list[tuple[str, int]]) -> dict[str, range]:
        return {series: range(last - wanted[series] + 1, last + 1) for series, last in rows}

    return Question(NUMBERS, [sql.texts(ordered), sql.ints(wanted[series] for series in ordered)], read)


NUMBERS = """
    INSERT INTO number_series AS s (name, last)
    SELECT name, wanted FROM unnest(%s::text[], %s::bigint[]) AS w(name, wanted) ORDER BY name
        ON CONFLICT (name) DO UPDATE SET last = s.last + excluded.last
    RETURNING name, last
"""
