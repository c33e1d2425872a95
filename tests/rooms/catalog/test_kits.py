"""Kits: SKUs made of SKUs, and never of kits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shelves import a_sku

from orderwright.catalog.editing import only
from orderwright.catalog.kits import KitInKit, NotAKit, Recipe, set_parts
from orderwright.catalog.models import KitPart, Sku
from orderwright.kernel import actors
from orderwright.kernel.errors import Invalid, NotFound, Stale
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def parts(kit: str) -> dict[str, int]:
    return {part.part.code: part.quantity for part in KitPart.objects.filter(kit__code=kit)}


@pytest.mark.django_db
def test_a_kit_is_made_of_exactly_what_is_said():
    a_sku("SET", is_kit=True)
    a_sku("MUG")
    a_sku("SPOON")

    first = only(set_parts([Recipe("SET", {"MUG": 2})], actor=CLERK))
    second = only(set_parts([Recipe("SET", {"MUG": 1, "SPOON": 6}, seen=2)], actor=CLERK))
    again = only(set_parts([Recipe("SET", {"SPOON": 6, "MUG": 1})], actor=CLERK))

    assert [one.outcome.value for one in (first, second, again)] == ["changed", "changed", "unchanged"]
    assert [one.version for one in (first, second, again)] == [2, 3, 3]
    assert Sku.objects.get(code="SET").version == 3
    assert parts("SET") == {"MUG": 1, "SPOON": 6}
    assert list(Event.objects.order_by("id").values_list("kind", "facts")) == [
        ("kit.changed", {"kit": "SET", "before": {}, "after": {"MUG": 2}}),
        ("kit.changed", {"kit": "SET", "before": {"MUG": 2}, "after": {"MUG": 1, "SPOON": 6}}),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("recipe", "refusal"),
    [
        (Recipe("MUG", {"SPOON": 1}), NotAKit),
        (Recipe("SET", {"BOX": 1}), KitInKit),
        (Recipe("SET", {"SET": 1}), KitInKit),
        (Recipe("SET", {"NONE": 1}), NotFound),
        (Recipe("SET", {"a\x00": 1}), NotFound),
        (Recipe("NONE", {"MUG": 1}), NotFound),
        (Recipe("SET", {}), Invalid),
        (Recipe("SET", {"MUG": 0}), Invalid),
        (Recipe("SET", {"MUG": 1}, seen=7), Stale),
    ],
)
def test_a_kit_that_cannot_be_is_refused_and_nothing_happens(recipe, refusal):
    for kit in ("SET", "BOX"):
        a_sku(kit, is_kit=True)
    a_sku("MUG")
    a_sku("SPOON")
    only(set_parts([Recipe("SET", {"MUG": 4})], actor=CLERK))

    with pytest.raises(refusal):
        only(set_parts([recipe], actor=CLERK))

    assert parts("SET") == {"MUG": 4}
    assert KitPart.objects.count() == 1
    assert Event.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 100])
def test_statements_do_not_grow_with_the_batch(count):
    a_sku("MUG")
    for i in range(count):
        a_sku(f"K{i}", is_kit=True)

    with CaptureQueriesContext(connection) as queries:
        set_parts([Recipe(f"K{i}", {"MUG": i + 1}) for i in range(count)], actor=CLERK)

    assert len(queries) == 9
    assert KitPart.objects.count() == count
