"""Adopting: SKUs that someone else sold before we knew them get a product and a row of their own."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import transaction

from orderwright.catalog.editing import Way
from orderwright.catalog.models import WhenShort
from orderwright.catalog.taking_up import Offer, take_up
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor


class Adopted(NamedTuple):
    id: int
    is_kit: bool


@transaction.atomic
def adopt_skus(names: Mapping[str, str], *, actor: Actor) -> dict[str, Adopted]:
    """Find these SKUs by code, and make those that are missing: {code: name}.  One statement where none is.

    What is sold elsewhere is sold, whatever our shelves say: a SKU that is made here may be backordered without limit.
    A code that the catalog does not allow is not in the answer.
    """
    found = _find(names)
    missing = {code: names[code] or code for code in sorted(names.keys() - found.keys())}
    if not missing:
        return found
    fields = {"when_short": WhenShort.BACKORDER.value}
    take_up([Offer(code, {"name": name, **fields}, way=Way.CREATE) for code, name in missing.items()], actor=actor)
    # One that somebody else made at this moment was refused, and is found now.
    return {**found, **_find(missing)}


def _find(codes: Collection[str]) -> dict[str, Adopted]:
    return {code: Adopted(id_, is_kit) for code, id_, is_kit in sql.rows(FIND, [sql.texts(codes)])}


FIND = "SELECT code, id, is_kit FROM sku WHERE code = ANY (%s::text[])"
