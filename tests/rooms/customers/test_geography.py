"""Where countries are."""

from importlib.resources import files

import pytest

from orderwright.customers.geography import MAIN_ZONE, coordinates


@pytest.mark.parametrize(
    ("country", "near"),
    [("DE", (52.5, 13.4)), ("US", (40.7, -74.0)), ("AU", (-33.9, 151.2)), ("CA", (43.65, -79.4)), ("UA", (50.4, 30.5))],
)
def test_a_country_is_where_most_of_its_people_are(country, near):
    assert coordinates(country) == pytest.approx(near, abs=0.2)


def test_an_unknown_country_is_nowhere():
    assert coordinates("ZZ") is None
    assert coordinates("") is None


def test_every_main_zone_is_in_the_table():
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="ascii")
    rows = {tuple(line.split("\t")[::2][:2]) for line in table.splitlines() if not line.startswith("#")}

    assert set(MAIN_ZONE.items()) <= rows
