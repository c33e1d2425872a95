"""Standing by: shipments that are packed and have not left yet."""

from typing import NamedTuple

from orderwright.kernel import sql

MOST = 2500


class Packed(NamedTuple):
    """How many shipments are packed and here; `more`, where there are more than were counted."""

    number: int
    more: bool


def packed() -> Packed:
    """One statement, counted to a bound."""
    found = int(sql.value(PACKED, [MOST + 1]))
    return Packed(min(found, MOST), found > MOST)


PACKED = """
    SELECT count(*) FROM (SELECT FROM shipment WHERE state = 'prepared' LIMIT %s::bigint) s
"""
