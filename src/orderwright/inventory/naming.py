"""Naming: which SKU and which location is meant, and what they are called."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound, Refusal


class KitHasNoStock(Refusal):
    code = "kit_has_no_stock"
    status = 422
    sentence = _("{sku} is a kit: it has parts and no stock of its own.")


class Names(NamedTuple):
    """The codes of SKUs and locations, by id: what events and refusals call them."""

    skus: dict[int, str]
    locations: dict[int, str]


def name_shelves(shelves: Collection[tuple[int, int]]) -> Names:
    """The names of these (SKU, location) pairs, in one statement.

    Raises `NotFound` for an id that is not there and `KitHasNoStock` for a SKU that cannot stand on a shelf.
    """
    return name_skus_and_locations({sku for sku, _ in shelves}, {location for _, location in shelves})


def name_skus_and_locations(skus: Collection[int], locations: Collection[int]) -> Names:
    """The same, of SKUs and locations that are not paired."""
    found = sql.rows(NAME_SHELVES, [sql.ints(sorted(skus)), sql.ints(sorted(locations))])
    names = Names({}, {})
    for id_, code, is_location, is_kit in found:
        if is_kit:
            raise KitHasNoStock(sku=code)
        (names.locations if is_location else names.skus)[id_] = code
    _refuse_missing(_("SKU"), skus, names.skus)
    _refuse_missing(_("location"), locations, names.locations)
    return names


def name_channels(channels: Collection[int]) -> dict[int, str]:
    """The codes of channels, by id."""
    found: dict[int, str] = dict(sql.rows(NAME_CHANNELS, [sql.ints(sorted(channels))])) if channels else {}
    _refuse_missing(_("channel"), channels, found)
    return found


def names_of(skus: Collection[int], locations: Collection[int]) -> Names:
    """The names of SKUs, kits among them, and of locations, as far as they exist."""
    names = Names({}, {})
    for id_, code, is_location, _is_kit in sql.rows(NAME_SHELVES, [sql.ints(skus), sql.ints(locations)]):
        (names.locations if is_location else names.skus)[id_] = code
    return names


def _refuse_missing(thing: Promise, wanted: Collection[int], found: Mapping[int, str]) -> None:
    for id_ in sorted(wanted):
        if id_ not in found:
            raise NotFound(thing=thing, name=id_)


NAME_CHANNELS = "SELECT id, code FROM channel WHERE id = ANY (%s::bigint[])"

NAME_SHELVES = """
    SELECT id, code, false, is_kit FROM sku WHERE id = ANY (%s::bigint[])
    UNION ALL
    SELECT id, code, true, false FROM location WHERE id = ANY (%s::bigint[])
     ORDER BY 1
"""


def find_skus(codes: Collection[str]) -> dict[str, int]:
    """The ids of SKUs by code.  Raises `NotFound` for the first code that is nobody's."""
    return _find(_("SKU"), "sku", codes)


def find_locations(codes: Collection[str]) -> dict[str, int]:
    """The ids of locations by code.  Raises `NotFound` for the first code that is nobody's."""
    return _find(_("location"), "location", codes)


def find_channels(codes: Collection[str]) -> dict[str, int]:
    """The ids of channels by code.  Raises `NotFound` for the first code that is nobody's."""
    return _find(_("channel"), "channel", codes)


def _find(thing: Promise, table: str, codes: Collection[str]) -> dict[str, int]:
    wanted = sorted(set(codes))
    if any("\x00" in code for code in wanted):  # PostgreSQL keeps no text with a zero byte
        raise NotFound(thing=thing, name=next(code for code in wanted if "\x00" in code).replace("\x00", "?"))
    found: dict[str, int] = dict(sql.rows(FIND.format(table=table), [sql.texts(wanted)])) if wanted else {}
    for code in wanted:
        if code not in found:
            raise NotFound(thing=thing, name=code)
    return found


FIND = "SELECT code, id FROM {table} WHERE code = ANY (%s::text[])"
