"""Asking carriers: whatever they do, and wherever we die, a package gets one label, and is where they say."""

import itertools
import threading
import time
from datetime import timedelta

import pytest
from builders import CLERK, a_shelf, an_order, place_all
from django.conf import LazySettings
from providers import later

from orderwright.flows.ask_carriers import ask_carriers
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Confirm, Send, confirm_shipments
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.track_packages import track_packages
from orderwright.kernel import clock, ports
from orderwright.kernel.money import Money
from orderwright.shipping import asking, carriers
from orderwright.shipping.models import CarrierQuestion, DeliveryOption, Package
from orderwright.shipping.packing import Box
from orderwright.shipping.ports import Labelled, Refused, ScanTold, Unknown
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = itertools.count(1)


class PaperCarrier:
    """A carrier on a sheet of paper: it remembers what it was asked, and does as it is told."""

    def __init__(self, url: str, secret: str) -> None:
        self.code = secret
        self.made: dict[str, Labelled] = {}
        self.asked: list[str] = []
        self.tracked: list[list[str]] = []
        self.says: dict[str, ScanTold] = {}
        self.mood = "ok"  # lost: it does it, and its answer is lost; away: it hears nothing; broken; slow
        self.threads: set[int] = set()

    def label(self, consignment, *, key):
        self.asked.append("label")
        if self.mood == "away":
            return Unknown()
        if self.mood == "broken":
            raise RuntimeError("out of paper")
        if self.mood == "slow":
            time.sleep(0.5)
        self.threads.add(threading.get_ident())
        number = f"{self.code}-{len(self.made) + 1}"
        self.made.setdefault(key, Labelled(number, b"%PDF", Money(490, "EUR")))
        return Unknown() if self.mood == "lost" else self.made[key]

    def void(self, tracking_number, *, key):
        return Refused("account", "Never.")

    def look_up(self, *, key):
        self.asked.append("look_up")
        return Unknown() if self.mood == "away" else self.made.get(key)

    def track(self, tracking_numbers):
        self.tracked.append(list(tracking_numbers))
        if self.mood == "away":
            return Unknown()
        if self.mood == "broken":
            raise RuntimeError("out of paper")
        return [self.says[number] for number in tracking_numbers if number in self.says]


@pytest.fixture
def open_account(settings: LazySettings, monkeypatch: pytest.MonkeyPatch):
    """Accounts with carriers of these codes."""
    monkeypatch.setattr(ports, "installed", lambda port: {"one": PaperCarrier, "two": PaperCarrier})

    def opened(*codes: str) -> list[PaperCarrier]:
        settings.CARRIERS = ",".join(f"{code}=http://paper/{next(ADDRESSES)}={code}" for code in codes)
        return [carriers.carrier(code) for code in codes if code in ("one", "two")]

    return opened


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 500)
    yield
    assert {finding.check.name: finding.examples for finding in audit(CHECKS, connections=1) if finding.wrong} == {}


def packed(carrier="one"):
    DeliveryOption.objects.get_or_create(code=carrier, defaults={"name": carrier, "carrier": carrier})
    order = an_order().with_line("TEE").placed()
    release_orders([Release(order.id)], actor=CLERK)
    prepare_shipments([Prepare(f"{order.number}-F1", option=carrier)], actor=CLERK)
    return order


def number_of(order):
    return Package.objects.get(shipment__order_id=order.id).tracking_number


def test_packing_asks_nobody_and_the_label_comes_a_moment_later(open_account):
    (one,) = open_account("one")
    order = packed()
    assert one.asked == []

    assert ask_carriers() == 1
    assert ask_carriers() == 0

    assert number_of(order) == "one-1"
    assert one.asked == ["label"]
    assert order.events[-1] == "package.label_made"
    assert one.threads != {threading.get_ident()}


def test_an_answer_that_never_came_is_looked_up_and_there_is_one_label(open_account):
    (one,) = open_account("one")
    order = packed()
    one.mood = "lost"
    ask_carriers()
    assert number_of(order) is None
    assert ask_carriers() == 0  # it is not its turn yet

    one.mood = "ok"
    with later(minutes=2):
        ask_carriers()

    assert number_of(order) == "one-1"
    assert (one.asked, len(one.made)) == (["label", "look_up"], 1)


