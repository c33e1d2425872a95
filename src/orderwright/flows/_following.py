"""Following packages: what is news of them is told, and their units go where they went."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.flows.summarize import summarize
from orderwright.inventory.book import STOCK
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.orders.book import LINES
from orderwright.shipping import carriers, tracking
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import Inside, PackageSeen, contents
from orderwright.shipping.stages import ENDED, Stage
from orderwright.shipping.tracking import FOLLOWS, KINDS, Step, Where

HELD_IN = {"": "shipped", "lost": "lost", "delivered": "delivered"}  # where units are in LINES, by what they followed


class News(NamedTuple):
    """What is to be told of a package, and where its units go from where (None: they stay)."""

    package: PackageSeen
    kind: str
    where: Where
    was: str
    source: str | None = None


def follow(packages: Sequence[PackageSeen], *, actor: Actor) -> list[int]:
    """Look at all that was said of these packages, tell what is news, and move their units after them.

    Their orders are locked, and they were read under the lock.  What the books cannot follow is told and not done: a
    package that was said to be lost, whose units were sent again, may still be found.  Answers the orders whose units
    moved; at most ten statements, however many packages there are.
    """
    now, codes = clock.now(), carriers.codes()
    scans = tracking.scans_of([package.id for package in packages])
    news: list[News] = []
    steps: list[Step] = []
    there = _delivered_of([package for package in packages if package.settled == "delivered"])
    for package in packages:
        found = tracking.where(
            scans[package.id], packed_at=package.prepared_at, labelled=package.tracking_number is not None
        )
        one = _news(package, found, there)
        if one is not None:
            news.append(one)
        step = _step(package, found, one, now=now, is_asked=package.carrier in codes)
        if step is not None:
            steps.append(step)
            package.stage, package.stage_at, package.settled = step.stage, step.stage_at, step.settled
            package.look_at = step.look_at
    moved = _tell(news, actor=actor, now=now)
    tracking.write(steps)
    summarize(moved)
    return moved


def _news(package: PackageSeen, found: Where, there: "Counter[int]") -> News | None:
    """What is to be told of a package that is there now; None where it is known already."""
    is_new = found.stage != package.stage
    if found.stage not in ENDED:
        kind = KINDS.get(Stage(found.stage))
        return News(package, kind, found, package.stage) if is_new and kind else None
    if found.stage == package.settled and not is_new:
        return None
    can_follow = package.state == ShipmentState.SHIPPED and found.stage in FOLLOWS.get(package.settled, ())
    if can_follow and (package.settled != "delivered" or there[package.id]):
        return News(package, KINDS[Stage(found.stage)], found, package.stage, HELD_IN[package.settled])
    return News(package, "package.contradicted", found, package.stage) if is_new else None


def _step(package: PackageSeen, found: Where, news: News | None, *, now: datetime, is_asked: bool) -> Step | None:
    """What is to be written of a package; None where all stays as it is."""
    settled = found.stage if news is not None and news.source else package.settled
    if found.scan is not None:
        stage_at = found.scan.happened_at
    else:
        stage_at = package.stage_at if found.stage == package.stage else now
    look_at = None
    if is_asked and package.tracking_number is not None and package.state == ShipmentState.SHIPPED:
        packed_at = package.shipped_at or package.prepared_at
        look_at = tracking.next_look(now, stage=found.stage, stage_at=stage_at, packed_at=packed_at)
    step = Step(package.id, found.stage, stage_at, settled, look_at)
    same = step == Step(package.id, package.stage, package.stage_at, package.settled, package.look_at)
    return None if same else step


def _tell(news: Sequence[News], *, actor: Actor, now: datetime) -> list[int]:
    """Record the news, and post the units that move; answers the orders whose units moved."""
    moving = [one for one in news if one.source is not None]
    inside = contents([one.package.id for one in moving]) if moving else {}
    events = record([_happening(one, inside, actor=actor, now=now) for one in news])
    if not moving:
        return []
    moved = [(one, event) for one, event in zip(news, events, strict=True) if one.source is not None]
    back = [(one, event) for one, event in moved if one.where.stage == Stage.RETURNED]
    post(
        STOCK,
        [
            Movement(part.sku_id, place, "customer", place, "quality_control", part.quantity, event)
            for one, event in back
            for place in [one.package.location_id]
            for part in inside[one.package.id]
        ],
    )
    post(
        LINES,
        [
            Movement(part.line_id, place, one.source or "", place, one.where.stage, part.quantity, event)
            for one, event in moved
            for place in [one.package.location_id]
            for part in inside[one.package.id]
        ],
        locked=True,
    )
    return sorted({one.package.order_id for one in moving})


def _happening(one: News, inside: Mapping[int, Sequence[Inside]], *, actor: Actor, now: datetime) -> Happening:
    package, scan = one.package, one.where.scan
    facts: dict[str, object] = {"number": package.number, **package.facts(), "stage": one.where.stage, "was": one.was}
    if scan is not None:
        facts |= {"happened_at": scan.happened_at, "time_zone": scan.time_zone, "place": scan.place}
    if one.source is not None:
        facts["units"] = [part.facts(package.location) for part in inside[package.id]]
        facts["location"] = package.location
    if one.kind == "order.delivered":
        facts["packages"] = [package.name]
    if one.kind == "package.contradicted":
        facts["settled"] = package.settled
    at = min(scan.happened_at, now) if scan is not None else now
    return Happening(one.kind, actor, facts, package.order_id, at)


def _delivered_of(packages: Sequence[PackageSeen]) -> "Counter[int]":
    """Of which of these packages all units are still delivered: 1, for a customer may have sent some back since."""
    if not packages:
        return Counter()
    return Counter(row[0] for row in sql.rows(STILL_DELIVERED, [sql.ints(package.id for package in packages)]))


STILL_DELIVERED = """
    SELECT p.id
      FROM package p
      JOIN shipment h ON h.id = p.shipment_id
     WHERE p.id = ANY (%s::bigint[])
       AND NOT EXISTS (SELECT FROM package_content c
                         LEFT JOIN line_sheet s ON s.holder_id = c.line_id AND s.place_id = h.location_id
                        WHERE c.package_id = p.id AND coalesce(s.delivered, 0) < c.quantity)
"""
