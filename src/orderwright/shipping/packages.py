"""Packages as they stand: read by whoever holds their orders, to decide by."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql


@dataclass(slots=True)
class PackageSeen:
    """A package, its shipment, and where it is said to be."""

    id: int
    name: str
    order_id: int
    number: str  # the order's
    shipment_id: int
    shipment: str
    location_id: int
    location: str
    state: str  # shipping.models.ShipmentState
    prepared_at: datetime
    shipped_at: datetime | None
    option_carrier: str  # of the delivery option; empty: labels are made by hand
    carrier: str
    tracking_number: str | None
    tracking_url: str
    stage: str
    stage_at: datetime
    settled: str
    look_at: datetime | None

    def facts(self) -> dict[str, object]:
        """What every event of it tells."""
        return {
            "package": self.name,
            "shipment": self.shipment,
            "carrier": self.carrier,
            "tracking_number": self.tracking_number,
        }


class Inside(NamedTuple):
    """So many units of an order line in a package."""

    package_id: int
    line_id: int
    position: int
    sku_id: int
    sku: str
    quantity: int

    def facts(self, location: str) -> dict[str, object]:
        """As an event tells it."""
        return {"line": self.position, "sku": self.sku, "quantity": self.quantity, "location": location}


def packages(ids: Collection[int]) -> dict[int, PackageSeen]:
    """These packages by id; one statement.  To decide by it, hold their orders."""
    found = sql.rows(SEEN + "WHERE p.id = ANY (%s::bigint[]) ORDER BY p.id", [sql.ints(sorted(set(ids)))])
    return {row[0]: PackageSeen(*row) for row in found}


def packages_of_orders(order_ids: Collection[int]) -> dict[int, list[PackageSeen]]:
    """All packages of these orders, but those that were unpacked; one statement."""
    found: dict[int, list[PackageSeen]] = {order_id: [] for order_id in order_ids}
    condition = "WHERE s.order_id = ANY (%s::bigint[]) AND s.state <> 'discarded' ORDER BY p.id"
    for row in sql.rows(SEEN + condition, [sql.ints(sorted(found))]):
        package = PackageSeen(*row)
        found[package.order_id].append(package)
    return found


def packages_of_shipments(shipment_ids: Collection[int]) -> dict[int, list[PackageSeen]]:
    """The packages of these shipments; one statement."""
    found: dict[int, list[PackageSeen]] = {shipment_id: [] for shipment_id in shipment_ids}
    condition = "WHERE p.shipment_id = ANY (%s::bigint[]) ORDER BY p.id"
    for row in sql.rows(SEEN + condition, [sql.ints(sorted(found))]):
        package = PackageSeen(*row)
        found[package.shipment_id].append(package)
    return found


class Addressed(NamedTuple):
    """A package and its order, found by the package's name before the order is locked."""

    package_id: int
    order_id: int


def named(names: Sequence[str]) -> dict[str, Addressed]:
    """Packages by their names; a name that none has is left out."""
    found = sql.rows(NAMED, [sql.texts(sorted({name for name in names if "\x00" not in name}))])
    return {name: Addressed(package_id, order_id) for name, package_id, order_id in found}


def contents(package_ids: Collection[int]) -> dict[int, list[Inside]]:
    """What is in these packages, by line; one statement."""
    found: dict[int, list[Inside]] = {package_id: [] for package_id in package_ids}
    for row in sql.rows(CONTENTS, [sql.ints(sorted(found))]):
        found[row[0]].append(Inside(*row))
    return found


SEEN = """
    SELECT p.id, p.name, s.order_id, o.number, s.id, s.name, s.location_id, l.code, s.state, s.prepared_at,
           s.shipped_at, coalesce(d.carrier, ''), p.carrier, p.tracking_number, p.tracking_url, p.stage, p.stage_at,
           p.settled, p.look_at
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
      JOIN location l ON l.id = s.location_id
      LEFT JOIN delivery_option d ON d.id = s.option_id
"""

NAMED = """
    SELECT p.name, p.id, s.order_id
      FROM package p JOIN shipment s ON s.id = p.shipment_id
     WHERE p.name = ANY (%s::text[])
"""

# A line may be in a package by two fulfilment lines, where its work was moved and merged.
CONTENTS = """
    SELECT c.package_id, c.line_id, n.position, n.sku_id, k.code, sum(c.quantity)::bigint
      FROM package_content c
      JOIN order_line n ON n.id = c.line_id
      JOIN sku k ON k.id = n.sku_id
     WHERE c.package_id = ANY (%s::bigint[])
     GROUP BY c.package_id, c.line_id, n.position, n.sku_id, k.code
     ORDER BY c.package_id, n.position
"""