def test_a_question_that_never_arrived_is_asked_again_with_the_same_key(open_account):
    (one,) = open_account("one")
    order = packed()
    one.mood = "away"
    ask_carriers()

    one.mood = "ok"
    with later(minutes=2):
        ask_carriers()

    assert number_of(order) == "one-1"
    assert one.asked == ["label", "look_up", "label"]
    assert list(one.made) == [str(CarrierQuestion.objects.get().id)]


def test_dying_between_the_question_and_the_answer_loses_nothing(open_account):
    (one,) = open_account("one")
    order = packed()
    (due,) = asking.take("one", 10)
    asking.put(due)  # and here we are killed, with the answer in our hands

    with later(minutes=2):
        ask_carriers()

    assert number_of(order) == "one-1"
    assert len(one.made) == 1


def test_an_adapter_that_fails_or_is_gone_delays_no_other(open_account):
    one, _two = open_account("one", "two", "gone")
    one.mood = "broken"
    broken, gone, fine = packed("one"), packed("gone"), packed("two")

    assert ask_carriers() == 3

    assert (number_of(broken), number_of(gone), number_of(fine)) == (None, None, "two-1")
    one.mood = "ok"
    with later(minutes=2):
        ask_carriers()
    assert number_of(broken) == "one-1"


def test_a_slow_carrier_delays_no_other(open_account):
    one, _two = open_account("one", "two")
    one.mood = "slow"
    packed("one")
    packed("two")

    ask_carriers()

    answered = dict(CarrierQuestion.objects.values_list("carrier", "answered_at"))
    assert answered["one"] - answered["two"] > timedelta(seconds=0.3)


def on_their_way(carrier, count):
    orders = place_all([an_order().with_line("TEE")] * count)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    sends = [
        Send(f"{order.number}-F1", (Box(carrier=carrier, tracking_number=f"{carrier}{order.number}"),))
        for order in orders
    ]
    confirm_shipments(sends, actor=CLERK)
    return orders


def test_carriers_are_asked_a_hundred_packages_at_once_when_it_is_their_turn(open_account):
    (one,) = open_account("one")
    first, *others = on_their_way("one", 130)
    assert track_packages() == 0
    assert one.tracked == []
    one.says["one1"] = ScanTold("m1", "one1", Stage.DELIVERED, clock.now())

    with later(minutes=31):
        assert track_packages() == 1
        assert track_packages() == 0  # the others' next turn comes later

    assert [len(numbers) for numbers in one.tracked] == [100, 30]
    assert first.units == {"delivered": 1}
    assert others[0].units == {"shipped": 1}
    with later(minutes=62):
        track_packages()
    assert sum(len(numbers) for numbers in one.tracked[2:]) == 129  # what has arrived is not asked about


def test_what_was_told_by_a_message_is_no_news_when_it_is_asked_for(open_account):
    (one,) = open_account("one")
    (order,) = on_their_way("one", 1)
    said = ScanTold("m1", "one1", Stage.IN_TRANSIT, clock.now())
    hear_scans("one", [said])
    one.says["one1"] = said

    with later(minutes=31):
        assert track_packages() == 0

    assert order.events.count("package.forwarded") == 1


@pytest.mark.parametrize("mood", ["away", "broken"])
def test_a_dead_carrier_delays_no_other_and_is_asked_again_later(open_account, mood):
    one, two = open_account("one", "two", "gone")
    (dead,), (alive,), _gone = on_their_way("one", 1), on_their_way("two", 1), on_their_way("gone", 1)
    one.mood = mood
    for carrier, number in ((one, "one1"), (two, "two2")):
        carrier.says[number] = ScanTold("m", number, Stage.DELIVERED, clock.now())

    with later(minutes=31):
        assert track_packages() == 1
    assert (dead.units, alive.units) == ({"shipped": 1}, {"delivered": 1})
    one.mood = "ok"
    with later(minutes=62):
        assert track_packages() == 1

    assert dead.units == {"delivered": 1}


def test_what_was_packed_is_asked_about_once_it_has_left(open_account):
    (one,) = open_account("one")
    order = packed()
    ask_carriers()
    with later(days=1):
        track_packages()
    assert one.tracked == []

    confirm_shipments([Confirm(f"{order.number}-S1")], actor=CLERK)
    with later(days=1):
        track_packages()

    assert one.tracked == [["one-1"]]
