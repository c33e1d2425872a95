"""Tracking: where a package is, by all that was ever said of it.

A pure function of its scans, whatever the order in which they came, or how often:

- A scan is believed if it speaks of the package's own number (or was told by hand), if it was not more than an hour
  ahead of the clock when we got it, and if it is not older than a day before the package was packed, for carriers use
  their numbers again.  Others are kept, and not believed.
- Delivered and returned are facts: the last of them to happen decides, whatever else is said to have happened later.
- Else a package is lost if that was ever said.  Lost is a guess: a delivery takes it back, whenever it happened.
- Else the last to happen decides; of two in the same moment the one that is further on.  That a label was made is no
  news: a package with a number is labelled.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.shipping.stages import Stage

AHEAD = timedelta(hours=1)
BEFORE = timedelta(days=1)
RANKS = {stage.value: rank for rank, stage in enumerate(Stage)}
FACTS = frozenset({Stage.DELIVERED.value, Stage.RETURNED.value})
NO_NEWS = frozenset({Stage.PREPARED.value, Stage.LABELLED.value})

SOONEST_LOOK, LATEST_LOOK = timedelta(minutes=30), timedelta(hours=12)
LOOKED_AFTER = timedelta(days=90)


class Settled(models.TextChoices):
    """What the units of a package that left followed last."""

    NOT_YET = "", _("Under way")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")
    LOST = "lost", _("Lost")
    SENT_AGAIN = "sent_again", _("Sent again")
    GIVEN_UP = "given_up", _("Given up")


# Which way units can go that are where their package left them; all else is told and not done.
FOLLOWS = {
    "": frozenset({"delivered", "returned", "lost"}),
    "lost": frozenset({"delivered", "returned"}),
    "delivered": frozenset({"returned"}),
}

KINDS = {
    Stage.HANDED_OVER: "package.handed_over",
    Stage.IN_TRANSIT: "package.forwarded",
    Stage.AT_CUSTOMS: "package.stopped_at_customs",
    Stage.DELAYED: "package.delayed",
    Stage.OUT_FOR_DELIVERY: "package.sent_out",
    Stage.READY_FOR_PICKUP: "package.made_ready",
    Stage.ATTEMPT_FAILED: "package.attempted",
    Stage.DELIVERED: "order.delivered",
    Stage.RETURNED: "package.returned",
    Stage.LOST: "package.lost",
}


class ScanSeen(NamedTuple):
    """What was said of a package, as it is kept."""

    id: int
    stage: str
    happened_at: datetime
    received_at: datetime
    own: bool  # it names the package's own number, or was told by hand
    time_zone: str = "UTC"
    place: str = ""


class Where(NamedTuple):
    """Where a package is, and the scan that says so (None: nobody said anything yet)."""

    stage: str
    scan: ScanSeen | None


def is_believed(scan: ScanSeen, packed_at: datetime) -> bool:
    """May this be true?"""
    return scan.own and packed_at - BEFORE <= scan.happened_at <= scan.received_at + AHEAD


def where(scans: Iterable[ScanSeen], *, packed_at: datetime, labelled: bool) -> Where:
    """Where a package is by all that was said of it.  Pure."""
    believed = sorted(
        (scan for scan in scans if is_believed(scan, packed_at)),
        key=lambda scan: (scan.happened_at, RANKS[scan.stage], scan.id),
    )
    for decides in (FACTS, {Stage.LOST.value}, RANKS.keys() - NO_NEWS):
        last = next((scan for scan in reversed(believed) if scan.stage in decides), None)
        if last is not None:
            return Where(last.stage, last)
    return Where(Stage.LABELLED.value if labelled else Stage.PREPARED.value, None)


def left_at(scans: Iterable[ScanSeen], *, packed_at: datetime) -> datetime | None:
    """When its carrier had a package first, by what may be true; None where nobody said that it does.  Pure."""
    times = (scan.happened_at for scan in scans if scan.stage not in NO_NEWS and is_believed(scan, packed_at))
    return min(times, default=None)


def next_look(now: datetime, *, stage: str, stage_at: datetime, packed_at: datetime) -> datetime | None:
    """When its carrier is asked again: the longer nothing happened, the later.  None where nothing more is to come."""
    if stage in FACTS or now - packed_at > LOOKED_AFTER:
        return None
    return now + min(LATEST_LOOK, max(SOONEST_LOOK, (now - stage_at) / 8))


def scans_of(package_ids: Collection[int]) -> dict[int, list[ScanSeen]]:
    """All that was said of these packages; one statement."""
    found: dict[int, list[ScanSeen]] = {package_id: [] for package_id in package_ids}
    for package_id, *scan in sql.rows(SCANS_OF, [sql.ints(sorted(found))]):
        found[package_id].append(ScanSeen(*scan))
    return found


SCANS_OF = """
    SELECT s.package_id, s.id, s.stage, s.happened_at, s.received_at,
           s.told_by = 'hand' OR (s.carrier = p.carrier AND s.tracking_number = p.tracking_number), s.time_zone, s.place
      FROM scan s
      JOIN package p ON p.id = s.package_id
     WHERE s.package_id = ANY (%s::bigint[])
"""


class Step(NamedTuple):
    """A package is somewhere else than it was said to be, or its units followed it."""

    package_id: int
    stage: str
    stage_at: datetime
    settled: str
    look_at: datetime | None


def write(steps: Collection[Step]) -> None:
    """Write down where packages are; their orders are locked.  The only writer of a package's stage."""
    if not steps:
        return
    ids, stages, times, settled, looks = zip(*steps, strict=True)
    sql.run(
        WRITE,
        [
            sql.ints(ids),
            sql.texts(stages),
            sql.texts(at.isoformat() for at in times),
            sql.texts(settled),
            sql.texts(at.isoformat() if at else None for at in looks),
        ],
    )


WRITE = """
    UPDATE package p
       SET stage = s.stage, stage_at = s.stage_at, settled = s.settled, look_at = s.look_at
      FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[])
           AS s(id, stage, stage_at, settled, look_at)
     WHERE p.id = s.id
"""
