"""The law of the CREDIT book: however gift cards and credit are issued, spent, refunded, disabled and taken back, no
account is below zero, nothing is spent twice, and what is held and spent is authorized and captured on orders."""

import hypothesis
import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from orderwright.credits import disabling, issuing
from orderwright.credits.issuing import Grant, NewCard, Withdrawal
from orderwright.credits.models import CreditSheet
from orderwright.customers.models import Customer
from orderwright.flows.answer_credits import answer_credits
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.pay_orders import Pay, pay_orders
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.kernel.errors import Refusal
from orderwright.orders.drafting import TenderDraft
from orderwright.payments.models import Attempt

NOUNS = ("credit", "tender", "open_questions", "refunds")
LOOKED_AT = [check for check in CHECKS if check.name.startswith(NOUNS)]
amounts = st.integers(1, 2500)


class Purse(RuleBasedStateMachine):
    """A buyer with cards and credit, and a shop that gives, takes and answers in any order, some questions twice."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        a_shelf("BERLIN", "TEE", 1000)
        a_channel("stall", capture_when="shipment")
        self.customer = Customer.objects.create(email="ada@example.org").pk
        self.orders: list[int] = []
        self.accounts: list[int] = []
        self.codes = ["AAAA-AAAA-AAAA-AAAA"]
        self.given = 0  # what the shop gave out, less what it took back

    @rule(amount=amounts)
    def a_card_is_issued(self, amount: int) -> None:
        (card,) = issuing.issue_cards([NewCard(amount, "EUR")], actor=CLERK)
        self.codes.append(card.code)
        self.accounts.append(card.account)
        self.given += amount

    @rule(amount=amounts)
    def credit_is_given(self, amount: int) -> None:
        self.accounts += issuing.grant([Grant(self.customer, amount, "EUR")], actor=CLERK)
        self.given += amount

    @precondition(lambda self: self.accounts)
    @rule(data=st.data(), amount=amounts)
    def the_shop_takes_back(self, data: st.DataObject, amount: int) -> None:
        account = data.draw(st.sampled_from(self.accounts))
        try:
            with transaction.atomic():
                issuing.withdraw([Withdrawal(account, amount)], actor=CLERK)
        except Refusal:
            return
        self.given -= amount

    @precondition(lambda self: self.accounts)
    @rule(data=st.data(), on=st.booleans())
    def an_account_is_switched(self, data: st.DataObject, on: bool) -> None:
        switch = disabling.enable if on else disabling.disable
        switch([data.draw(st.sampled_from(self.accounts))], actor=CLERK)

    @rule(data=st.data(), part=st.sampled_from([None, "5.00"]), channel=st.sampled_from(["web", "stall"]))
    def an_order_is_placed(self, data: st.DataObject, part: str | None, channel: str) -> None:
        code = data.draw(st.sampled_from(self.codes))
        last = TenderDraft("store_credit") if part else TenderDraft("gift_card", None, code)
        tenders = (TenderDraft("gift_card", part, code), last) if part else (last,)
        self.orders.append(an_order().with_line("TEE", 1, "10.00").on(channel)._but(tenders=tenders).placed().id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def more_is_paid(self, data: st.DataObject) -> None:
        order, code = data.draw(st.sampled_from(self.orders)), data.draw(st.sampled_from(self.codes))
        pay_orders([Pay(order, "gift_card", code)], actor=CLERK)

    @rule(data=st.data())
    def questions_are_answered(self, data: st.DataObject) -> None:
        """Any of them, those that were answered before too."""
        known = [str(pk) for pk in Attempt.objects.order_by("id").values_list("pk", flat=True)]
        if known:
            answer_credits(data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=5)))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), as_credit=st.booleans(), goodwill=st.booleans(), amount=st.none() | st.integers(1, 1000))
    def money_goes_back(self, data: st.DataObject, as_credit: bool, goodwill: bool, amount: int | None) -> None:
        order = data.draw(st.sampled_from(self.orders))
        refund_orders([Refund(order, "late", amount, goodwill=goodwill, as_credit=as_credit)], actor=CLERK)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def an_order_is_canceled(self, data: st.DataObject) -> None:
        cancel_orders([Cancel(data.draw(st.sampled_from(self.orders)), "customer")], actor=CLERK)

    @invariant()
    def the_audit_is_clean(self) -> None:
        assert {finding.check.name: finding.examples for finding in audit(LOOKED_AT) if finding.wrong} == {}

    @invariant()
    def what_was_given_is_somewhere(self) -> None:
        sheets = CreditSheet.objects.all()
        assert sum(sheet.available + sheet.held + sheet.spent for sheet in sheets) == self.given

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_credit() -> None:
    fewer = hypothesis.settings(max_examples=max(1, hypothesis.settings().max_examples // 2))
    run_state_machine_as_test(Purse, settings=fewer)
