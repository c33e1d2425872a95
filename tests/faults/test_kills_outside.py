"""kill -9 of every part in the middle of label, letter and webhook work: nothing is lost, and nothing made twice.

A label is made once for a package, whoever dies.  A letter or a message to a webhook goes out twice only where somebody
was killed between its acceptance and the record of it; then it bears the same name as before.
"""

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from faulty import Caller, FakeCarrierRun, RunningShop, run_a_shop, wait
from postbox import Postbox
from receivers import Behaviour, Receiver
from test_flash_sale import a_new_sku, an_order

from orderwright.runtime.tcp_ports import any_free

pytestmark = pytest.mark.faults

ROUNDS = int(os.environ.get("ORDERWRIGHT_FAULT_ROUNDS", "3"))
PARTS = ("worker", "carrier", "postgres", "web")
PACKERS = 3
LOAD_SECONDS = 4.0  # labels and letters are sent off every two seconds
KINDS = ["order.placed", "order.released", "shipment.prepared", "package.label_made", "order.shipped"]
CHANNEL = {"code": "web", "name": "Web", "currency": "EUR", "series": "web", "number_prefix": "W-"}
TO = {"name": "Ada", "street": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
LETTERS = ("order_confirmed", "shipped")


@dataclass
class World:
    """A shop, and those outside it: a carrier, a mail server, a system that listens."""

    shop: RunningShop
    carrier: FakeCarrierRun
    postbox: Postbox
    receiver: Receiver


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    postbox, receiver = Postbox(accept_seconds=0.02), Receiver()
    receiver.always["/hook"] = Behaviour(after_seconds=0.01)
    port = any_free()
    carrier = FakeCarrierRun(any_free(), f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("carrier") / "kept")
    outside = {
        "ORDERWRIGHT_PORT": str(port),
        "ORDERWRIGHT_CARRIERS": f"fake={carrier.url}={carrier.secret}",
        "ORDERWRIGHT_EMAIL_URL": postbox.url,
        "ORDERWRIGHT_WEBHOOKS_INSIDE": "127.0.0.0/8",
        "ORDERWRIGHT_WEBHOOKS_HTTP": "1",
    }
    with carrier, run_a_shop(outside, demo=False) as shop:
        yield World(shop, carrier, postbox, receiver)
    receiver.stop()
    postbox.stop()


@dataclass
class Packers:
    """Orders are placed, released and packed one after another, until somebody says stop; and what was done."""

    shop: RunningShop
    stopping: threading.Event = field(default_factory=threading.Event)
    packed: list[str] = field(default_factory=list)  # shipments
    strange: list[object] = field(default_factory=list)

    def pack(self, packer: int) -> None:
        caller = self.shop.caller()
        for turn in itertools.count():
            if self.stopping.is_set():
                return
            reference = f"outside-{packer}-{turn}"
            body = an_order({"PARCEL": 1}, buyer=packer) | {"reference": reference, "ship_to": TO}
            number = self.ask(caller, "/v1/orders", body, reference, 201).get("number")
            self.ask(caller, f"/v1/orders/{number}/release", {}, f"{reference}-release", 200)
            work = {"fulfilment_order": f"{number}-F1", "option": "faulty", "packages": [{"weight_grams": 500}]}
            shipment = self.ask(caller, "/v1/shipments", work, f"{reference}-pack", 201)
            self.packed.append(shipment.get("name", ""))
            time.sleep(0.05)

    def ask(self, caller: Caller, path: str, body: object, key: str, expected: int) -> dict[str, str]:
        """Ask until there is an answer; the same key makes it happen once."""
        answer = caller.ask_until_answered("POST", path, body, key=key)
        if answer.status != expected:
            self.strange.append((path, answer))
        return answer.body if isinstance(answer.body, dict) else {}


def test_who_is_killed_in_the_middle_neither_loses_nor_doubles(world: World) -> None:
    shop = world.shop
    assert shop.ask("POST", "/v1/channels", CHANNEL, key="web").status == 201
    assert (
        shop.ask("POST", "/v1/locations", {"code": "hamburg", "name": "Hamburg", "country": "DE"}, key="hamburg").status
        == 201
    )
    a_new_sku(shop, "PARCEL", {"hamburg": 1_000_000})
    option = {"code": "faulty", "name": "Faulty", "carrier": "fake", "carrier_service": "standard"}
    assert shop.ask("POST", "/v1/delivery-options", option, key="faulty").status == 201
    hook = {"url": f"{world.receiver.url}/hook", "kinds": KINDS}
    assert shop.ask("POST", "/v1/webhooks", hook, key="hook").status == 201
    packers = Packers(shop)
    work: list[Callable[[], None]] = [lambda packer=packer: packers.pack(packer) for packer in range(PACKERS)]  # type: ignore[misc]
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(ROUNDS):
            packed = len(packers.packed)
            wait(lambda before=packed: len(packers.packed) > before + 10)  # type: ignore[misc]
            time.sleep(LOAD_SECONDS)
            kill(world, PARTS[round_ % len(PARTS)])
        at_end = len(packers.packed)
        wait(lambda: len(packers.packed) > at_end + 5)
    finally:
        packers.stopping.set()
        for thread in threads:
            thread.join()
    wait(shop.is_well)
    assert packers.strange == []

    wait(lambda: shop.rows("SELECT FROM carrier_question WHERE ask_again_at IS NOT NULL") == [])
    ship_all(shop, packers.packed)
    wait(lambda: shop.rows("SELECT FROM letter WHERE state = 'waiting'") == [] and letters_written(shop))
    wait(lambda: not_told(world) == set())

    labels_are_made_once(world, packers.packed)
    letters_go_out(world)
    messages_are_told(world)
    clean, said = shop.audit()
    assert clean, said


def kill(world: World, part: str) -> None:
    if part == "carrier":
        world.carrier.kill()
        time.sleep(1)
        world.carrier.start()
        return
    world.shop.kill(part)
    time.sleep(0.2)
    wait(world.shop.is_well)


def ship_all(shop: RunningShop, shipments: list[str]) -> None:
    caller = shop.caller()
    for start in range(0, len(shipments), 50):
        some = shipments[start : start + 50]
        answer = caller.ask("POST", "/v1/shipments/confirm", {"shipments": some}, key=f"left-{start}")
        assert [one["problem"] for one in answer.body["items"] if one["problem"]] == []


def labels_are_made_once(world: World, shipments: list[str]) -> None:
    """The carrier itself knows of one label for each package, and that is the one that sticks on it."""
    made = world.carrier.labels()
    ours = dict(world.shop.rows("SELECT name, tracking_number FROM package WHERE carrier = 'fake'"))

    assert world.shop.rows("SELECT DISTINCT answer FROM carrier_question") == [("labelled",)]
    assert len(ours) == len(shipments) == len(set(shipments))
    assert [reference for reference, count in Counter(reference for reference, _ in made).items() if count > 1] == []
    assert {reference: number for reference, number in made if reference in ours} == ours


def letters_written(shop: RunningShop) -> bool:
    """Has every order its letters?"""
    ((orders, letters),) = shop.rows(
        "SELECT count(DISTINCT o.id), count(DISTINCT (l.order_id, l.kind)) FROM orders o"
        f" LEFT JOIN letter l ON l.order_id = o.id AND l.kind IN {LETTERS} WHERE o.reference LIKE 'outside-%'"
    )
    return bool(letters == orders * len(LETTERS))


def letters_go_out(world: World) -> None:
    """Every letter was accepted; one that was accepted twice bears one name, and there are no more than were killed."""
    came = Counter(letter.message_id for letter in world.postbox.letters if "buyer-" in letter.to)
    ((sent,),) = world.shop.rows(
        "SELECT count(*) FROM letter l JOIN orders o ON o.id = l.order_id"
        " WHERE o.reference LIKE 'outside-%' AND l.state = 'sent'"
    )
    states = world.shop.rows(
        "SELECT DISTINCT l.state FROM letter l JOIN orders o ON o.id = l.order_id WHERE o.reference LIKE 'outside-%'"
    )

    assert states == [("sent",)]
    assert len(came) == sent
    assert sum(came.values()) - len(came) <= ROUNDS * 50  # a portion that was on its way as somebody was killed


def not_told(world: World) -> set[int]:
    told = {int(message.headers["webhook-id"].split("_")[2]) for message in world.receiver.at("/hook")}
    ours = world.shop.rows(
        "SELECT e.id FROM event e JOIN orders o ON o.id = e.order_id"
        f" WHERE o.reference LIKE 'outside-%' AND e.kind IN {tuple(KINDS)}"
    )
    return {event for (event,) in ours} - told


def messages_are_told(world: World) -> None:
    """Every event was told, those of an order in their order; one that was told twice bears one name."""
    came = world.receiver.at("/hook")
    first: dict[str, int] = {}
    by_order: dict[str, list[int]] = {}
    for message in came:
        name = message.headers["webhook-id"]
        if name not in first:
            first[name] = 1
            order, place = message.place
            by_order.setdefault(order, []).append(place)

    assert [order for order, places in by_order.items() if places != sorted(places)] == []
    assert len(came) - len(first) <= ROUNDS * 50
