"""Sourcing: where units come from, whatever is on the shelves."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.fulfilment.sourcing.plan import plan
from orderwright.fulfilment.sourcing.sorters import Destination, Place, distance_km, known, sorter
from orderwright.kernel.ports import NotInstalled

HERE = Destination("DE", 52.5, 13.4)
PLACES = [
    Place(1, "BER", 30, "DE", 52.5, 13.4),
    Place(2, "PAR", 10, "FR", 48.8, 2.3),
    Place(3, "MAD", 20, "ES", 40.4, -3.7),
]

shelves = st.dictionaries(st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 3])), st.integers(0, 6), max_size=12)
wants = st.dictionaries(st.integers(1, 4), st.integers(1, 8), min_size=1, max_size=4)
strategies = st.lists(st.sampled_from(["nearest", "ranked", "fewest_parcels"]), max_size=3)


@given(wants, shelves, strategies)
def test_takes_all_that_is_wanted_or_all_that_there_is(wanted, on_shelves, names):
    planned = plan(wanted, on_shelves, PLACES, HERE, names)

    for sku, units in wanted.items():
        there = sum(on_shelves.get((sku, place.id), 0) for place in PLACES)
        taken = sum(take.amount for take in planned.taken[sku])
        assert taken == min(units, there)
        assert planned.short.get(sku, 0) == units - taken
        for take in planned.taken[sku]:
            assert 0 < take.amount <= on_shelves[sku, take.place]
        assert len({take.place for take in planned.taken[sku]}) == len(planned.taken[sku])


@given(wants, shelves)
def test_fewest_parcels_means_fewest(wanted, on_shelves):
    planned = plan(wanted, on_shelves, PLACES, HERE, ["fewest_parcels", "nearest"])

    if planned.short:
        return
    used = {take.place for takes in planned.taken.values() for take in takes}
    for size in range(1, len(used)):
        for group in combinations([1, 2, 3], size):
            assert any(sum(on_shelves.get((sku, at), 0) for at in group) < units for sku, units in wanted.items())


@given(wants, shelves, strategies)
def test_the_fact_names_what_was_chosen(wanted, on_shelves, names):
    planned = plan(wanted, on_shelves, PLACES, HERE, names)

    codes = {place.id: place.code for place in PLACES}
    used = {codes[take.place] for takes in planned.taken.values() for take in takes}
    assert set(planned.reason["chosen"]) == used
    assert used <= {candidate["location"] for candidate in planned.reason["candidates"]}
    assert planned.reason["reason"]


@pytest.mark.parametrize(("names", "first"), [(["nearest"], "BER"), (["ranked"], "PAR"), (["fewest_parcels"], "MAD")])
def test_each_strategy_has_its_own_first_choice(names, first):
    on_shelves = {(7, 1): 1, (7, 2): 1, (7, 3): 3}

    planned = plan({7: 1} if names != ["fewest_parcels"] else {7: 3}, on_shelves, PLACES, HERE, names)

    assert planned.reason["chosen"] == [first]


def test_nearest_first_splits_rather_than_go_far():
    on_shelves = {(7, 1): 1, (7, 2): 1, (7, 3): 3}

    planned = plan({7: 2}, on_shelves, PLACES, HERE, ["nearest"])

    assert planned.reason["chosen"] == ["BER", "PAR"]


def test_a_place_in_the_country_beats_one_whose_distance_is_not_known():
    nowhere = Place(9, "XX", 1, "US", None, None)
    home = Place(8, "HH", 2, "DE", None, None)

    assert distance_km(home, HERE) < distance_km(nowhere, HERE)


def test_an_unknown_strategy_is_refused():
    assert known("nearest")
    assert not known("cheapest")
    with pytest.raises(NotInstalled):
        sorter("cheapest")
