"""Transferring: units leave one location, are on their way, and arrive at another, or are lost.

What is on its way stands in the bucket `in_transit` of the target and is on nobody's shelf.  Each line of a transfer is
an expectation at the target, so that what will come is found in one place, wherever it comes from.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.book import STOCK
from orderwright.inventory.expecting import Expected, write_expectations
from orderwright.inventory.naming import Names, name_shelves
from orderwright.inventory.units import check_count, check_enough, check_once, check_quantity
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, lock, post
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.kernel.numbering import take_ids


class NotOnTheWay(Refusal):
    code = "not_on_the_way"
    sentence = _("{there} of {sku} are on the way in transfer {transfer}; {asked} are said to have come or be lost.")


class Sending(NamedTuple):
    """Units (SKU id, quantity) that leave one location for another together."""

    source: int
    target: int
    lines: Sequence[tuple[int, int]]
    expected_on: date
    reference: str = ""
    at: datetime | None = None  # now, where it is left out


class Came(NamedTuple):
    """Of a SKU (id) so many units arrived, and so many will not: they are lost."""

    sku: int
    arrived: int
    lost: int = 0


class Arrival(NamedTuple):
    """What became of some of a transfer; the rest stays on its way."""

    transfer: int
    lines: Sequence[Came]
    reference: str = ""
    at: datetime | None = None


@transaction.atomic
def send(sendings: Sequence[Sending], *, actor: Actor) -> list[int]:
    """Take units off the shelves and put them on their way; all `sendings` or none.  Answers the transfers' ids."""
    for sending in sendings:
        _check_sending(sending)
    shelves = {(sku, at) for each in sendings for sku, _ in each.lines for at in (each.source, each.target)}
    names = name_shelves(shelves)
    sheets = lock(STOCK, shelves)
    check_enough(sheets, list(_sent(sendings, [0] * len(sendings))), names)
    transfers = take_ids("transfer_id_seq", len(sendings))
    _write_down(transfers, sendings)
    events = record(
        [
            Happening("stock.sent", actor, _sending_facts(id_, each, names), at=each.at)
            for id_, each in zip(transfers, sendings, strict=True)
        ]
    )
    post(STOCK, list(_sent(sendings, events)), locked=True)
    return transfers


@transaction.atomic
def arrive(arrivals: Sequence[Arrival], *, actor: Actor) -> list[int]:
    """Put what arrived on the shelves of the target, and write off what is lost.  Answers the event of each arrival.

    In part, and as often as it takes; a transfer of which nothing is on its way any more is closed.
    """
    check_once((arrival.transfer for arrival in arrivals), field="transfer")
    for arrival in arrivals:
        _check_arrival(arrival)
    transfers = sorted(arrival.transfer for arrival in arrivals)
    found = sql.rows(LOCK_LINES, [sql.ints(transfers)])
    targets = {row[1]: row[3] for row in found}
    for id_ in transfers:
        if id_ not in targets:
            raise NotFound(thing=_("transfer"), name=id_)
    names = name_shelves({(line.sku, targets[each.transfer]) for each in arrivals for line in each.lines})
    _take_off_the_way(arrivals, found, names)
    events = record(
        [
            Happening("stock.arrived", actor, _arrival_facts(each, names, targets[each.transfer]), at=each.at)
            for each in arrivals
        ]
    )
    post(STOCK, list(_arrived(arrivals, targets, events)))
    return events


def _check_sending(sending: Sending) -> None:
    if sending.source == sending.target:
        raise Invalid(field="target", problem=_("it is where the units are"))
    check_count(sending.lines)
    check_once((sku for sku, _ in sending.lines), field="lines")
    for _sku, quantity in sending.lines:
        check_quantity(quantity)


def _check_arrival(arrival: Arrival) -> None:
    check_count(arrival.lines)
    check_once((line.sku for line in arrival.lines), field="lines")
    for line in arrival.lines:
        check_quantity(line.arrived, least=0, field="arrived")
        check_quantity(line.lost, least=0, field="lost")
        if not line.arrived + line.lost:
            raise Invalid(field="lines", problem=_("nothing arrived and nothing is lost"))


def _sent(sendings: Sequence[Sending], events: Sequence[int]) -> Iterable[Movement]:
    for sending, event in zip(sendings, events, strict=True):
        for sku, quantity in sending.lines:
            yield Movement(sku, sending.source, "available", sending.target, "in_transit", quantity, event)


