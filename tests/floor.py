"""The floor of a shop whose orders live random lives: locations, packers, carriers and their scans, in any order."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from shops import SHOPPER

from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.answer_recalls import AnswerRecall, answer_recalls
from orderwright.flows.confirm_shipments import Confirm, Send, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.give_up_packages import GiveUp, give_up_packages
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.hold_fulfilment import LiftWorkHold, PutWorkHold, hold_fulfilment, lift_fulfilment_holds
from orderwright.flows.label_packages import Label, Number, label_packages, number_packages, void_labels
from orderwright.flows.merge_fulfilment import Merge, merge_fulfilment
from orderwright.flows.move_fulfilment import Move, move_fulfilment
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.recall_fulfilment import Recall, recall
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.flows.settle_labels import settle_labels
from orderwright.flows.split_fulfilment import Split, split_fulfilment
from orderwright.fulfilment.models import Accepting, FulfilmentHold, FulfilmentOrder, Terms
from orderwright.fulfilment.models import Recall as RecallRow
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.kernel.money import Money
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import CarrierQuestion, Package, Shipment
from orderwright.shipping.packing import Box
from orderwright.shipping.ports import Labelled, ScanTold, Unknown, Voided
from orderwright.shipping.ports import Refused as CarrierRefused
from orderwright.shipping.settling import Brought
from orderwright.shipping.stages import Stage

some_units = st.lists(st.builds(Wanted, st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=2)
wanted = st.sampled_from([None, None, [Wanted(1, 1)]]) | some_units
boxes = st.sampled_from([(Box(),), (Box(),), (Box([Wanted(1, 1)]), Box()), (Box([Wanted(1, 1)]),), (Box(), Box())])
stages = st.sampled_from([*Stage, *[Stage.LOST, Stage.RETURNED, Stage.DELIVERED] * 3])
scans = st.tuples(stages, st.sampled_from([0, 0, -1, -5, -20, -30, 3]), st.integers(1, 9))  # stage, hours, message
reasons = st.sampled_from(["short", "damaged", "closed", "capacity"] * 2 + ["no such reason"])

ON_ITS_WAY = {"shipment__state": "shipped", "settled": ""}

Step = Callable[[], Sequence[object]]


class Floor:
    """Rules for what happens to goods once they are released; beside `attempt` and `orders` of the life itself."""

    attempt: Callable[[Step], Sequence[object]]
    orders: list[int]

    def some_work(self, data: st.DataObject) -> str:
        return self.a_name(data, FulfilmentOrder, closed_at=None)

    def some_shipment(self, data: st.DataObject) -> str:
        return self.a_name(data, Shipment, state="prepared")

    def some_package(self, data: st.DataObject, **apt: object) -> str:
        return self.a_name(data, Package, **apt)

    def a_name(self, data: st.DataObject, of: type[FulfilmentOrder | Shipment | Package], **apt: object) -> str:
        """Mostly of one with which something can be done, sometimes of any."""
        every = list(of.objects.order_by("id").values_list("name", flat=True))
        good = list(of.objects.filter(**apt).order_by("id").values_list("name", flat=True))
        return str(data.draw(st.sampled_from(good if good and data.draw(st.integers(0, 4)) else every)))

    @rule(accepting=st.sampled_from(Accepting.values), place=st.integers(0, 1))
    def agree_on_terms(self, accepting: str, place: int) -> None:
        location = Location.objects.order_by("id")[place]
        Terms.objects.update_or_create(location=location, defaults={"accepting": accepting})

    @precondition(lambda self: FulfilmentOrder.objects.exists())
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        name = self.some_work(data)
        self.attempt(lambda: accept_fulfilment([Accept(name)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.exists())
    @rule(data=st.data(), reason=reasons, lines=wanted)
    def reject(self, data: st.DataObject, reason: str, lines: list[Wanted] | None) -> None:
        name = self.some_work(data)
        self.attempt(lambda: reject_fulfilment([Reject(name, reason, lines)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.exists())
    @rule(data=st.data(), to=st.sampled_from(["north", "south", "nowhere"]), lines=wanted)
    def move(self, data: st.DataObject, to: str, lines: list[Wanted] | None) -> None:
        name = self.some_work(data)
        self.attempt(lambda: move_fulfilment([Move(name, to, lines)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.exists())
    @rule(data=st.data(), lines=some_units)
    def split(self, data: st.DataObject, lines: list[Wanted]) -> None:
        name = self.some_work(data)
        self.attempt(lambda: split_fulfilment([Split(name, lines)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.count() > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        into, other = self.some_work(data), self.some_work(data)
        self.attempt(lambda: merge_fulfilment([Merge(into, [other])], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.filter(closed_at=None).exists())
    @rule(data=st.data(), reason=st.sampled_from(["fragile", "gift"]))
    def hold_work(self, data: st.DataObject, reason: str) -> None:
        name = self.some_work(data)
        self.attempt(lambda: hold_fulfilment([PutWorkHold(name, reason)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentHold.objects.filter(lifted_at=None).exists())
    @rule(data=st.data(), handle=st.sampled_from(["fragile", None, None]))
    def lift_work(self, data: st.DataObject, handle: str | None) -> None:
        name = self.a_name(data, FulfilmentOrder, holds__lifted_at=None, holds__isnull=False)
        self.attempt(lambda: lift_fulfilment_holds([LiftWorkHold(name, handle)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.exists())
    @rule(data=st.data(), lines=wanted)
    def recall(self, data: st.DataObject, lines: list[Wanted] | None) -> None:
        """Cancel what has not left, wherever it is."""
        order = FulfilmentOrder.objects.get(name=self.some_work(data)).order_id if data.draw(st.booleans()) else None
        order = order or data.draw(st.sampled_from(self.orders))
        self.attempt(lambda: recall([Recall(order, "customer", lines)], actor=SHOPPER))

    @precondition(lambda self: RecallRow.objects.filter(answer=None).exists())
    @rule(data=st.data(), answer=st.sampled_from(["accepted", "accepted", "refused", "perhaps"]))
    def answer_recall(self, data: st.DataObject, answer: str) -> None:
        name = self.a_name(data, FulfilmentOrder, recalls__answer=None, recalls__isnull=False)
        self.attempt(lambda: answer_recalls([AnswerRecall(name, answer)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.filter(closed_at=None).exists())
    @rule(data=st.data(), packages=boxes, option=st.sampled_from([None, None, "parcel", "by hand"]))
    def prepare(self, data: st.DataObject, packages: Sequence[Box], option: str | None) -> None:
        name = self.some_work(data)
        self.attempt(lambda: prepare_shipments([Prepare(name, packages, option)], actor=SHOPPER))

    @precondition(lambda self: FulfilmentOrder.objects.filter(closed_at=None).exists())
    @rule(data=st.data(), packages=boxes)
    def send(self, data: st.DataObject, packages: Sequence[Box]) -> None:
        name = self.some_work(data)
        self.attempt(lambda: confirm_shipments([Send(name, packages)], actor=SHOPPER))

    @precondition(lambda self: Shipment.objects.exists())
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        names = [self.some_shipment(data), self.some_shipment(data)]
        self.attempt(lambda: confirm_shipments([Confirm(name) for name in names], actor=SHOPPER))

    @precondition(lambda self: Shipment.objects.exists())
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        name = self.some_shipment(data)
        self.attempt(lambda: discard_shipments([name], actor=SHOPPER))

    @precondition(lambda self: Package.objects.exists())
    @rule(data=st.data(), asked=st.sampled_from(["label", "void", "number"]), number=st.integers(1, 3))
    def ask_about_a_label(self, data: st.DataObject, asked: str, number: int) -> None:
        """These write a question down, and tell nothing yet."""
        name = self.some_package(data, shipment__state="prepared")
        with transaction.atomic():
            match asked:
                case "label":
                    label_packages([Label(name)], actor=SHOPPER)
                case "void":
                    void_labels([name], actor=SHOPPER)
                case "number":
                    number_packages([Number(name, "paper", f"P{number}")], actor=SHOPPER)

    @precondition(lambda self: CarrierQuestion.objects.exists())
    @rule(data=st.data(), says=st.sampled_from(["yes", "yes", "no", "unknown"]), twice=st.booleans())
    def the_carrier_answers(self, data: st.DataObject, says: str, twice: bool) -> None:
        """A question, open or answered long ago, gets an answer, perhaps twice."""
        question = data.draw(st.sampled_from(list(CarrierQuestion.objects.order_by("id"))))
        done = Voided() if question.verb == "void" else Labelled(f"N{question.package_id}", b"%PDF", Money(490, "EUR"))
        answer = {"yes": done, "no": CarrierRefused("bad_address", "No."), "unknown": Unknown()}[says]
        for _time in range(1 + twice):
            with transaction.atomic():
                settle_labels([Brought(str(question.id), answer)])

    @precondition(lambda self: Package.objects.exists())
    @rule(
        data=st.data(),
        some=st.lists(
            st.tuples(stages, st.sampled_from([0, 0, -1, -5, -20, -30, 3]), st.integers(1, 9)), min_size=1, max_size=3
        ),
    )
    def the_carrier_speaks(self, data: st.DataObject, some: list[tuple[Stage, int, int]]) -> None:
        """Scans in any order, of now or the past or the future, some of them heard before, some of nobody's package."""
        package = Package.objects.get(name=self.some_package(data, **ON_ITS_WAY))
        number, now = package.tracking_number or "of nobody", clock.now()
        carrier = package.carrier or "fake"
        told = [
            ScanTold(f"{number} {message}", number, stage, now + timedelta(hours=hours))
            for stage, hours, message in some
        ]
        with transaction.atomic():
            hear_scans(carrier, told)

    @precondition(lambda self: Package.objects.exists())
    @rule(data=st.data(), stage=stages)
    def somebody_says(self, data: st.DataObject, stage: Stage) -> None:
        """What is known already is no news: it is kept, and nothing is told."""
        name = self.some_package(data, **ON_ITS_WAY)
        with transaction.atomic():
            note_scans([Note(name, stage)], actor=SHOPPER)

    @precondition(lambda self: Package.objects.filter(settled__in=["lost", "returned"]).exists())
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        order = Package.objects.get(name=self.some_package(data, settled__in=["lost", "returned"])).shipment.order_id
        self.attempt(lambda: send_again([SendAgain(order)], actor=SHOPPER))

    @precondition(lambda self: Package.objects.filter(settled="lost").exists())
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        order = Package.objects.get(name=self.some_package(data, settled="lost")).shipment.order_id
        self.attempt(lambda: give_up_packages([GiveUp(order)], actor=SHOPPER))
