"""The law of an order's life: whatever is asked for, in whatever order, every unit and every penny stays accounted for.

Random legal and illegal steps over the real flows.  After each step the audit must be clean, units must be conserved
from the supplier to the customer, every summary must equal its rebuild, and a step that was refused must have left
nothing behind.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import hypothesis
import pytest
from django.conf import LazySettings
from django.db import transaction
from floor import Floor
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from shops import SHOPPER, a_draft, open_shop

from orderwright.catalog.models import Sku
from orderwright.flows import summarize
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.edit_orders import edit_orders, preview
from orderwright.flows.fill_backorders import fill_backorders
from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.place_orders import Placed, Request, place_orders
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.release_orders import Release, TakeBack, release_orders, take_back_orders
from orderwright.flows.settle_payments import settle_payments
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.flows.void_payments import Void, void_payments
from orderwright.fulfilment.models import Accepting, FulfilmentOrder
from orderwright.inventory.adjusting import REASONS, Adjustment, Change, adjust
from orderwright.inventory.models import Location
from orderwright.inventory.receiving import Receipt, Units, receive
from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.money import Money
from orderwright.orders import editing
from orderwright.orders.drafting import AdjustmentDraft, LineDraft, TenderDraft
from orderwright.orders.editing import Edit
from orderwright.orders.models import Summary
from orderwright.orders.moving import Wanted
from orderwright.payments.models import Attempt
from orderwright.payments.ports import ActionRequired, Approved, Declined, Unknown
from orderwright.payments.settling import Brought
from orderwright.shipping.options import Way, create_option
from orderwright.shipping.packing import Box

STARTING_UNITS = 12
TABLES = (
    "orders", "order_line", "order_adjustment", "line_entry", "stock_entry", "tender_entry", "event", "order_hold",
    "customer", "address", "remembered_answer", "fulfilment_order", "fulfilment_line", "work_entry", "shipment",
    "package", "package_content", "carrier_question", "scan",
)  # fmt: skip
SHEETS = ("line_sheet", "stock_sheet", "work_sheet", "tender_sheet", "order_summary")

baskets = st.dictionaries(st.sampled_from(["TEA", "CUP", "SET"]), st.integers(1, 4), min_size=1)
tenders = st.sampled_from(["recorded", "bank_transfer", "invoice", "cash_on_delivery", "fake", "fake"])
amounts = st.none() | st.integers(-1, 9000)
adjustments = st.lists(
    st.sampled_from(
        [
            AdjustmentDraft("shipping", amount="4.90"),
            AdjustmentDraft("discount", rate="-0.10"),
            AdjustmentDraft("discount", amount="-1.01"),
            AdjustmentDraft("tax", rate="0.19", included=True),
            AdjustmentDraft("tax", rate="0.07"),
        ]
    ),
    max_size=2,
    unique=True,
)
wanted = st.sampled_from([None, None, [Wanted(1, 1)]]) | st.lists(
    st.builds(Wanted, st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=2
)

Step = Callable[[], Sequence[object]]


class Life(Floor, RuleBasedStateMachine):
    """A shop with a dozen of everything, and a clerk who tries anything."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        open_shop(tea=STARTING_UNITS, cups=STARTING_UNITS)
        create_option("parcel", Way(name="Parcel", carrier="fake", carrier_service="parcel"), actor=SHOPPER)
        create_option("by hand", Way(name="By hand", rank=200), actor=SHOPPER)
        self.skus = dict(Sku.objects.filter(is_kit=False).values_list("code", "id"))
        self.places = sorted(Location.objects.values_list("id", flat=True))
        self.orders: list[int] = []
        self.came: Counter[int] = Counter(dict.fromkeys(self.skus.values(), STARTING_UNITS))

    def attempt(self, step: Step) -> Sequence[object]:
        """Take a step.  If all of it was refused, nothing at all may have changed; the answers come back."""
        before = state()
        try:
            with transaction.atomic():
                answers = step()
        except Refusal as refusal:
            answers = [refusal]
        if all(isinstance(answer, Refusal) for answer in answers):
            assert state() == before
        else:
            assert state()["event"] > before["event"]
        return answers

    @rule(
        lines=st.lists(baskets, min_size=1, max_size=3),
        channel=st.sampled_from(["web", "stall"]),
        when_short=st.sampled_from(["refuse", "backorder", "take_what_there_is"]),
        method=tenders,
        adjusted=adjustments,
    )
    def place(
        self, lines: list[dict[str, int]], channel: str, when_short: str, method: str, adjusted: list[AdjustmentDraft]
    ) -> None:
        drafts = [
            a_draft(one, channel=channel, when_short=when_short, tenders=[TenderDraft(method)], adjustments=adjusted)
            for one in lines
        ]

        def step() -> Sequence[object]:
            outcomes = place_orders([Request(draft, SHOPPER) for draft in drafts])
            return [one if isinstance(one, Placed) else one.refusal for one in outcomes]

        self.orders += [one.order_id for one in self.attempt(step) if isinstance(one, Placed)]

    @initialize(method=st.sampled_from(["fake", "bank_transfer"]), accepting=st.sampled_from(Accepting.values))
    def open_with_orders(self, method: str, accepting: str) -> None:
        """Paid and on its way, packed, and with its location; and one that waits for stock, and perhaps for money."""
        self.place([{"TEA": 2, "CUP": 1}, {"SET": 2}, {"TEA": 3}], "web", "refuse", "recorded", [])
        self.attempt(lambda: release_orders([Release(order) for order in self.orders[:2]], actor=SHOPPER))
        self.agree_on_terms(accepting, 0)
        self.release_all()
        self.attempt(lambda: ship_orders([Ship(self.orders[0])], actor=SHOPPER))
        packed = FulfilmentOrder.objects.filter(order_id=self.orders[1]).earliest("id").name
        self.attempt(lambda: prepare_shipments([Prepare(packed, (Box([Wanted(1, 1)]), Box()))], actor=SHOPPER))
        self.place([{"CUP": 10, "TEA": 1}], "stall", "backorder", method, [AdjustmentDraft("shipping", amount="4.90")])

    def some_order(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(self.orders))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), lines=wanted)
    def cancel(self, data: st.DataObject, lines: list[Wanted] | None) -> None:
        order = self.some_order(data)
        self.attempt(lambda: cancel_orders([Cancel(order, "customer", lines)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(
        data=st.data(),
        changes=st.dictionaries(st.integers(1, 4), st.integers(0, 5), max_size=2),
        added=baskets | st.just({}),
        discount=st.sampled_from([0, 0, 100, 1999]),
        shipping=st.sampled_from([None, None, 0, 750]),
    )
    def edit(
        self, data: st.DataObject, changes: dict[int, int], added: dict[str, int], discount: int, shipping: int | None
    ) -> None:
        """What was previewed comes about, to the cent and the unit."""
        asked = Edit(
            self.some_order(data),
            changes=[editing.Change(position, quantity) for position, quantity in changes.items()],
            added=[LineDraft(sku, quantity, "7.77") for sku, quantity in added.items()],
            discounts=[editing.Discount(discount)] if discount else [],
            shipping_minor=shipping,
        )
        seen = preview(asked, actor=SHOPPER)
        done = self.attempt(lambda: edit_orders([asked], actor=SHOPPER))
        assert [repr(seen)] == [repr(one) for one in done]

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), reason=st.sampled_from(["fraud", "address", "No such Reason!"]))
    def hold(self, data: st.DataObject, reason: str) -> None:
        order = self.some_order(data)
        self.attempt(lambda: hold_orders([PutHold(order, reason)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), reason=st.sampled_from(["fraud", "address", None]))
    def lift(self, data: st.DataObject, reason: str | None) -> None:
        order = self.some_order(data)
        self.attempt(lambda: lift_holds([LiftHold(order, reason=reason)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule()
    def release_all(self) -> None:
        self.attempt(lambda: release_orders([Release(order) for order in self.orders], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), lines=wanted)
    def take_back(self, data: st.DataObject, lines: list[Wanted] | None) -> None:
        order = self.some_order(data)
        self.attempt(lambda: take_back_orders([TakeBack(order, lines)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), lines=wanted)
    def ship(self, data: st.DataObject, lines: list[Wanted] | None) -> None:
        order = self.some_order(data)
        self.attempt(lambda: ship_orders([Ship(order, lines)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        order = self.some_order(data)
        self.attempt(lambda: deliver_orders([Deliver(order)], actor=SHOPPER))

    @rule(some=st.booleans())
    def fill(self, some: bool) -> None:
        skus = sorted(self.skus.values())
        self.attempt(lambda: fill_backorders(skus[:1] if some else skus, actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=amounts)
    def money_comes(self, data: st.DataObject, amount: int | None) -> None:
        order = self.some_order(data)
        self.attempt(lambda: mark_received([Received(order, amount)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=amounts)
    def capture(self, data: st.DataObject, amount: int | None) -> None:
        order = self.some_order(data)
        self.attempt(lambda: capture_payments([Capture(order, amount)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        order = self.some_order(data)
        self.attempt(lambda: void_payments([Void(order)], actor=SHOPPER))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=amounts, goodwill=st.booleans())
    def refund(self, data: st.DataObject, amount: int | None, goodwill: bool) -> None:
        order = self.some_order(data)
        self.attempt(lambda: refund_orders([Refund(order, "test", amount, goodwill=goodwill)], actor=SHOPPER))

    @precondition(lambda self: Attempt.objects.exists())
    @rule(data=st.data(), says=st.sampled_from(["yes", "yes", "less", "no", "action", "unknown"]), twice=st.booleans())
    def the_provider_answers(self, data: st.DataObject, says: str, twice: bool) -> None:
        """A question, open or answered long ago, gets an answer, perhaps twice."""
        attempt = data.draw(st.sampled_from(list(Attempt.objects.order_by("id"))))
        sum_ = Money(attempt.amount_minor, "EUR")
        answer = {
            "yes": Approved(f"ref-{attempt.tender_id}", sum_),
            "less": Approved(f"ref-{attempt.tender_id}", Money(max(1, sum_.minor // 2), "EUR")),
            "no": Declined("insufficient_funds", "No money."),
            "action": ActionRequired("https://example.org/3ds"),
            "unknown": Unknown(),
        }[says]
        with transaction.atomic():
            settle_payments([Brought(str(attempt.id), answer)])
        before = state()
        attempt.refresh_from_db()
        if twice and attempt.answer == {"less": "approved", "yes": "approved", "no": "declined"}.get(says):
            with transaction.atomic():
                settle_payments([Brought(str(attempt.id), answer)])
            assert state() == before

    @rule(code=st.sampled_from(["TEA", "CUP"]), place=st.integers(0, 1), quantity=st.integers(0, 6))
    def receive(self, code: str, place: int, quantity: int) -> None:
        sku = self.skus[code]
        units = Units(sku, self.places[place], quantity)
        answers = self.attempt(lambda: receive([Receipt([units])], actor=SHOPPER))
        if not isinstance(answers[0], Refusal):
            self.came[sku] += quantity

    @rule(
        code=st.sampled_from(["TEA", "CUP"]),
        place=st.integers(0, 1),
        quantity=st.integers(-6, 3),
        reason=st.sampled_from(sorted(REASONS)),
    )
    def adjust(self, code: str, place: int, quantity: int, reason: str) -> None:
        change = Change(self.skus[code], self.places[place], quantity)
        self.attempt(lambda: adjust([Adjustment([change], reason)], actor=SHOPPER))

    @invariant()
    def the_audit_is_clean(self) -> None:
        wrong = [(finding.check.name, finding.examples) for finding in audit(CHECKS) if finding.wrong]
        assert wrong == []

    @invariant()
    def units_are_conserved_from_supplier_to_customer(self) -> None:
        here, with_customers = Counter(dict(sql.rows(ON_SHELVES))), Counter(dict(sql.rows(OUT_OF_THE_HOUSE)))
        lost = Counter(dict(sql.rows(LOST)))
        for sku, came in self.came.items():
            assert came == here[sku] + with_customers[sku] + lost[sku]

    @invariant()
    def every_unit_that_was_asked_for_is_in_one_bucket(self) -> None:
        assert sql.rows(LINES_THAT_LEAK) == []

    @invariant()
    def every_summary_equals_its_rebuild(self) -> None:
        before = list(Summary.objects.order_by("order_id").values())
        with transaction.atomic():
            Summary.objects.all().delete()
            summarize.rebuild(chunk=3)
            rebuilt = list(Summary.objects.order_by("order_id").values())
            transaction.set_rollback(True)
        assert rebuilt == before
        assert len(before) == len(self.orders)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)


def state() -> dict[str, int]:
    """How many rows each table has, and a sum over the sheets."""
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    sums = ", ".join(f"(SELECT coalesce(sum(hashtext(s::text)::bigint), 0)::bigint FROM {sheet} s)" for sheet in SHEETS)
    (row,) = sql.rows(f"SELECT {counts}, {sums}")
    return dict(zip((*TABLES, *SHEETS), row, strict=True))


ON_SHELVES = """
    SELECT holder_id, sum(available + reserved + damaged + quality_control + in_transit)::bigint
      FROM stock_sheet GROUP BY holder_id
"""

# What left, less what came back; sent again, a unit leaves twice.
OUT_OF_THE_HOUSE = """
    SELECT l.sku_id, sum(CASE WHEN e.target = 'shipped' THEN e.amount ELSE -e.amount END)::bigint
      FROM line_entry e JOIN order_line l ON l.id = e.holder_id
     WHERE e.target IN ('shipped', 'returned')
     GROUP BY l.sku_id
"""

LOST = """
    SELECT holder_id, sum(CASE WHEN target = 'lost' THEN amount ELSE -amount END)::bigint
      FROM stock_entry WHERE 'lost' IN (source, target) GROUP BY holder_id
"""

LINES_THAT_LEAK = """
    SELECT l.id, l.quantity, sum(s.open + s.backordered + s.reserved + s.released + s.shipped + s.delivered
                                 + s.returned + s.lost + s.canceled)
      FROM order_line l LEFT JOIN line_sheet s ON s.holder_id = l.id
     WHERE NOT l.is_kit
     GROUP BY l.id
    HAVING l.quantity IS DISTINCT FROM sum(s.open + s.backordered + s.reserved + s.released + s.shipped + s.delivered
                                           + s.returned + s.lost + s.canceled)
"""


@pytest.mark.django_db(transaction=True)
def test_every_unit_and_every_penny_stays_accounted_for(settings: LazySettings) -> None:
    settings.PAYMENT_PROVIDERS = settings.CARRIERS = "fake=http://127.0.0.1:9=nobody is asked here"

    run_state_machine_as_test(Life, settings=hypothesis.settings(max_examples=hypothesis.settings().max_examples // 2))
