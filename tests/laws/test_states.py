"""States: a thing becomes only what its state in the database allows, whatever was read of it before."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import models, transaction

from orderwright.kernel import sql
from orderwright.kernel.states import NotAllowed, advance


class Light(models.TextChoices):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


STEPS = {
    Light.RED: frozenset({Light.GREEN, Light.BROKEN}),
    Light.GREEN: frozenset({Light.RED, Light.BROKEN}),
    Light.BROKEN: frozenset[Light](),
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def lamps(db: None) -> Iterator[None]:
    """Lamp 1 is red, lamp 2 green."""
    sql.run("CREATE TABLE lamp (id bigint PRIMARY KEY, state text, broken_at timestamptz)")
    sql.run("INSERT INTO lamp (id, state) VALUES (1, 'red'), (2, 'green')")
    yield
    sql.run("DROP TABLE lamp")


def states() -> list[tuple[str, datetime | None]]:
    return sql.rows("SELECT state, broken_at FROM lamp ORDER BY id")


def test_steps_that_are_listed_are_taken_all_at_once() -> None:
    advance("lamp", [1, 2], Light.BROKEN, steps=STEPS, at={"broken_at": NOON})

    assert states() == [("broken", NOON), ("broken", NOON)]


@pytest.mark.parametrize("to", [Light.RED, Light.GREEN])
def test_a_step_that_is_not_listed_is_refused_and_changes_nothing(to: Light) -> None:
    advance("lamp", [1], Light.BROKEN, steps=STEPS)
    before = states()

    with pytest.raises(NotAllowed) as refused, transaction.atomic():
        advance("lamp", [1], to, steps=STEPS)

    assert str(refused.value) == f"lamp 1 cannot become {to}."
    assert states() == before


def test_where_one_may_not_none_does() -> None:
    with pytest.raises(NotAllowed), transaction.atomic():
        advance("lamp", [1, 2], Light.GREEN, steps=STEPS)

    assert states() == [("red", None), ("green", None)]


def test_of_none_nothing_is_asked() -> None:
    advance("lamp", [], Light.GREEN, steps=STEPS)

    assert states() == [("red", None), ("green", None)]
