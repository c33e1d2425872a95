"""Numbers: ids, which may have gaps, and order numbers, which may not."""

from collections.abc import Mapping

from orderwright.kernel import sql


def take_ids(sequence: str, count: int) -> list[int]:
    """`count` ids of a sequence, rising.  Ids of a transaction that fails are lost; nobody counts them."""
    return [row[0] for row in sql.rows("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])]


def take_many_ids(counts: Mapping[str, int]) -> dict[str, list[int]]:
    """Ids of several sequences at once, in one statement."""
    found = sql.rows(TAKE_MANY, [sql.texts(counts), sql.ints(counts.values())])
    taken: dict[str, list[int]] = {sequence: [] for sequence in counts}
    for sequence, id_ in found:
        taken[sequence].append(id_)
    return taken


TAKE_MANY = """
    SELECT wanted.name, nextval(wanted.name::regclass)
      FROM unnest(%s::text[], %s::int[]) AS wanted(name, count), generate_series(1, wanted.count)
"""


def take_numbers(wanted: Mapping[str, int]) -> dict[str, range]:
    """So many numbers of each series, without gaps: they are given back where the transaction fails.

    Each series stays locked until the transaction ends, so this is the last lock that a flow takes.
    """
    ordered = sorted(wanted)
    last = dict(sql.rows(TAKE_NUMBERS, [sql.texts(ordered), sql.ints(wanted[series] for series in ordered)]))
    return {series: range(last[series] - wanted[series] + 1, last[series] + 1) for series in ordered}


TAKE_NUMBERS = """
    INSERT INTO number_series AS s (name, last)
    SELECT name, wanted FROM unnest(%s::text[], %s::bigint[]) AS w(name, wanted) ORDER BY name
        ON CONFLICT (name) DO UPDATE SET last = s.last + excluded.last
    RETURNING name, last
"""
