"""What a channel may sell of what is on the shelves, where units are kept back."""

from orderwright.inventory.availability import SafetyRow, sellable

TEE, BERLIN, PARIS, ROME = 1, 11, 12, 13
WEB, MARKET = 21, 22
SHELVES = {(TEE, BERLIN): 10, (TEE, PARIS): 4, (TEE, ROME): 1}


def may_sell(*safeties: SafetyRow, channel: int | None = WEB) -> list[int]:
    left = sellable(SHELVES, safeties, channel)
    assert left.keys() == SHELVES.keys()
    return [left[TEE, location] for location in (BERLIN, PARIS, ROME)]


def test_without_safety_stock_all_may_be_sold():
    assert may_sell() == [10, 4, 1]


def test_a_location_keeps_its_own_back_and_never_more_than_it_has():
    assert may_sell(SafetyRow(TEE, BERLIN, None, 3), SafetyRow(TEE, ROME, None, 5)) == [7, 4, 0]


def test_of_several_rows_for_a_shelf_the_largest_counts():
    for_all, for_market = SafetyRow(TEE, BERLIN, None, 3), SafetyRow(TEE, BERLIN, MARKET, 5)

    assert may_sell(for_all, for_market, channel=WEB) == [7, 4, 1]
    assert may_sell(for_all, for_market, channel=MARKET) == [5, 4, 1]
    assert may_sell(for_all, for_market, channel=None) == [7, 4, 1]


def test_what_is_kept_of_the_sum_is_taken_from_the_smallest_shelves_first():
    assert may_sell(SafetyRow(TEE, None, None, 1)) == [10, 4, 0]
    assert may_sell(SafetyRow(TEE, None, None, 7)) == [8, 0, 0]
    assert may_sell(SafetyRow(TEE, None, None, 99)) == [0, 0, 0]


def test_what_locations_keep_back_counts_towards_the_sum():
    at_berlin = SafetyRow(TEE, BERLIN, None, 6)

    assert may_sell(at_berlin, SafetyRow(TEE, None, None, 6)) == [4, 4, 1]
    assert may_sell(at_berlin, SafetyRow(TEE, None, None, 9)) == [
        2,
        4,
        0,
    ]  # Berlin and Paris have as much left: the first


def test_rows_of_other_skus_and_unknown_shelves_change_nothing():
    assert may_sell(SafetyRow(2, BERLIN, None, 6), SafetyRow(2, None, None, 6), SafetyRow(TEE, 99, None, 6)) == [
        10,
        4,
        1,
    ]


def test_the_shelves_given_stay_as_they_are():
    may_sell(SafetyRow(TEE, None, None, 7))

    assert SHELVES == {(TEE, BERLIN): 10, (TEE, PARIS): 4, (TEE, ROME): 1}
