"""The law of stock: whatever is done to it, every unit is somewhere, and the book can say how it got there.

A machine works the shelves of a real database with legal and illegal steps, beside a model that knows only plain sums.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from shelves import CLERK, a_location, a_sku

from orderwright.inventory import counting
from orderwright.inventory.adjusting import REASONS, Adjustment, Change, adjust
from orderwright.inventory.auditing import CHECKS
from orderwright.inventory.book import ON_HAND, STOCK
from orderwright.inventory.counting import Outcome
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.history import history
from orderwright.inventory.models import STOCK_BUCKETS, StockSheet
from orderwright.inventory.receiving import ExpectationClosed, Receipt, receive
from orderwright.inventory.setting import Figure, Setting, StockChanged, set_levels
from orderwright.inventory.transferring import Arrival, Came, NotOnTheWay, Sending, arrive, send
from orderwright.inventory.units import NotEnoughStock, Units
from orderwright.kernel import sql
from orderwright.kernel.books import Movement, Shortfall, post
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.events import Happening, record

SKUS, PLACES = 3, 3
SOON = date(2026, 11, 27)

skus, places = st.integers(0, SKUS - 1), st.integers(0, PLACES - 1)
few = st.integers(1, 9)


class Shelves(RuleBasedStateMachine):
    """`units` is what should be where; `came` what came in from outside less what left, of each SKU."""

    @initialize()
    def open_up(self) -> None:
        self.skus = [a_sku(f"SKU-{number}") for number in range(SKUS)]
        self.places = [a_location(f"PLACE-{number}") for number in range(PLACES)]
        self.units: dict[tuple[int, int, str], int] = defaultdict(int)
        self.outside: dict[tuple[int, str], int] = defaultdict(int)
        self.transfers: dict[int, tuple[int, dict[int, int]]] = {}
        self.expected: list[tuple[int, int, int]] = []
        self.counts: list[tuple[int, int, int]] = []
        self.touched: set[tuple[int, int]] = set()
        self.goods_come_in([(sku, place, 10) for sku in range(SKUS) for place in range(PLACES)])

    def move(self, sku: int, source: tuple[int, str], target: tuple[int, str], quantity: int) -> None:
        for (place, bucket), change in ((source, -quantity), (target, quantity)):
            if bucket in STOCK.outside:
                self.outside[sku, bucket] += change
            else:
                self.units[sku, place, bucket] += change
        for place in {source[0], target[0]}:
            if (source[0] == place and source[1] in ON_HAND) != (target[0] == place and target[1] in ON_HAND):
                self.touched.add((sku, place))

    def on_hand(self, sku: int, place: int) -> int:
        return sum(self.units[sku, place, bucket] for bucket in ON_HAND)

    def refused(self, work: Callable[[], object], *refusals: type[Refusal]) -> None:
        with transaction.atomic(), pytest.raises(refusals):
            with transaction.atomic():
                work()

    @rule(lines=st.lists(st.tuples(skus, places, st.integers(1, 40)), min_size=1, max_size=5))
    def goods_come_in(self, lines):
        receive([Receipt([Units(self.skus[s], self.places[p], n) for s, p, n in lines])], actor=CLERK)
        for sku, place, quantity in lines:
            self.move(sku, (place, "supplier"), (place, "available"), quantity)

    @rule(sku=skus, place=places, quantity=few)
    def more_is_expected(self, sku, place, quantity):
        (id_,) = expect([Expected(self.skus[sku], self.places[place], quantity, SOON)], actor=CLERK)
        self.expected.append((id_, sku, place))

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), quantity=few)
    def what_was_expected_comes(self, data, quantity):
        id_, sku, place = data.draw(st.sampled_from(self.expected))
        closed = sql.value("SELECT closed_at IS NOT NULL FROM expectation WHERE id = %s", [id_])
        work = lambda: receive(  # noqa: E731
            [Receipt([Units(self.skus[sku], self.places[place], quantity, id_)])], actor=CLERK
        )
        if closed:
            self.refused(work, ExpectationClosed)
        else:
            work()
            self.move(sku, (place, "supplier"), (place, "available"), quantity)

    @rule(
        reason=st.sampled_from(sorted(REASONS)),
        changes=st.lists(st.tuples(skus, places, few | few.map(lambda n: -n)), min_size=1, max_size=3),
    )
    def the_book_is_put_right(self, reason, changes):
        steps = [REASONS[reason].more if n > 0 else REASONS[reason].less for _, _, n in changes]
        adjustment = Adjustment([Change(self.skus[s], self.places[p], n) for s, p, n in changes], reason)
        taken: dict[tuple[int, int, str], int] = defaultdict(int)
        for (sku, place, quantity), step in zip(changes, steps, strict=True):
            if step and step[0] not in STOCK.outside:
                taken[sku, place, step[0]] += abs(quantity)
        if None in steps:
            self.refused(lambda: adjust([adjustment], actor=CLERK), Invalid)
        elif any(self.units[account] < quantity for account, quantity in taken.items()):
            self.refused(lambda: adjust([adjustment], actor=CLERK), NotEnoughStock)
        else:
            adjust([adjustment], actor=CLERK)
            for (sku, place, quantity), step in zip(changes, steps, strict=True):
                self.move(sku, (place, step[0]), (place, step[1]), abs(quantity))

    @rule(
        sku=skus,
        place=places,
        quantity=st.integers(0, 20),
        seen=st.sampled_from(["right", "wrong", "blind"]),
        level=st.sampled_from(["on_hand", "available"]),
    )
    def a_level_is_set(self, sku, place, quantity, seen, level):
        present = self.on_hand(sku, place) if level == "on_hand" else self.units[sku, place, "available"]
        expecting = {"right": present, "wrong": present + 1, "blind": None}[seen]
        figure = Figure(self.skus[sku], self.places[place], quantity, expecting, level)
        work = lambda: set_levels([Setting([figure])], actor=CLERK)  # noqa: E731
        if seen == "wrong":
            self.refused(work, StockChanged)
        elif self.units[sku, place, "available"] + quantity - present < 0:
            self.refused(work, NotEnoughStock)
        else:
            work()
            source, target = ("lost", "available") if quantity > present else ("available", "lost")
            if quantity != present:
                self.move(sku, (place, source), (place, target), abs(quantity - present))

    @rule(start=places, end=places, wanted=st.dictionaries(skus, few, min_size=1))
    def units_are_sent(self, start, end, wanted):
        sending = Sending(
            self.places[start], self.places[end], [(self.skus[sku], n) for sku, n in wanted.items()], SOON
        )
        if start == end:
            self.refused(lambda: send([sending], actor=CLERK), Invalid)
        elif any(self.units[sku, start, "available"] < n for sku, n in wanted.items()):
            self.refused(lambda: send([sending], actor=CLERK), NotEnoughStock)
        else:
            (id_,) = send([sending], actor=CLERK)
            self.transfers[id_] = end, dict(wanted)
            for sku, quantity in wanted.items():
                self.move(sku, (start, "available"), (end, "in_transit"), quantity)

    @precondition(lambda self: self.transfers)
    @rule(data=st.data(), sku=skus)
    def units_arrive(self, data, sku):
        id_ = data.draw(st.sampled_from(sorted(self.transfers)))
        target, on_the_way = self.transfers[id_]
        sku = data.draw(st.sampled_from(sorted(on_the_way)) | st.just(sku))
        arrived = data.draw(st.integers(0, on_the_way.get(sku, 0) + 1))
        lost = data.draw(st.integers(0, max(1, on_the_way.get(sku, 0) - arrived)))
        work = lambda: arrive([Arrival(id_, [Came(self.skus[sku], arrived, lost)])], actor=CLERK)  # noqa: E731
        if not arrived + lost:
            self.refused(work, Invalid)
        elif arrived + lost > on_the_way.get(sku, 0):
            self.refused(work, NotOnTheWay)
        else:
            work()
            on_the_way[sku] -= arrived + lost
            for quantity, bucket in ((arrived, "available"), (lost, "lost")):
                if quantity:
                    self.move(sku, (target, "in_transit"), (target, bucket), quantity)

    @rule(sku=skus, place=places)
    def a_count_is_begun(self, sku, place):
        self.touched.discard((sku, place))
        self.counts = [each for each in self.counts if each[1:] != (sku, place)]
        self.counts.append((counting.start(self.places[place], [self.skus[sku]], actor=CLERK), sku, place))

    @precondition(lambda self: self.counts)
    @rule(data=st.data(), counted=st.integers(0, 20))
    def figures_are_handed_in(self, data, counted):
        count, sku, place = data.draw(st.sampled_from(self.counts))
        present, available = self.on_hand(sku, place), self.units[sku, place, "available"]
        (answer,) = counting.post_figures(count, {self.skus[sku]: counted}, actor=CLERK)
        if (sku, place) in self.touched:
            assert answer.outcome is Outcome.COUNT_AGAIN
            self.touched.discard((sku, place))
        elif counted < present - available:
            assert answer.outcome is Outcome.BELOW_RESERVED
        else:
            assert answer.outcome is Outcome.POSTED
            self.counts.remove((count, sku, place))
            source, target = ("lost", "available") if counted > present else ("available", "lost")
            if counted != present:
                self.move(sku, (place, source), (place, target), abs(counted - present))

    @rule(
        sku=skus,
        place=places,
        step=st.sampled_from(
            [
                ("available", "reserved"),
                ("reserved", "available"),
                ("reserved", "customer"),
                ("customer", "quality_control"),
                ("quality_control", "available"),
                ("quality_control", "damaged"),
            ]
        ),
        quantity=few,
    )
    def a_flow_moves_units(self, sku, place, step, quantity):
        """What orders and returns do: they write their own event and post their own movements."""

        def work() -> None:
            (event,) = record([Happening("test.flow", CLERK, {})])
            at = self.places[place]
            post(STOCK, [Movement(self.skus[sku], at, step[0], at, step[1], quantity, event)])

        if step[0] != "customer" and self.units[sku, place, step[0]] < quantity:
            self.refused(work, Shortfall)
        else:
            with transaction.atomic():
                work()
            self.move(sku, (place, step[0]), (place, step[1]), quantity)

    @invariant()
    def sheets_are_what_they_should_be(self) -> None:
        if not hasattr(self, "units"):
            return
        found = {
            (self.skus.index(sheet.holder_id), self.places.index(sheet.place_id), bucket): getattr(sheet, bucket)
            for sheet in StockSheet.objects.all()
            for bucket in STOCK_BUCKETS
        }
        assert {account: units for account, units in found.items() if units} == {
            account: units for account, units in self.units.items() if units
        }

    @invariant()
    def no_unit_comes_from_nowhere(self) -> None:
        if not hasattr(self, "units"):
            return
        for sku in range(SKUS):
            inside = sum(units for (holder, _, _), units in self.units.items() if holder == sku)
            assert inside + sum(units for (holder, _), units in self.outside.items() if holder == sku) == 0

    @invariant()
    def nothing_is_wrong_in_the_audit(self) -> None:
        for check in CHECKS:
            assert sql.rows(check.statement) == [], check.name

    def teardown(self) -> None:
        if hasattr(self, "units"):
            self.history_says_why()

    def history_says_why(self) -> None:
        """From nothing, change after change, to what is on hand."""
        for sku, id_ in enumerate(self.skus):
            at_places = [(place, self.on_hand(sku, number)) for number, place in enumerate(self.places)]
            for location, present in [*at_places, (None, sum(units for _, units in at_places))]:
                balance = present
                told = history(id_, location=location, limit=10_000)
                for moved in told:
                    assert moved.on_hand == balance
                    assert moved.kind
                    balance -= moved.change
                assert balance == 0


class InOneTransaction(Shelves):
    """Each example in a transaction of its own, which leaves nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = transaction.atomic()
        self.whole.__enter__()

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            transaction.set_rollback(True)
            self.whole.__exit__(None, None, None)


@pytest.mark.django_db
def test_every_unit_is_somewhere() -> None:
    run_state_machine_as_test(InOneTransaction, settings=settings(settings.default, max_examples=25))