def _arrived(arrivals: Sequence[Arrival], targets: dict[int, int], events: Sequence[int]) -> Iterable[Movement]:
    for arrival, event in zip(arrivals, events, strict=True):
        target = targets[arrival.transfer]
        for sku, arrived, lost in arrival.lines:
            if arrived:
                yield Movement(sku, target, "in_transit", target, "available", arrived, event)
            if lost:
                yield Movement(sku, target, "in_transit", target, "lost", lost, event)


def _write_down(transfers: Sequence[int], sendings: Sequence[Sending]) -> None:
    now = clock.now()
    sql.run(
        WRITE_TRANSFERS,
        [
            sql.ints(transfers),
            sql.ints(sending.source for sending in sendings),
            sql.ints(sending.target for sending in sendings),
            sql.texts(sending.reference for sending in sendings),
            sql.texts(sending.expected_on.isoformat() for sending in sendings),
            sql.texts((sending.at or now).isoformat() for sending in sendings),
        ],
    )
    lines = [
        (id_, Expected(sku, each.target, quantity, each.expected_on, each.reference))
        for id_, each in zip(transfers, sendings, strict=True)
        for sku, quantity in each.lines
    ]
    ids = take_ids("expectation_id_seq", len(lines))
    write_expectations(ids, [line for _, line in lines], transfers=[id_ for id_, _ in lines])


WRITE_TRANSFERS = """
    INSERT INTO transfer (id, source_id, target_id, reference, expected_on, sent_at)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::timestamptz[])
"""

# Expectations are locked before sheets, and by id.
LOCK_LINES = """
    SELECT e.id, e.transfer_id, e.sku_id, e.location_id, e.quantity - e.received - e.lost
      FROM expectation e
     WHERE e.transfer_id = ANY (%s::bigint[])
     ORDER BY e.id
       FOR NO KEY UPDATE
"""


def _take_off_the_way(arrivals: Sequence[Arrival], found: Sequence[tuple[int, ...]], names: Names) -> None:
    """Note what became of the lines; refuses what is not on its way."""
    lines = {(transfer, sku): (id_, on_the_way) for id_, transfer, sku, _target, on_the_way in found}
    noted = []
    for arrival in arrivals:
        for line in arrival.lines:
            id_, on_the_way = lines.get((arrival.transfer, line.sku), (0, 0))
            if line.arrived + line.lost > on_the_way:
                facts = {"sku": names.skus[line.sku], "transfer": arrival.transfer}
                raise NotOnTheWay(**facts, there=on_the_way, asked=line.arrived + line.lost)
            noted.append((id_, line.arrived, line.lost))
    ids, arrived, lost = zip(*noted, strict=True)
    now = clock.now()
    sql.run(NOTE_LINES, {"now": now, "ids": sql.ints(ids), "arrived": sql.ints(arrived), "lost": sql.ints(lost)})
    sql.run(CLOSE_TRANSFERS, [now, sql.ints(arrival.transfer for arrival in arrivals)])


NOTE_LINES = """
    UPDATE expectation e
       SET received = e.received + c.arrived,
           lost = e.lost + c.lost,
           closed_at = CASE WHEN e.received + c.arrived + e.lost + c.lost = e.quantity THEN %(now)s::timestamptz END
      FROM unnest(%(ids)s::bigint[], %(arrived)s::bigint[], %(lost)s::bigint[]) AS c(id, arrived, lost)
     WHERE e.id = c.id
"""

CLOSE_TRANSFERS = """
    UPDATE transfer t
       SET closed_at = %s::timestamptz
     WHERE t.id = ANY (%s::bigint[]) AND t.closed_at IS NULL
       AND NOT EXISTS (SELECT FROM expectation e WHERE e.transfer_id = t.id AND e.closed_at IS NULL)
"""


def _sending_facts(id_: int, sending: Sending, names: Names) -> dict[str, object]:
    return {
        "transfer": id_,
        "source": names.locations[sending.source],
        "target": names.locations[sending.target],
        "reference": sending.reference,
        "expected_on": sending.expected_on.isoformat(),
        "lines": [{"sku": names.skus[sku], "quantity": quantity} for sku, quantity in sending.lines],
    }


def _arrival_facts(arrival: Arrival, names: Names, target: int) -> dict[str, object]:
    return {
        "transfer": arrival.transfer,
        "target": names.locations[target],
        "reference": arrival.reference,
        "lines": [{"sku": names.skus[sku], "arrived": arrived, "lost": lost} for sku, arrived, lost in arrival.lines],
    }
