"""Noting scans: somebody here says where a package is, for its carrier does not, or says what is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from uuid_utils import uuid7

from orderwright.flows._each import Answer, Done, each
from orderwright.flows._following import follow
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.orders.locking import lock_orders
from orderwright.shipping import hearing
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import PackageSeen, named, packages
from orderwright.shipping.ports import ScanTold
from orderwright.shipping.refusals import CannotFollow, NotShipped
from orderwright.shipping.stages import ENDED, Stage
from orderwright.shipping.tracking import AHEAD, BEFORE, FOLLOWS, NO_NEWS


class Note(NamedTuple):
    """A package was there; now, where `at` is left out."""

    package: str  # its name
    stage: Stage
    at: datetime | None = None
    place: str = ""
    time_zone: str = "UTC"
    words: str = ""
    taken_by: str = ""
    left_where: str = ""


@transaction.atomic
def note_scans(requests: Sequence[Note], *, actor: Actor) -> list[Answer]:
    """Note what somebody here knows of packages that have left: delivered, came back, lost, or anything else."""
    known = named([request.package for request in requests])
    lock_orders([one.order_id for one in known.values()])
    seen = packages([one.package_id for one in known.values()])

    def decide(request: Note) -> tuple[PackageSeen, ScanTold]:
        if request.package not in known:
            raise NotFound(thing="package", name=request.package)
        package = seen[known[request.package].package_id]
        return package, _told(request, package)

    decided = each(requests, decide)
    write_by_hand([one for one in decided if not isinstance(one, Refusal)], actor=actor)
    return [one if isinstance(one, Refusal) else Done(one[0].order_id) for one in decided]


def write_by_hand(noted: Sequence[tuple[PackageSeen, ScanTold]], *, actor: Actor) -> None:
    """Keep what was said of packages whose orders are locked, and follow them."""
    if not noted:
        return
    of = [package.id for package, _told in noted]
    scans = [told for _package, told in noted]
    hearing.keep(hearing.BY_HAND, scans, of, told_by=hearing.BY_HAND, received_at=clock.now())
    follow(list({package.id: package for package, _told in noted}.values()), actor=actor)


def by_hand(package: PackageSeen, stage: Stage, at: datetime, **more: str) -> ScanTold:
    """What is said of a package by hand, under a name of its own."""
    return ScanTold(f"hand-{uuid7()}", package.tracking_number or "", stage, at, **more)


def _told(request: Note, package: PackageSeen) -> ScanTold:
    now = clock.now()
    at = request.at or now
    if package.state != ShipmentState.SHIPPED and not _is_astray(package):
        raise NotShipped(package=package.name, state=package.state)
    if request.stage.value in NO_NEWS:
        raise Invalid(field="stage", problem="it says nothing of a package that has left")
    if not package.prepared_at - BEFORE <= at <= now + AHEAD:
        raise Invalid(field="happened_at", problem="it is before the package was packed, or in the future")
    if request.time_zone not in hearing.time_zones():
        raise Invalid(field="time_zone", problem="it is none of the IANA data base")
    ends = request.stage in ENDED and package.settled != request.stage
    if ends and not _is_astray(package) and request.stage not in FOLLOWS.get(package.settled, ()):
        raise CannotFollow(package=package.name, settled=package.settled, asked=request.stage.value)
    return by_hand(
        package,
        request.stage,
        at,
        place=request.place,
        time_zone=request.time_zone,
        words=request.words,
        taken_by=request.taken_by,
        left_where=request.left_where,
    )


def _is_astray(package: PackageSeen) -> bool:
    """Was it said to be unpacked, and its carrier has it all the same?  Its units do not follow it."""
    return package.state == ShipmentState.DISCARDED and package.stage not in NO_NEWS
