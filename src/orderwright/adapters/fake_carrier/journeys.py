"""The life of a parcel after it was labelled: which scans it will make, where and when, decided by chance and a seed.

What is told uses the carrier's own words (`client` translates them).  A journey depends on the seed and the sender's
reference alone, so a play with the same seed meets the same parcels.
"""

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONES = {  # the capital's, where a country has several
    "AE": "Asia/Dubai", "AT": "Europe/Vienna", "AU": "Australia/Sydney", "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo", "CA": "America/Toronto", "CH": "Europe/Zurich", "CY": "Asia/Nicosia",
    "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "GR": "Europe/Athens",
    "HK": "Asia/Hong_Kong", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IT": "Europe/Rome",
    "JP": "Asia/Tokyo", "LT": "Europe/Vilnius", "MT": "Europe/Malta", "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore", "US": "America/New_York",
}  # fmt: skip
ENDINGS = ("delivered", "late", "failed_first", "pickup", "returned", "lost")
SHARES = (86.0, 6.0, 4.0, 2.6, 0.7, 0.7)  # percent, in the order of ENDINGS
HANDED_OVER = (  # who took it, or where it was left
    ("the receiver", ""),
    ("the receiver", ""),
    ("a neighbour", ""),
    ("", "at the front door"),
    ("", "in the letter box"),
)
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)


class Scan(NamedTuple):
    """Something that happens to a parcel, as the carrier says it."""

    id: str
    tracking_number: str
    code: str  # the carrier's word
    at: datetime
    time_zone: str
    place: str
    words: str
    taken_by: str = ""
    left_where: str = ""

    def document(self) -> dict[str, str]:
        """As it is told."""
        return {**self._asdict(), "at": self.at.isoformat()}


class Trip(NamedTuple):
    """From where to where a parcel goes, and how long it may take: so many days at the least and at the most."""

    tracking_number: str
    reference: str  # the sender's
    labelled_at: datetime
    sender_city: str
    sender_country: str
    receiver_city: str
    receiver_country: str
    days: tuple[int, int]
    abroad: bool  # through customs


def journey(
    trip: Trip, *, seed: int, trouble: bool, ending: str = "", day: timedelta = timedelta(days=1)
) -> list[Scan]:
    """All scans of a parcel's life, in the order in which they happen; `day` is how long one of its days takes.

    `ending` chooses how it ends; else it is drawn, and without `trouble` always well.
    """
    dice = random.Random(f"{seed}:{trip.reference}")
    drawn = dice.choices(ENDINGS, SHARES)[0]
    end = ending or (drawn if trouble else "delivered")
    log = _Log(trip, day)
    log.add("ACCEPTED", dice.uniform(0.1, 0.25), here=True, words="Handed over by the sender")
    log.add("DEPARTED", dice.uniform(0.3, 0.5), here=True, words="Left the depot")
    if end == "lost":
        return log.scans + log.later("LOST", dice.uniform(12, 16), "Declared lost")
    if trip.abroad:
        log.add("CUSTOMS", dice.uniform(0.6, 0.9), words="Waiting for customs")
    takes = dice.uniform(max(trip.days[0] - 0.6, 0.7), max(trip.days[1] - 0.5, 0.9))
    if end == "late":
        log.add("DELAY", max(takes - 0.3, 0.6), words="Held up on its way")
        takes = trip.days[1] + dice.uniform(1, 5)
    log.add("ARRIVED", max(takes - 0.35, 0.55), words="At the depot near the receiver")
    log.add("OUT", max(takes - 0.2, 0.6), words="With the driver")
    if end == "returned":
        log.add("ATTEMPT", takes, words="Refused by the receiver")
        log.add("RETURNED", takes + dice.uniform(2, 4), here=True, words="Back with the sender")
    elif end == "pickup":
        log.add("PICKUP", takes, words="Waiting at a parcel shop")
        log.add("DELIVERED", takes + dice.uniform(0.3, 1.5), words="Picked up", taken_by="the receiver")
    else:
        if end == "failed_first":
            log.add("ATTEMPT", takes, words="Nobody at home")
            log.add("OUT", takes + 0.8, words="With the driver again")
            takes += 1
        taken_by, left_where = dice.choice(HANDED_OVER)
        log.add("DELIVERED", takes, words="Delivered", taken_by=taken_by, left_where=left_where)
    return log.scans


class _Log:
    """Writes a journey down; times are in days after the label."""

    def __init__(self, trip: Trip, day: timedelta) -> None:
        self.trip, self.day = trip, day
        self.scans: list[Scan] = []

    def add(self, code: str, after_days: float, *, words: str, here: bool = False, **more: str) -> None:
        trip = self.trip
        country = trip.sender_country if here else trip.receiver_country
        city = trip.sender_city if here else trip.receiver_city
        at = trip.labelled_at + self.day * after_days
        if self.scans and at <= self.scans[-1].at:
            at = self.scans[-1].at + self.day * 0.01
        zone = ZONES.get(country, "UTC")
        if code in ("OUT", "ATTEMPT", "DELIVERED") and self.day == ONE_DAY:
            at = _by_day(at, zone, self.scans[-1].at if self.scans else at)
        place = f"{city}, {country}" if city else country
        name = f"{trip.tracking_number}-{len(self.scans) + 1}"
        self.scans.append(Scan(name, trip.tracking_number, code, at, zone, place, words, **more))

    def later(self, code: str, after_days: float, words: str) -> list[Scan]:
        """One more at the end, without a place."""
        at = self.trip.labelled_at + self.day * after_days
        number = self.trip.tracking_number
        return [Scan(f"{number}-{len(self.scans) + 1}", number, code, at, "UTC", "", words)]


def _by_day(at: datetime, zone: str, before: datetime) -> datetime:
    """The same moment, if people are up then at the place; else the next morning or the evening of the same day."""
    local = at.astimezone(ZoneInfo(zone))
    if local.time() < time(8):
        local = local.replace(hour=8, minute=30)
    elif local.time() > time(20):
        local = local.replace(hour=19, minute=30)
    moved = local.astimezone(at.tzinfo)
    return max(moved, before + HOUR / 2)


def known(scans: Sequence[Scan], now: datetime) -> list[Scan]:
    """What has happened by now."""
    return [scan for scan in scans if scan.at <= now]
