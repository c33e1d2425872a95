"""Labelling: what may be asked about a package's label, and corrections before it is asked for again."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.errors import Invalid
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import PackageSeen
from orderwright.shipping.refusals import LabelMade, LabelPending, NoCarrier, NoLabel, NotPrepared


class Measures(NamedTuple):
    """Weight and size of a package, where they are known better now; None leaves what is there."""

    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


def being_asked(package_ids: Collection[int], *, put: bool = False) -> set[int]:
    """The packages about which a carrier is to be asked, or only those about which it was asked (`put`) already."""
    return {package_id for (package_id,) in sql.rows(OPEN, [sql.ints(sorted(package_ids)), int(put)])}


def refuse_label(package: PackageSeen, asked: Collection[int], carriers: Collection[str]) -> None:
    """Refuse to ask for a label: there is one, or it is being asked for, or nobody makes it."""
    refuse_unpacked(package)
    refuse_pending(package, asked)
    if package.tracking_number is not None:
        raise LabelMade(package=package.name, tracking_number=package.tracking_number)
    if package.option_carrier not in carriers:
        raise NoCarrier(package=package.name)


def refuse_void(package: PackageSeen, asked: Collection[int]) -> None:
    """Refuse to take a label back: there is none, it is being asked about, or the package has left."""
    if package.state == ShipmentState.SHIPPED:
        raise NotPrepared(shipment=package.shipment, state=package.state)
    refuse_pending(package, asked)
    if package.tracking_number is None:
        raise NoLabel(package=package.name)


def refuse_unpacked(package: PackageSeen) -> None:
    """Refuse what was unpacked again."""
    if package.state == ShipmentState.DISCARDED:
        raise NotPrepared(shipment=package.shipment, state=package.state)


def refuse_pending(package: PackageSeen, asked: Collection[int]) -> None:
    """Refuse while a carrier is being asked about a package: its answer would come on top."""
    if package.id in asked:
        raise LabelPending(package=package.name)


def refuse_number(carrier: str, tracking_number: str) -> None:
    """Refuse a number that is none, or of nobody."""
    if not carrier.strip():
        raise Invalid(field="carrier", problem="a tracking number needs the name of its carrier")
    if not tracking_number.strip():
        raise Invalid(field="tracking_number", problem="it is empty")


def measure(corrected: Sequence[tuple[int, Measures, int | None]]) -> None:
    """Write down what packages weigh and how large they are, and the option of their shipment (None: as it is)."""
    sql.run(
        MEASURE,
        [
            sql.ints(package_id for package_id, _measures, _option in corrected),
            sql.ints(measures.weight_grams for _package, measures, _option in corrected),
            sql.ints(measures.length_mm for _package, measures, _option in corrected),
            sql.ints(measures.width_mm for _package, measures, _option in corrected),
            sql.ints(measures.height_mm for _package, measures, _option in corrected),
        ],
    )
    chosen = [(package_id, option) for package_id, _measures, option in corrected if option is not None]
    if chosen:
        sql.run(CHOOSE, [sql.ints(package_id for package_id, _ in chosen), sql.ints(option for _, option in chosen)])


OPEN = """
    SELECT package_id
      FROM carrier_question
     WHERE package_id = ANY (%s::bigint[]) AND ask_again_at IS NOT NULL AND tries >= %s::int
"""

MEASURE = """
    UPDATE package p
       SET weight_grams = coalesce(m.grams, p.weight_grams), length_mm = coalesce(m.length, p.length_mm),
           width_mm = coalesce(m.width, p.width_mm), height_mm = coalesce(m.height, p.height_mm)
      FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[]) AS m(id, grams, length, width, height)
     WHERE p.id = m.id
"""

CHOOSE = """
    UPDATE shipment s SET option_id = c.option_id
      FROM unnest(%s::bigint[], %s::bigint[]) AS c(package_id, option_id)
      JOIN package p ON p.id = c.package_id
     WHERE s.id = p.shipment_id
"""
