"""Leaving: shipments that were prepared are read again, and marked as shipped."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from orderwright.fulfilment.working import Work
from orderwright.kernel import sql
from orderwright.shipping.options import Option
from orderwright.shipping.packing import Box, Content, Packed, Parcelled


def shipments_named(names: Sequence[str]) -> dict[str, tuple[int, int, str]]:
    """Shipments by name: their id, their order's, and their state; a name that none has is left out."""
    found = sql.rows(NAMED, [sql.texts(sorted({name for name in names if "\x00" not in name}))])
    return {name: (id_, order_id, state) for name, id_, order_id, state in found}


def prepared_of(order_ids: Collection[int]) -> list[str]:
    """The names of the shipments of these orders that wait to leave, in the order in which they were packed."""
    return [name for (name,) in sql.rows(PREPARED, [sql.ints(sorted(order_ids))])]


def load(names: Sequence[str], works: Mapping[int, Sequence[Work]], *, at: datetime) -> dict[str, Parcelled]:
    """Shipments that wait to leave, with what is in their packages, as they were packed; two statements.

    Their orders are locked, and `works` are those of the orders.
    """
    found: dict[str, Parcelled] = {}
    lines = {line.id: (work, line) for some in works.values() for work in some for line in work.lines}
    rows = sql.rows(PACKAGES, [sql.texts(names)])
    inside: dict[int, list[Content]] = {}
    owner: dict[int, Work] = {}
    for package_id, line_id, quantity in sql.rows(CONTENTS, [sql.ints(row[4] for row in rows)]):
        work, line = lines[line_id]
        owner[package_id] = work
        inside.setdefault(package_id, []).append(Content(line, quantity))
    for name, id_, number, option, package_id, package, carrier, tracking_number, url, voiding in rows:
        if name not in found:
            chosen = Option(0, option, "", "", frozenset(), 0, 0) if option else None
            found[name] = Parcelled(owner[package_id], number, [], at, "packed", chosen, id_, name, leaves=True)
        box = Box(carrier=carrier, tracking_number=tracking_number, tracking_url=url)
        packed = Packed(box, inside[package_id], package_id, package, carrier=carrier, voiding=voiding)
        found[name].packages.append(packed)
    return found


def mark_shipped(shipments: Sequence[Parcelled], *, look_at: Mapping[str, datetime]) -> None:
    """Note that shipments left, and when the carriers that can be asked are asked where their packages are."""
    sql.run(SHIPPED, [sql.ints(one.id for one in shipments), sql.texts(one.at.isoformat() for one in shipments)])
    sql.run(
        LOOK_AT,
        [
            sql.ints(one.id for one in shipments),
            sql.texts(look_at),
            sql.texts(at.isoformat() for at in look_at.values()),
        ],
    )


def mark_discarded(shipment_ids: Collection[int], *, carriers: Collection[str]) -> list[int]:
    """Note that shipments were unpacked.  Numbers that `carriers` gave stay until they are void; others are free.

    Answers the packages whose numbers are free.
    """
    sql.run("UPDATE shipment SET state = 'discarded' WHERE id = ANY (%s::bigint[])", [sql.ints(shipment_ids)])
    parameters = [sql.ints(shipment_ids), sql.texts(sorted(carriers))]
    return [package_id for (package_id,) in sql.rows(FREE_NUMBERS, parameters)]


NAMED = "SELECT name, id, order_id, state FROM shipment WHERE name = ANY (%s::text[])"

PREPARED = "SELECT name FROM shipment WHERE order_id = ANY (%s::bigint[]) AND state = 'prepared' ORDER BY id"

PACKAGES = """
    SELECT s.name, s.id, o.number, d.code, p.id, p.name, p.carrier, p.tracking_number, p.tracking_url,
           EXISTS (SELECT FROM carrier_question q
                    WHERE q.package_id = p.id AND q.verb = 'void' AND q.ask_again_at IS NOT NULL)
      FROM shipment s
      JOIN orders o ON o.id = s.order_id
      JOIN package p ON p.shipment_id = s.id
      LEFT JOIN delivery_option d ON d.id = s.option_id
     WHERE s.name = ANY (%s::text[]) AND s.state = 'prepared'
     ORDER BY s.id, p.id
"""

CONTENTS = """
    SELECT package_id, fulfilment_line_id, quantity
      FROM package_content
     WHERE package_id = ANY (%s::bigint[])
     ORDER BY package_id, fulfilment_line_id
"""

SHIPPED = """
    UPDATE shipment s SET state = 'shipped', shipped_at = n.at
      FROM unnest(%s::bigint[], %s::timestamptz[]) AS n(id, at)
     WHERE s.id = n.id
"""

LOOK_AT = """
    UPDATE package p SET look_at = a.at
      FROM unnest(%s::bigint[]) AS s(id), unnest(%s::text[], %s::timestamptz[]) AS a(carrier, at)
     WHERE p.shipment_id = s.id AND p.carrier = a.carrier AND p.tracking_number IS NOT NULL
"""

FREE_NUMBERS = """
    UPDATE package SET tracking_number = NULL, tracking_url = ''
     WHERE shipment_id = ANY (%s::bigint[]) AND tracking_number IS NOT NULL AND carrier <> ALL (%s::text[])
    RETURNING id
"""
