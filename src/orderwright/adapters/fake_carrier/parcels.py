"""What the fake carrier knows: the answers it gave under each key, its parcels, and what happens to them, and when."""

import hashlib
import heapq
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

from orderwright.adapters.fake_carrier import tariff
from orderwright.adapters.fake_carrier.behaving import Behaviour
from orderwright.adapters.fake_carrier.journeys import Scan, Trip, journey, known

Answer = dict[str, Any]


class Parcels:
    """All parcels, in memory; with a file to `keep` them in, the answers survive the end of the process."""

    def __init__(
        self, *, seed: int = 1, trouble: bool = True, day: timedelta = timedelta(days=1), keep: Path | None = None
    ) -> None:
        self.seed, self.trouble, self.day, self.keep = seed, trouble, day, keep
        self.lock = RLock()
        self.answers: dict[str, Answer] = {}  # by key
        self.made: list[dict[str, str]] = []  # reference and tracking number of each label
        self.journeys: dict[str, list[Scan]] = {}
        self.void: set[str] = set()
        self.stopped_at: datetime | None = None
        self._due: list[tuple[datetime, str, Scan, str, str]] = []  # to be told by message
        for line in keep.read_text().splitlines() if keep and keep.exists() else ():
            self._remember(**json.loads(line))

    def now(self) -> datetime:
        """The carrier's own time."""
        return self.stopped_at or datetime.now(UTC)

    def label(
        self, key: str, consignment: Answer, how: Behaviour, document: str, price_minor: int, zone: int
    ) -> Answer:
        """Make a label under this key; the same key again is the same label."""
        number = self.number_of(key)
        answer = {
            "status": "labelled",
            "tracking_number": number,
            "tracking_url": "",
            "document": document,
            "price_minor": price_minor,
            "currency": "EUR",
        }
        sender, receiver = consignment["sender"], consignment["receiver"]
        product = tariff.product(consignment["service"])
        assert product is not None
        trip = {
            "tracking_number": number,
            "reference": consignment["reference"],
            "labelled_at": self.now().isoformat(),
            "sender_city": sender["city"],
            "sender_country": sender["country"],
            "receiver_city": receiver["city"],
            "receiver_country": receiver["country"],
            "days": tariff.days(product, zone),
            "abroad": zone == 3,
        }
        return self._write(key, answer, trip=trip, end=how.end, tell=how.tell)

    @staticmethod
    def number_of(key: str) -> str:
        """The tracking number that belongs to a key."""
        return f"FC{int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], 'big') % 10**12:012d}"

    def void_label(self, key: str, number: str) -> Answer:
        """Take a label back, unless its parcel is on its way."""
        with self.lock:
            if number not in self.journeys:
                return self.refuse(key, "unknown_label", "There is no such label.")
            if known(self.journeys[number], self.now()):
                return self.refuse(key, "in_use", "The parcel is on its way.")
            return self._write(key, {"status": "voided"}, void=number)

    def refuse(self, key: str, reason: str, message: str) -> Answer:
        """Say no, under this key."""
        return self._write(key, {"status": "refused", "reason": reason, "message": message})

    def scans_of(self, numbers: Sequence[str]) -> list[Scan]:
        """What happened to these parcels by now."""
        with self.lock:
            now = self.now()
            return [scan for number in numbers if number not in self.void
                    for scan in known(self.journeys.get(number, ()), now)]  # fmt: skip

    def take_due(self) -> list[Scan]:
        """What is to be told now, as it is told: some twice, some out of order, some not at all, some wrong."""
        told: list[Scan] = []
        with self.lock:
            now = self.now()
            while self._due and self._due[0][0] <= now:
                _at, _id, scan, tell, luck = heapq.heappop(self._due)
                if scan.tracking_number not in self.void:
                    told += self._as_told(scan, tell, luck)
        return told

    def _as_told(self, scan: Scan, tell: str, luck: str) -> list[Scan]:
        dice = random.Random(f"{self.seed}:{luck}")
        drawn = dice.random() if self.trouble and not tell else 1.0
        if tell == "never" or drawn < 0.10:
            return []
        if tell == "twice" or drawn < 0.13:
            return [scan, scan]
        if tell == "wrong" or drawn < 0.133:
            return [scan, scan._replace(id=f"{scan.id}-x", tracking_number="FC0000000000", words="Another's parcel")]
        return [scan]

    def _write(self, key: str, answer: Answer, **more: Any) -> Answer:
        with self.lock:
            if key in self.answers:
                return self.answers[key]
            if self.keep is not None:
                with self.keep.open("a") as file:
                    file.write(json.dumps({"key": key, "answer": answer, **more}) + "\n")
            self._remember(key, answer, **more)
            return answer

    def _remember(
        self,
        key: str,
        answer: Answer,
        *,
        trip: Answer | None = None,
        end: str = "",
        tell: str = "",
        void: str = "",
    ) -> None:
        self.answers[key] = answer
        if void:
            self.void.add(void)
        if trip is not None:
            number = trip["tracking_number"]
            at = datetime.fromisoformat(trip["labelled_at"])
            days = trip["days"][0], trip["days"][1]
            way = Trip(**{**trip, "labelled_at": at, "days": days})
            scans = journey(way, seed=self.seed, trouble=self.trouble, ending=end, day=self.day)
            self.made.append({"reference": trip["reference"], "tracking_number": number})
            self.journeys[number] = scans
            for index, scan in enumerate(scans):
                late = self.day * 2 if tell == "late" else timedelta()
                luck = f"{trip['reference']}:{index}"
                heapq.heappush(self._due, (scan.at + late, scan.id, scan, tell, luck))
