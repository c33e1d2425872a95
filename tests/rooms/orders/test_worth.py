"""What units are worth: whatever is canceled, in whatever steps, no penny is lost."""

from hypothesis import assume, given
from hypothesis import strategies as st

from orderwright.orders import canceling, worth
from orderwright.orders.canceling import take_back
from orderwright.orders.models import LINE_BUCKETS
from orderwright.orders.moving import Wanted
from orderwright.orders.units import LineUnits, OrderUnits
from orderwright.orders.worth import Written


def an_order(*lines, kit_of=0):
    """Lines of (quantity, total in minor units), all reserved at place 1; the first is a kit of `kit_of` units each."""
    made = []
    for position, (quantity, total) in enumerate(lines, start=1):
        is_kit = bool(kit_of) and position == 1
        made.append(LineUnits(position, 1, position, None, position, f"SKU-{position}", is_kit, quantity, total))
        if not is_kit:
            _put(made[-1])
    if kit_of:
        part = LineUnits(99, 1, 99, 1, 99, "PART", False, lines[0][0] * kit_of, 0)
        made.append(part)
        _put(part)
    return OrderUnits(1, made)


def _put(line):
    line.sheets[1] = {**dict.fromkeys(LINE_BUCKETS, 0), "reserved": line.quantity}
    line.locations[1] = "BERLIN"


def adjustment(kind, amount, *, line=None, included=False):
    return Written(1, line, kind, kind, amount, included)


sold = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 5000)), min_size=1, max_size=4)
steps = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 7)), max_size=12)
extras = st.lists(
    st.tuples(st.sampled_from(["discount", "tax", "shipping", "fee"]), st.integers(0, 900), st.sampled_from([None, 1])),
    max_size=5,
)


def written_of(extras):
    return [
        adjustment(
            kind, -amount if kind == "discount" else amount, line=line, included=kind == "tax" and amount % 2 == 1
        )
        for kind, amount, line in extras
    ]


@given(sold, extras, steps, st.integers(0, 3))
def test_steps_do_not_matter_and_all_of_it_comes_to_nothing(sold, extras, steps, kit_of):
    stepwise, at_once = an_order(*sold, kit_of=kit_of), an_order(*sold, kit_of=kit_of)
    standing, once = written_of(extras), written_of(extras)
    assume(worth.total(stepwise, standing) >= 0)  # an order that came to less would not have been placed

    for position, quantity in steps:
        line = stepwise.at(position)
        if line and quantity <= worth.whole_units(stepwise, line, "reserved"):
            for order in (stepwise, at_once):
                canceling.choose_units(order, [Wanted(position, quantity)], number="1")
            standing += take_back(stepwise, standing)
            assert worth.total(stepwise, standing) >= 0
    once += take_back(at_once, once)

    assert worth.total(stepwise, standing) == worth.total(at_once, once)
    if not canceling.is_whole(stepwise):
        canceling.choose_units(stepwise, None, number="1")
        standing += take_back(stepwise, standing)
    assert worth.total(stepwise, standing) == 0
    assert sum(one.amount_minor for one in standing if one.included) == 0
    assert take_back(stepwise, standing) == []


@given(sold, extras, steps)
def test_what_is_handed_over_adds_up_to_what_is_left_of_the_total(sold, extras, steps):
    order, standing = an_order(*sold), written_of(extras)
    assert worth.handed_over(order, standing) == 0
    due = 0
    for index, (position, quantity) in enumerate(steps):
        line = order.at(position)
        if line and quantity <= line.count("reserved"):
            if index % 3 == 2:
                line.take(quantity, ("reserved",), "canceled")
                standing += take_back(order, standing)
            else:
                line.take(quantity, ("reserved",), "shipped")
                due = worth.handed_over(order, standing)

    for line in order.lines:
        line.take(line.count("reserved"), ("reserved",), "shipped")

    if order.count("shipped"):
        due = worth.handed_over(order, standing)
        assert due == worth.total(order, standing)
    else:
        assert due == 0


def test_a_discount_that_is_left_never_makes_an_order_worth_less_than_nothing():
    order = an_order((2, 1000), (1, 700))
    standing = [adjustment("discount", -1200, line=1)]
    assert worth.total(order, standing) == 500

    canceling.choose_units(order, [Wanted(2, 1)], number="1")
    standing += take_back(order, standing)
    assert worth.total(order, standing) == 0
    canceling.choose_units(order, [Wanted(1, 1)], number="1")
    standing += take_back(order, standing)
    assert worth.total(order, standing) == 0
    canceling.choose_units(order, None, number="1")
    standing += take_back(order, standing)

    assert worth.total(order, standing) == 0
    assert sum(one.amount_minor for one in standing if one.line_id is None) == 0


def test_the_first_shipment_brings_the_shipping_with_it():
    order = an_order((3, 1000), (1, 500))
    standing = [adjustment("shipping", 490), adjustment("discount", -150)]

    order.lines[0].take(1, ("reserved",), "shipped")

    assert worth.handed_over(order, standing) == 300 + 490


def test_a_discount_of_the_order_is_shared_by_worth_to_the_last_penny():
    order = an_order((1, 1000), (1, 1000), (1, 1000))
    standing = [adjustment("discount", -100)]

    assert [one["", False] for one in worth.gross(order, standing)] == [966, 967, 967]


def test_lines_that_cost_nothing_share_equally():
    order = an_order((1, 0), (2, 0))
    standing = [adjustment("tax", 3)]

    assert [one["", False] for one in worth.gross(order, standing)] == [2, 1]
