"""Names of pages: opaque, checked, and never an error of ours."""

from datetime import UTC, datetime

import pytest

from orderwright.api.pages import BadPage, name, page, place


def test_a_page_is_named_by_the_key_behind_which_it_begins() -> None:
    key = (datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=UTC), 17)

    named = name(key)

    assert place(named, tuple[datetime, int]) == key
    assert named.isascii()
    assert "=" not in named
    assert place(None, int) is None
    assert place("", int) is None


def test_the_last_page_names_no_other() -> None:
    assert page(["a", "b", "c"], [1, 2, 3], 2) == {"items": ["a", "b"], "next": name(2)}
    assert page(["a", "b"], [1, 2], 2) == {"items": ["a", "b"], "next": None}
    assert page([], [], 2) == {"items": [], "next": None}


@pytest.mark.parametrize(
    "rubbish",
    [
        "rubbish!",
        "ä",
        "====",
        "MQ",
        name("text"),
        name((1, 2)),
        name(["2026-01-31", 1]),
        name([datetime(2026, 1, 31, tzinfo=UTC), 2**70]),
        name([datetime(2026, 1, 31, tzinfo=UTC), 2**63]),
        name([datetime(2026, 1, 31, tzinfo=UTC), 1, 1]),
        name([datetime(2026, 1, 31, tzinfo=UTC), 1.5]),
        "A" * 1000,
    ],
)
def test_what_is_not_a_page_is_refused(rubbish: str) -> None:
    with pytest.raises(BadPage):
        place(rubbish, tuple[datetime, int])


def test_a_key_that_postgresql_could_not_compare_is_refused() -> None:
    with pytest.raises(BadPage):
        place(name("a\x00"), str)
