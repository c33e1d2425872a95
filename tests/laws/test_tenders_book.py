"""The law of the TENDERS book: whatever clerks ask and providers answer, in any order and any number of times, every
coin of a tender is in exactly one bucket, our books agree with the provider's, and nothing moves twice."""

from collections import Counter

import hypothesis
import msgspec
import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from django.conf import LazySettings
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from orderwright.adapters.fake_payments.client import Response, read
from orderwright.adapters.fake_payments.ledger import Ledger
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.hear_provider import hear_provider
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_payments import settle_payments
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.flows.void_payments import Void, void_payments
from orderwright.kernel import clock
from orderwright.kernel.errors import Refusal
from orderwright.kernel.models import Event
from orderwright.orders.drafting import TenderDraft
from orderwright.orders.moving import Wanted
from orderwright.payments import queries
from orderwright.payments.models import Attempt, TenderEntry
from orderwright.payments.ports import Answer, Told, Unknown
from orderwright.payments.queries import TenderSeen
from orderwright.payments.settling import Brought

NOUNS = ("tender", "open_questions", "questions", "refunds", "receipts", "summaries")
LOOKED_AT = [check for check in CHECKS if check.name.startswith(NOUNS)]
tenders = st.lists(
    st.sampled_from(
        [
            TenderDraft("fake", "7.00", "approve"),
            TenderDraft("fake", "5.01", "3ds"),
            TenderDraft("fake", "3.33", "partly"),
            TenderDraft("fake", "4.00", "decline=expired_card"),
            TenderDraft("bank_transfer", "6.00"),
            TenderDraft("cash_on_delivery", "2.00"),
            TenderDraft("recorded", "1.00"),
        ]
    ),
    max_size=2,
)
last_tender = st.sampled_from(
    [TenderDraft("fake", None, "approve"), TenderDraft("fake", None, "3ds"), TenderDraft("bank_transfer")]
)
amounts = st.none() | st.integers(-1, 3100) | st.sampled_from([1000, 700, 501, 166])


