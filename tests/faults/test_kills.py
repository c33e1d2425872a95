"""kill -9 of every part in the middle of a write load: what was acknowledged is there, once, and all of it."""

import http.client
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from faulty import RunningShop, wait
from test_flash_sale import a_new_sku, an_order

pytestmark = pytest.mark.faults

ROUNDS = int(os.environ.get("ORDERWRIGHT_FAULT_ROUNDS", "3"))
BUYERS = 6
PARTS = ("web", "postgres", "worker")
LOAD_SECONDS = 1.0


@dataclass
class Load:
    """Buyers that order one after another until they are told to stop, and a reader of the feed."""

    shop: RunningShop
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, str] = field(default_factory=dict)  # reference: number
    strange: list[object] = field(default_factory=list)
    told: list[tuple[int, str | None]] = field(default_factory=list)  # event id, order number
    cursor: str = ""

    def buy(self, buyer: int) -> None:
        caller, turn = self.shop.caller(), 0
        while not self.stopping.is_set():
            turn += 1
            reference = f"kill-{buyer}-{turn}"
            body = an_order({"STURDY-1": 1, "STURDY-2": 2}, buyer=buyer) | {"reference": reference}
            answer = caller.ask_until_answered("POST", "/v1/orders", body, key=reference)
            if answer.status == 201:
                self.acknowledged[reference] = answer.body["number"]
            else:
                self.strange.append((reference, answer))

    def listen(self) -> None:
        """Read the feed page by page, on and on, from wherever the last answer ended."""
        caller = self.shop.caller()
        while not self.stopping.is_set():
            try:
                if not self.read_on(caller):
                    time.sleep(0.02)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    def read_on(self, caller) -> bool:  # type: ignore[no-untyped-def]
        answer = caller.ask("GET", f"/v1/events?after={self.cursor}&kind=order.placed&limit=200", patience=10)
        if answer.status != 200:
            return False
        self.told += [(event["id"], event["order"]) for event in answer.body["items"]]
        self.cursor = answer.body["next"]
        return bool(answer.body["items"])


def test_what_was_acknowledged_survives_every_kill(shop: RunningShop) -> None:
    for code in ("STURDY-1", "STURDY-2"):
        a_new_sku(shop, code, {"hamburg": 1_000_000})
    load = Load(shop)
    work: list[Callable[[], None]] = [lambda buyer=buyer: load.buy(buyer) for buyer in range(BUYERS)]  # type: ignore[misc]
    threads = [threading.Thread(target=one) for one in [*work, load.listen]]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(ROUNDS):
            placed = len(load.acknowledged)
            wait(lambda before=placed: len(load.acknowledged) > before + 20)  # type: ignore[misc]
            time.sleep(LOAD_SECONDS)
            shop.kill(PARTS[round_ % len(PARTS)])
            time.sleep(0.2)
            wait(shop.is_well)
        at_end = len(load.acknowledged)
        wait(lambda: len(load.acknowledged) > at_end + 20)
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join()
    wait(shop.is_well)

    caller = shop.caller()
    wait(lambda: not load.read_on(caller))
    stored = shop.rows("SELECT reference, number FROM orders WHERE reference LIKE 'kill-%'")
    events = shop.rows("SELECT id FROM event WHERE kind = 'order.placed' ORDER BY epoch, xact, id")

    assert load.strange == []
    assert dict(stored) == load.acknowledged
    assert len(stored) == len(load.acknowledged)
    assert [id_ for id_, _ in load.told] == [id_ for (id_,) in events]
    clean, said = shop.audit()
    assert clean, said


def test_the_same_key_after_a_kill_gets_the_same_answer(shop: RunningShop) -> None:
    a_new_sku(shop, "AGAIN", {"lyon": 10})
    first = shop.ask("POST", "/v1/orders", an_order({"AGAIN": 1}), key="again-1")
    refused = shop.ask("POST", "/v1/orders", an_order({"AGAIN": 99}), key="again-2")

    for part in ("web", "postgres"):
        shop.kill(part)
        time.sleep(0.2)
        wait(shop.is_well)
    second = shop.caller().ask_until_answered("POST", "/v1/orders", an_order({"AGAIN": 1}), key="again-1")
    still_refused = shop.caller().ask_until_answered("POST", "/v1/orders", an_order({"AGAIN": 99}), key="again-2")

    assert first.status == 201
    assert (second.status, second.body["number"]) == (201, first.body["number"])
    assert (refused.status, refused.body["code"]) == (still_refused.status, still_refused.body["code"])
    assert shop.rows(
        "SELECT sum(s.reserved)::int FROM stock_sheet s JOIN sku k ON k.id = s.holder_id WHERE k.code = 'AGAIN'"
    ) == [(1,)]
