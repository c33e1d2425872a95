"""Making up kits: which SKUs, and how many of each, go into one kit.

A kit is a kit from its beginning and for ever, and its parts are plain SKUs.  So there is no kit in a kit, no circle,
and no moment at which stock lies under something that has none.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.catalog import checking
from orderwright.catalog.editing import Edited, Outcome
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.events import Happening, record

MOST_PARTS = 100
MOST_OF_A_PART = 1_000_000


class NotAKit(Refusal):
    code = "not_a_kit"
    sentence = gettext_lazy("{sku} is not a kit.")


class KitInKit(Refusal):
    code = "kit_in_kit"
    sentence = gettext_lazy("{part} is a kit itself, so it cannot be a part of {kit}.")


class Recipe(NamedTuple):
    """A kit's code, and its parts' codes with their quantities in one kit."""

    kit: str
    parts: Mapping[str, int]
    seen: int | None = None  # the version of the kit's SKU that was looked at, where that matters


class _Sku(NamedTuple):
    id: int
    version: int
    is_kit: bool


@transaction.atomic
def set_parts(recipes: Sequence[Recipe], *, actor: Actor) -> list[Edited]:
    """Make each kit consist of exactly these parts, or refuse it by itself; the last of two for one kit counts."""
    codes = {code for recipe in recipes for code in (recipe.kit, *recipe.parts) if checking.storable(code)}
    skus = {code: _Sku(*row) for code, *row in sql.rows(LOCK_SKUS, [sql.texts(sorted(codes))])}
    before = _parts({skus[recipe.kit].id: recipe.kit for recipe in recipes if recipe.kit in skus})
    after = dict(before)
    edited = []
    for recipe in recipes:
        try:
            _check(recipe, skus)
        except Refusal as refusal:
            edited.append(Edited(recipe.kit, Outcome.REFUSED, refusal=refusal))
            continue
        outcome = Outcome.UNCHANGED if after.get(recipe.kit) == recipe.parts else Outcome.CHANGED
        after[recipe.kit] = dict(recipe.parts)
        edited.append(Edited(recipe.kit, outcome, skus[recipe.kit].id, skus[recipe.kit].version))
    changed = {kit: parts for kit, parts in after.items() if parts != before.get(kit)}
    _write(changed, skus)
    facts = [{"kit": kit, "before": before.get(kit, {}), "after": parts} for kit, parts in changed.items()]
    record([Happening("kit.changed", actor, fact) for fact in facts])
    return [one._replace(version=one.version + 1) if one.code in changed and one.id else one for one in edited]


def _check(recipe: Recipe, skus: Mapping[str, _Sku]) -> None:
    kit = skus.get(recipe.kit)
    if kit is None:
        raise NotFound(thing="sku", name=recipe.kit)
    if not kit.is_kit:
        raise NotAKit(sku=recipe.kit)
    if recipe.seen not in (None, kit.version):
        raise Stale(thing=f"sku {recipe.kit}", version=kit.version)
    if not 1 <= len(recipe.parts) <= MOST_PARTS:
        raise Invalid(field="parts", problem=_("a kit has 1 to {most} parts").format(most=MOST_PARTS))
    for part, quantity in recipe.parts.items():
        if part not in skus:
            raise NotFound(thing="sku", name=part)
        if skus[part].is_kit:
            raise KitInKit(part=part, kit=recipe.kit)
        if not 1 <= quantity <= MOST_OF_A_PART:
            raise Invalid(field="parts", problem=_("1 to {most} of a part go into a kit").format(most=MOST_OF_A_PART))


def _parts(kits: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """What these kits are made of now."""
    found: dict[str, dict[str, int]] = {}
    for kit_id, part, quantity in sql.rows(PARTS, [sql.ints(kits)]):
        found.setdefault(kits[kit_id], {})[part] = quantity
    return found


def _write(changed: Mapping[str, Mapping[str, int]], skus: Mapping[str, _Sku]) -> None:
    if not changed:
        return
    kits = sql.ints(skus[kit].id for kit in changed)
    sql.run(REMOVE_PARTS, [kits])
    rows = [
        (skus[kit].id, skus[part].id, quantity) for kit, parts in changed.items() for part, quantity in parts.items()
    ]
    sql.run(WRITE_PARTS, [sql.ints(column) for column in zip(*rows, strict=True)])
    sql.run(RAISE_VERSIONS, [kits])


LOCK_SKUS = "SELECT code, id, version, is_kit FROM sku WHERE code = ANY (%s::text[]) ORDER BY id FOR NO KEY UPDATE"

PARTS = """
    SELECT k.kit_id, s.code, k.quantity FROM kit_part k JOIN sku s ON s.id = k.part_id
     WHERE k.kit_id = ANY (%s::bigint[])
"""

REMOVE_PARTS = "DELETE FROM kit_part WHERE kit_id = ANY (%s::bigint[])"

WRITE_PARTS = """
    INSERT INTO kit_part (kit_id, part_id, quantity)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[])
"""

RAISE_VERSIONS = "UPDATE sku SET version = version + 1 WHERE id = ANY (%s::bigint[])"
