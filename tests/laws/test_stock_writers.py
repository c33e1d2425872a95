"""The law of writers: sixteen at once, each with its own order of SKUs and locations, and none meets a deadlock."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, connections, transaction
from shelves import CLERK, a_location, a_sku

from orderwright.inventory.adjusting import Adjustment, Change, adjust
from orderwright.inventory.auditing import CHECKS
from orderwright.inventory.book import ON_HAND, STOCK
from orderwright.inventory.counting import post_figures, start
from orderwright.inventory.models import StockEntry, StockSheet
from orderwright.inventory.receiving import Receipt, Units, receive
from orderwright.inventory.reserving import lock_shelves
from orderwright.inventory.setting import Figure, Setting, StockChanged, set_levels
from orderwright.inventory.transferring import Arrival, Came, Sending, arrive, send
from orderwright.inventory.units import NotEnoughStock
from orderwright.kernel import sql
from orderwright.kernel.books import Movement, post
from orderwright.kernel.events import Happening, record

WRITERS, ROUNDS = 16, 12
SOON = date(2026, 11, 27)


@pytest.mark.django_db(transaction=True)
def test_writers_in_random_order_queue_and_no_unit_is_lost_between_them() -> None:
    skus = [a_sku(f"SKU-{number}") for number in range(6)]
    places = [a_location(f"PLACE-{number}") for number in range(3)]
    receive([Receipt([Units(sku, place, 1000) for sku in skus for place in places])], actor=CLERK)

    with ThreadPoolExecutor(WRITERS) as writers:
        received = list(writers.map(lambda seed: _write(random.Random(seed), skus, places), range(WRITERS)))

    came = 1000 * len(skus) * len(places) + sum(received)
    moved = StockEntry.objects.all()
    lost = sum(e.amount for e in moved if e.target == "lost") - sum(e.amount for e in moved if e.source == "lost")
    sheets = StockSheet.objects.all()
    assert sum(getattr(sheet, bucket) for sheet in sheets for bucket in (*ON_HAND, "in_transit")) == came - lost
    assert [check.name for check in CHECKS if sql.rows(check.statement)] == []


def _write(chance: random.Random, skus: list[int], places: list[int]) -> int:
    """One writer's rounds, on a connection of its own; answers how many units it received.

    Whatever PostgreSQL says against it comes out here and fails the test: nothing is tried again.
    """
    received = 0
    try:
        for _ in range(ROUNDS):
            some = chance.sample(skus, 4)
            source, target = chance.sample(places, 2)
            work = chance.choice([_receive, _adjust, _set, _transfer, _count, _reserve])
            received += work(chance, some, source, target)
    finally:
        connections.close_all()
    return received


def _receive(chance: random.Random, skus: list[int], source: int, target: int) -> int:
    receive([Receipt([Units(sku, chance.choice((source, target)), 2) for sku in skus])], actor=CLERK)
    return 2 * len(skus)


def _adjust(chance: random.Random, skus: list[int], source: int, target: int) -> int:
    lines = [Change(sku, chance.choice((source, target)), chance.choice((-3, 2))) for sku in skus]
    adjust([Adjustment(lines, "correction")], actor=CLERK)
    return 0


def _set(chance: random.Random, skus: list[int], source: int, target: int) -> int:
    """As a clerk does: look, then set; it may have changed meanwhile."""
    seen = {row[0]: row[1] for row in StockSheet.objects.filter(place_id=source).values_list("holder_id", "available")}
    figures = [Figure(sku, source, seen[sku] + 1, seen[sku], "available") for sku in skus]
    _or_refused(lambda: set_levels([Setting(figures)], actor=CLERK))
    return 0


def _transfer(chance: random.Random, skus: list[int], source: int, target: int) -> int:
    sending = Sending(source, target, [(sku, chance.randint(1, 3)) for sku in skus], SOON)
    (transfer,) = send([sending], actor=CLERK)
    came = [Came(sku, quantity - 1, 1) for sku, quantity in sending.lines]
    chance.shuffle(came)
    arrive([Arrival(transfer, came)], actor=CLERK)
    return 0


def _count(chance: random.Random, skus: list[int], source: int, target: int) -> int:
    count = start(source, skus, actor=CLERK)
    on_hand = {
        sheet.holder_id: sheet.available + sheet.reserved for sheet in StockSheet.objects.filter(place_id=source)
    }
    post_figures(count, {sku: on_hand[sku] - 1 for sku in skus}, actor=CLERK)
    return 0


def _reserve(chance: random.Random, skus: list[int], source: int, target: int) -> int:
    """As placing orders does: lock every shelf of the SKUs, then take from one."""
    with transaction.atomic():
        shelves = lock_shelves(skus)
        (event,) = record([Happening("test.placed", CLERK, {})])
        taken = [sku for sku in skus if shelves[sku, source]]
        post(STOCK, [Movement(sku, source, "available", source, "reserved", 1, event) for sku in taken], locked=True)
    return 0


def _or_refused(work: Callable[[], object]) -> None:
    try:
        work()
    except (StockChanged, NotEnoughStock):
        assert not connection.in_atomic_block
