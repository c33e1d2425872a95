"""Traffic for a running shop: orders are placed over its API at a rate, and the floor works on what is there.

It is a client like any other: it knows an address and a key, and no database.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from orderwright.demo.people import people

PEOPLE = 200
WORK_EVERY_SECONDS = 1.0
LOOK_AT_ONCE = 100
MOST_BEHIND = 200  # orders that are placed at once, where the shop is slower than the rate
PACK_AT_ONCE = 25  # a turn, so that placing does not wait long for packing
REJECTED = 0.04

Tell = Callable[[str], object]


@dataclass
class Traffic:
    """A client that buys, and clerks that accept, pack and hand over."""

    client: httpx.Client
    channel: str
    skus: Sequence[str]
    locations: Sequence[str]
    dice: random.Random
    did: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._buyers = list(people(PEOPLE, self.dice))

    def draft(self) -> dict[str, Any]:
        """An order of somebody: one to four things, on account, or by transfer now and then."""
        customer, address = self.dice.choice(self._buyers)
        chosen = self.dice.sample(self.skus, min(len(self.skus), self.dice.choice((1, 1, 2, 3, 4))))
        return {
            "channel": self.channel,
            "customer": msgspec.to_builtins(customer),
            "ship_to": msgspec.to_builtins(address),
            "lines": [{"sku": sku, "quantity": self.dice.choice((1, 1, 2, 3))} for sku in chosen],
            "adjustments": [{"kind": "shipping", "label": "Parcel", "amount": "4.90"}],
            "tenders": [{"method": "invoice" if self.dice.random() < 0.9 else "bank_transfer"}],
            "when_short": "backorder" if self.dice.random() < 0.5 else "refuse",
        }

    def place(self, count: int) -> None:
        """Place so many orders at once; each is answered by itself."""
        drafts = [self.draft() for _ in range(count)]
        key = {"Idempotency-Key": uuid4().hex}
        answer = self.client.post("/v1/orders/batch", json={"orders": drafts}, headers=key).raise_for_status()
        for one in answer.json()["orders"]:
            self.did["refused" if "problem" in one else "placed"] += 1

    def work(self) -> None:
        """One turn of the floor: release, accept or reject, pack, hand over."""
        ready = [{"number": one["number"]} for one in self._list("/v1/orders", status="ready")]
        if ready:
            self._many("/v1/orders/release", {"orders": ready}, "released")
        for location in self.locations:
            self._answer(location)
            self._pack(location)
        prepared = self._list("/v1/shipments", state="prepared")
        labelled = [one["name"] for one in prepared if all(box["tracking_number"] for box in one["packages"])]
        if labelled:
            self._many("/v1/shipments/confirm", {"shipments": labelled}, "handed over")

    def _answer(self, location: str) -> None:
        offered = [one["name"] for one in self._list(f"/v1/locations/{location}/fulfilment-orders", state="offered")]
        noes = [name for name in offered if self.dice.random() < REJECTED]
        yeses = [name for name in offered if name not in noes]
        if yeses:
            self._many("/v1/fulfilment-orders/accept", {"fulfilment_orders": yeses}, "accepted")
        if noes:
            self._many("/v1/fulfilment-orders/reject", {"fulfilment_orders": noes, "reason": "capacity"}, "rejected")

    def _pack(self, location: str) -> None:
        work = self._list(f"/v1/locations/{location}/fulfilment-orders", state="accepted")
        to_pack = [one for one in work if any(line["units"].get("open") for line in one["lines"])]
        for one in to_pack[:PACK_AT_ONCE]:
            answer = self.client.post("/v1/shipments", json={"fulfilment_order": one["name"]})
            if answer.status_code != 409:  # somebody else was faster, or it is held
                answer.raise_for_status()
                self.did["packed"] += 1

    def _many(self, path: str, body: dict[str, Any], word: str) -> None:
        """Do something with many; what the shop refuses of it is for somebody else to see to."""
        answer = self.client.post(path, json=body).raise_for_status()
        self.did[word] += sum(not one.get("problem") for one in answer.json()["items"])

    def _list(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        answer = self.client.get(path, params={"limit": LOOK_AT_ONCE, **filters}).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


def drive(traffic: Traffic, *, rate: float, seconds: float | None, stopping: Callable[[], bool], tell: Tell) -> None:
    """Place `rate` orders a second and work on them, for so long or until it is to stop; tells every few seconds."""
    begun = worked = told = time.monotonic()
    placed = 0
    while not stopping() and (seconds is None or time.monotonic() - begun < seconds):
        now = time.monotonic()
        due = min(MOST_BEHIND, int((now - begun) * rate) - placed)
        if due > 0:
            traffic.place(due)
            placed += due
        if now - worked >= WORK_EVERY_SECONDS:
            traffic.work()
            worked = now
        if now - told >= 5:
            tell(said(traffic.did))
            told = now
        time.sleep(0.05)
    traffic.work()
    tell(said(traffic.did))


def said(did: Counter[str]) -> str:
    """What was done, in a line."""
    words = ("placed", "refused", "released", "accepted", "rejected", "packed", "handed over")
    return ", ".join(f"{did[word]:,} {word}" for word in words if did[word]) or "nothing yet"


def open_traffic(client: httpx.Client, dice: random.Random) -> Traffic:
    """Traffic for the shop that this client talks to: of its first channel, and of what is for sale there."""
    channels = client.get("/v1/channels").raise_for_status().json()["items"]
    channel = next(one for one in channels if one["active"])
    skus = client.get("/v1/skus", params={"limit": 200}).raise_for_status().json()["items"]
    priced = [sku["code"] for sku in skus if sku["active"] and channel["currency"] in _currencies(sku)]
    locations = client.get("/v1/locations", params={"limit": 100}).raise_for_status().json()["items"]
    return Traffic(client, channel["code"], priced, [place["code"] for place in locations], dice)


def _currencies(sku: dict[str, Any]) -> set[str]:
    return {price["currency"] for price in sku["prices"]}
