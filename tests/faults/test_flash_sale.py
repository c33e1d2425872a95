"""Everybody at once: a flash sale over HTTP, and writers of every kind on the same few shelves."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faulty import Answer, RunningShop

pytestmark = pytest.mark.faults

BUYERS = 400
UNITS = 100
MOST_SECONDS = 10


def a_new_sku(shop: RunningShop, code: str, units: dict[str, int]) -> None:
    """A SKU of its own with a price, and so many units at each location."""
    shop.ask("POST", "/v1/products", {"code": code, "name": code}, key=f"product-{code}")
    made = shop.ask("POST", "/v1/skus", {"code": code, "product": code, "name": code}, key=f"sku-{code}")
    assert made.status == 201, made.body
    lines = [{"sku": code, "location": location, "quantity": quantity} for location, quantity in units.items()]
    received = shop.ask("POST", "/v1/stock/receive", {"lines": lines, "reason": "opening"}, key=f"stock-{code}")
    assert received.status == 200, received.body


def an_order(skus: dict[str, int], *, buyer: int = 0, channel: str = "web") -> dict[str, object]:
    return {
        "channel": channel,
        "customer": {"email": f"buyer-{buyer}@example.org"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": "9.90"} for sku, quantity in skus.items()],
        "tenders": [{"method": "invoice"}],
    }


def test_four_hundred_buyers_and_a_hundred_units(shop: RunningShop) -> None:
    a_new_sku(shop, "FLASH", {"hamburg": 50, "lyon": 30, "leeds": 20})
    together = threading.Barrier(BUYERS + 1)

    def buy(buyer: int) -> tuple[Answer, float]:
        caller = shop.caller()
        together.wait()
        answer = caller.ask("POST", "/v1/orders", an_order({"FLASH": 1}, buyer=buyer), key=f"flash-{buyer}")
        return answer, time.monotonic()

    with ThreadPoolExecutor(BUYERS) as crowd:
        bought = [crowd.submit(buy, buyer) for buyer in range(BUYERS)]
        together.wait()
        begun = time.monotonic()
        answers = [one.result() for one in bought]
    seconds = max(at for _, at in answers) - begun

    refused = [answer.body for answer, _ in answers if answer.status == 409]
    assert Counter(answer.status for answer, _ in answers) == {201: UNITS, 409: BUYERS - UNITS}
    assert {(problem["code"], problem["short"][0]["sku"], problem["short"][0]["left"]) for problem in refused} == {
        ("out_of_stock", "FLASH", 0)
    }
    assert len({answer.body["number"] for answer, _ in answers if answer.status == 201}) == UNITS
    assert shop.rows(
        "SELECT sum(s.available)::int, sum(s.reserved)::int FROM stock_sheet s JOIN sku k ON k.id = s.holder_id"
        " WHERE k.code = 'FLASH'"
    ) == [(0, UNITS)]
    assert seconds < MOST_SECONDS
    clean, said = shop.audit()
    assert clean, said


WRITERS = 16
ROUNDS = 25
HOT = ["90001", "90002", "90003"]  # as the invoices of the imported file call them
INVOICES = 400
PLACES = ["hamburg", "lyon", "leeds"]


def test_no_deadlock_reaches_a_caller(shop: RunningShop, tmp_path: Path) -> None:
    """Orders one by one and in batches, cancels, receipts, adjustments, transfers, in any order of SKUs and places.

    Meanwhile a file of invoices over the same SKUs is imported.
    """
    for code in HOT:
        a_new_sku(shop, code, dict.fromkeys(PLACES, 100_000))
    before = shop.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")

    with ThreadPoolExecutor(WRITERS + 1) as crowd:
        imported = crowd.submit(import_invoices, shop, tmp_path / "invoices.csv")
        written = crowd.map(lambda number: write(shop, number), range(WRITERS))
        statuses = Counter(status for one in written for status in one)

    assert set(statuses) <= {200, 201, 409}, statuses
    assert statuses[200] > 50
    assert statuses[201] > 50
    assert imported.result().returncode == 0, imported.result().stdout
    assert shop.rows(
        "SELECT count(*)::int FROM orders o JOIN channel c ON c.id = o.channel_id WHERE c.code = 'paper'"
    ) == [(INVOICES,)]
    assert shop.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == before
    clean, said = shop.audit()
    assert clean, said


def import_invoices(shop: RunningShop, path: Path) -> "subprocess.CompletedProcess[str]":
    """Import a file of invoices, three lines each, the SKUs of each in another order."""
    dice = random.Random(1)
    lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    for number in range(INVOICES):
        for code in dice.sample(HOT, 3):
            lines.append(f"{536365 + number},{code},LANTERN,2,2010-12-01T08:26,2.55,17850,United Kingdom")
    path.write_text("\n".join(lines) + "\n")
    words = ["import", "orders", str(path), "--channel", "paper", "--stock", "as-sold", "--location", "hamburg"]
    command = [sys.executable, "-m", "orderwright", *words]
    return subprocess.run(
        command, env=shop.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def write(shop: RunningShop, number: int) -> list[int]:
    """One writer's work: the statuses of all answers."""
    dice, caller, statuses = random.Random(number), shop.caller(), []
    placed: list[str] = []
    for turn in range(ROUNDS):
        key = f"writer-{number}-{turn}"
        skus = dice.sample(HOT, dice.randint(1, 3))
        source, target = dice.sample(PLACES, 2)
        lines = [
            {"sku": sku, "location": place, "quantity": dice.randint(1, 5)}
            for sku in skus
            for place in (source, target)
        ]
        match dice.choice(["place", "place", "batch", "cancel", "receive", "adjust", "send"]):
            case "place":
                answer = caller.ask("POST", "/v1/orders", an_order(dict.fromkeys(skus, 2)), key=key)
                if answer.status == 201:
                    placed.append(answer.body["number"])
            case "batch":
                orders = [an_order(dict.fromkeys(dice.sample(HOT, 2), 1)) for _ in range(5)]
                answer = caller.ask("POST", "/v1/orders/batch", {"orders": orders}, key=key)
            case "cancel" if placed:
                body = {"reason": "test"}
                answer = caller.ask("POST", f"/v1/orders/{placed.pop()}/cancel", body, key=key)
            case "adjust":
                answer = caller.ask("POST", "/v1/stock/adjust", {"lines": lines, "reason": "found"}, key=key)
            case "send":
                body = {
                    "source": source,
                    "target": target,
                    "expected_on": "2030-01-01",
                    "lines": [{"sku": sku, "quantity": 2} for sku in skus],
                }
                answer = caller.ask("POST", "/v1/stock/transfers", body, key=key)
            case _:
                answer = caller.ask("POST", "/v1/stock/receive", {"lines": lines}, key=key)
        statuses.append(answer.status)
        assert answer.status < 400 or answer.status == 409, answer.body
    return statuses
