"""Collecting: what a carrier says it has, has left, be it confirmed here or not."""

from collections.abc import Collection
from datetime import datetime

from orderwright.flows._leaving import lay_out, leave
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.shipping import leaving, tracking
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import PackageSeen, packages


def collect(package_ids: Collection[int], *, actor: Actor) -> list[PackageSeen]:
    """Let the shipments leave of which a package is on its way and nobody here said so; answers these packages.

    Their orders are locked, and what was said of the packages is kept.  A shipment leaves whole.  Nothing stops it any
    more: a hold, money that was let go, or a recall would come too late.  The number of statements does not depend on
    how many there are.
    """
    seen = packages(package_ids)
    gone = _gone([package for package in seen.values() if package.state == ShipmentState.PREPARED])
    if gone:
        orders = {package.order_id for package in seen.values() if package.shipment in gone}
        bench = lay_out(orders)
        shipments = leaving.load(sorted(gone), bench.works, at=clock.now())
        for name, shipment in shipments.items():
            shipment.go(gone[name])
        leave(list(shipments.values()), bench, actor=actor)
        seen = packages(package_ids)
    return list(seen.values())


def _gone(here: Collection[PackageSeen]) -> dict[str, datetime]:
    """The shipments (names) of which a package is on its way, and since when; none was packed after it left."""
    if not here:
        return {}
    scans = tracking.scans_of([package.id for package in here])
    found: dict[str, datetime] = {}
    for package in here:
        at = tracking.left_at(scans[package.id], packed_at=package.prepared_at)
        if at is not None:
            at = min(max(at, package.prepared_at), clock.now())
            found[package.shipment] = min(at, found.get(package.shipment, at))
    return found