class Till(RuleBasedStateMachine):
    """Clerks who try anything, and a provider whose answers come late, twice, in any order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        a_shelf("BERLIN", "TEE", 1000)
        a_channel("stall", capture_when="shipment")
        self.orders: list[int] = []
        self.provider = Ledger()
        self.letters: list[tuple[str, str, Answer]] = []  # key, verb and answer: on their way to us

    def open_questions(self) -> list[Attempt]:
        return list(Attempt.objects.filter(answered_at=None).select_related("tender").order_by("id"))

    @rule(first=tenders, last=last_tender, units=st.integers(2, 3), channel=st.sampled_from(["web", "stall"]))
    def place(self, first: list[TenderDraft], last: TenderDraft, units: int, channel: str) -> None:
        order = an_order().with_line("TEE", units, "10.00").on(channel)
        self.orders.append(order._but(tenders=(*first, last)).placed().id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=amounts)
    def a_clerk_asks(self, data: st.DataObject, amount: int | None) -> None:
        order = data.draw(st.sampled_from(self.orders))
        tender = data.draw(st.none() | st.sampled_from([one.id for one in queries.tenders_of([order])]))
        what = data.draw(st.sampled_from(["capture", "void", "refund", "goodwill", "receive", "cancel", "ship"]))
        entries = TenderEntry.objects.count()
        (answer,) = {
            "capture": lambda: capture_payments([Capture(order, amount, tender)], actor=CLERK),
            "void": lambda: void_payments([Void(order, tender)], actor=CLERK),
            "refund": lambda: refund_orders([Refund(order, "late", amount, tender)], actor=CLERK),
            "goodwill": lambda: refund_orders([Refund(order, "late", amount, tender, goodwill=True)], actor=CLERK),
            "receive": lambda: mark_received([Received(order, amount, tender_id=tender)], actor=CLERK),
            "cancel": lambda: cancel_orders([Cancel(order, "late", [Wanted(1, 1)])], actor=CLERK),
            "ship": lambda: self.ship(order),
        }[what]()
        if isinstance(answer, Refusal):
            assert TenderEntry.objects.count() == entries

    def ship(self, order: int) -> list[object]:
        release_orders([Release(order)], actor=CLERK)
        return list(ship_orders([Ship(order, [Wanted(1, 1)])], actor=CLERK))

    @precondition(lambda self: self.open_questions())
    @rule(data=st.data(), declines=st.booleans())
    def the_provider_works(self, data: st.DataObject, declines: bool) -> None:
        """A question arrives, perhaps once more; the answer is on its way."""
        question = data.draw(st.sampled_from(self.open_questions()))
        key, reference, amount = str(question.pk), question.tender.reference, question.amount_minor
        with_him, now = self.provider, clock.now()
        if question.verb == "authorize":
            said = with_him.authorize(key, amount, question.tender.currency, "", question.token, now)
        elif declines:
            said = with_him.decline(key, question.verb, reference, "refused")
        elif question.verb == "void":
            said = with_him.void(key, reference, now)
        else:
            said = (with_him.capture if question.verb == "capture" else with_him.refund)(key, reference, amount, now)
        self.letters.append((key, question.verb, read(Response(200, msgspec.json.encode(said)))))

    @rule(data=st.data(), agreed=st.booleans())
    @precondition(lambda self: any(one.waiting for one in self.provider.authorizations.values()))
    def a_payer_confirms(self, data: st.DataObject, agreed: bool) -> None:
        waiting = sorted(name for name, one in self.provider.authorizations.items() if one.waiting)
        key = self.provider.confirm(data.draw(st.sampled_from(waiting)), agreed)
        assert key is not None
        self.letters.append((key, "authorize", read(Response(200, msgspec.json.encode(self.provider.answers[key])))))

    @precondition(lambda self: self.letters)
    @rule(data=st.data(), as_message=st.booleans(), known=st.booleans())
    def answers_come(self, data: st.DataObject, as_message: bool, known: bool) -> None:
        """Some of the answers come, in any order; they may come again."""
        some = data.draw(st.lists(st.sampled_from(self.letters), min_size=1, max_size=4))
        before = Counter(Event.objects.values_list("kind", flat=True))
        if as_message:
            hear_provider("fake", [Told(f"{key}{answer}", verb, answer, key=key) for key, verb, answer in some])
        else:
            settle_payments([Brought(key, answer if known else Unknown()) for key, _verb, answer in some])
            assert known or before == Counter(Event.objects.values_list("kind", flat=True))

    @invariant()
    def the_audit_is_clean(self) -> None:
        assert {finding.check.name: finding.examples for finding in audit(LOOKED_AT) if finding.wrong} == {}

    @invariant()
    def our_books_agree_with_the_providers(self) -> None:
        for tender in queries.tenders_of(self.orders):
            if tender.reference:
                self.agree(tender)

    def agree(self, tender: TenderSeen) -> None:
        """What the provider did and we have not heard of yet is in the buckets of asking."""
        theirs, ours = self.provider.authorizations[tender.reference], tender.balances
        taken = ours["captured"] + ours["refunding"] + ours["refunded"]
        assert taken <= theirs.captured <= taken + ours["capturing"]
        assert ours["refunded"] <= theirs.refunded <= ours["refunded"] + ours["refunding"]
        assert ours["authorized"] <= theirs.open <= ours["authorized"] + ours["capturing"] + ours["voiding"]

    @invariant()
    def a_word_comes_once(self) -> None:
        """Of each question there is one final answer, and of each order one confirmation."""
        final = ("tender.authorized", "tender.declined", "tender.captured", "tender.capture_declined")
        found = Event.objects.filter(kind__in=final).values_list("facts__attempt", flat=True)
        assert max(Counter(found).values(), default=0) <= 1
        confirmed = Event.objects.filter(kind="order.confirmed").values_list("order_id", flat=True)
        assert max(Counter(confirmed).values(), default=0) <= 1

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_tenders(settings: LazySettings) -> None:
    settings.PAYMENT_PROVIDERS = "fake=http://127.0.0.1:9=secret"

    fewer = hypothesis.settings(max_examples=hypothesis.settings().max_examples // 2)  # each step asks many questions
    run_state_machine_as_test(Till, settings=fewer)
