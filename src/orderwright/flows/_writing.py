"""Writing decided orders down: people, numbers, orders, lines, stock, tenders, events, summaries.

The statements are the same few however many orders there are; all that are only writes go out in one pipeline.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from orderwright.customers.keeping import Known, keep_addresses, keep_customers
from orderwright.flows._deciding import DecidedLine, Decision, Leaf
from orderwright.inventory.book import STOCK
from orderwright.kernel import money, numbering, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.orders import status, summary, writing
from orderwright.orders.book import LINES
from orderwright.orders.receipt import Receipt, ReceiptAdjustment, ReceiptLine, ReceiptPart, ReceiptTender, Reserved
from orderwright.payments.authorizing import OpenTender, open_tenders
from orderwright.payments.methods import MANUAL


class Written(NamedTuple):
    id: int
    number: str
    event_id: int
    receipt: bytes  # JSON of a Receipt: the facts of the event, and the answer


class _Sheaf(NamedTuple):
    """What is to be written for a batch, table by table."""

    orders: list[writing.NewOrder]
    lines: list[writing.NewLine]
    adjustments: list[writing.NewAdjustment]
    line_moves: list[Movement]
    stock_moves: list[Movement]
    tenders: list[OpenTender]
    happenings: list[Happening]
    summaries: list[summary.SummaryRow]
    notes: list[tuple[int, str, str]]
    tags: list[tuple[int, str]]


class _Ids(NamedTuple):
    """Ids to be dealt out, in order."""

    lines: Iterator[int]
    tenders: Iterator[int]


def write_down(decided: Sequence[tuple[Actor, Decision]], codes: Mapping[int, str], known: Known) -> list[Written]:
    """Write orders with all that belongs to them, in the same order.

    `codes` are the locations' by id, `known` the customers who were here before.
    """
    if not decided:
        return []
    decisions = [decision for _actor, decision in decided]
    customers = keep_customers([(decision.draft.channel, decision.draft.customer) for decision in decisions], known)
    addresses = _keep_addresses(decisions, customers)
    orders, events, ids, numbers = _take_ids_and_numbers(decisions)
    sheaf = _Sheaf([], [], [], [], [], [], [], [], [], [])
    written = []
    for index, (actor, decision) in enumerate(decided):
        order = writing.NewOrder(
            orders[index],
            numbers[index],
            decision.channel.id,
            decision.draft.reference,
            customers[index],
            addresses.get((index, "ship_to")),
            addresses.get((index, "bill_to")),
            decision.channel.currency,
            decision.draft.when_short,
            decision.placed_at.isoformat(),
        )
        receipt = _gather(sheaf, order, decision, actor, events[index], ids, codes)
        written.append(Written(order.id, order.number, events[index], receipt))
    _write(sheaf, events)
    return written


def _keep_addresses(decisions: Sequence[Decision], customers: Sequence[int]) -> dict[tuple[int, str], int]:
    """The ids of the addresses that came with the drafts, by draft and purpose."""
    given = [
        ((index, purpose), (customers[index], address))
        for index, decision in enumerate(decisions)
        for purpose, address in (("ship_to", decision.draft.ship_to), ("bill_to", decision.draft.bill_to))
        if address is not None
    ]
    return dict(zip([key for key, _row in given], keep_addresses([row for _key, row in given]), strict=True))


def _take_ids_and_numbers(decisions: Sequence[Decision]) -> tuple[list[int], list[int], _Ids, list[str]]:
    """Ids for orders, for their events, for all their lines and tenders, and the orders' numbers: one round trip.

    From here to the end the series of the numbers are locked.
    """
    lines = sum(1 + (len(line.leaves) if line.sku.parts else 0) for decision in decisions for line in decision.lines)
    tenders = sum(len(decision.tenders) for decision in decisions)
    counts = {
        "orders_id_seq": len(decisions),
        "event_id_seq": len(decisions),
        "order_line_id_seq": lines,
        "tender_id_seq": tenders,
    }
    taken, given = sql.ask_all(
        [numbering.ids(counts), numbering.numbers(Counter(decision.channel.series for decision in decisions))]
    )
    dealt = {series: iter(numbers) for series, numbers in given.items()}
    numbers = [f"{decision.channel.number_prefix}{next(dealt[decision.channel.series])}" for decision in decisions]
    ids = _Ids(iter(taken["order_line_id_seq"]), iter(taken["tender_id_seq"]))
    return taken["orders_id_seq"], taken["event_id_seq"], ids, numbers


def _gather(
    sheaf: _Sheaf,
    order: writing.NewOrder,
    decision: Decision,
    actor: Actor,
    event_id: int,
    ids: _Ids,
    codes: Mapping[int, str],
) -> bytes:
    """Put one order's rows on the sheaf, and make its receipt."""
    draft = decision.draft
    units = {"reserved": 0, "backordered": 0}
    part_position = len(draft.lines)
    receipt_lines = []
    line_ids = {}
    for line in decision.lines:
        line_id = line_ids[line.position] = next(ids.lines)
        sheaf.lines.append(
            writing.NewLine(
                line_id, order.id, line.position, None, line.sku.id, bool(line.sku.parts), line.name, line.quantity,
                line.unit_price_micros, line.total_minor,
            )
        )  # fmt: skip
        parts = []
        for leaf in line.leaves:
            leaf_id = line_id
            if line.sku.parts:
                leaf_id, part_position = next(ids.lines), part_position + 1
                sheaf.lines.append(
                    writing.NewLine(
                        leaf_id, order.id, part_position, line_id, leaf.sku_id, False, leaf.name, leaf.quantity, 0, 0
                    )
                )
                parts.append(
                    ReceiptPart(part_position, leaf.code, leaf.quantity, _reserved(leaf, codes), leaf.backordered)
                )
            _move(sheaf, leaf, leaf_id, event_id, units)
        receipt_lines.append(_receipt_line(line, order.currency, codes, parts))
    sheaf.orders.append(order)
    for one in decision.adjustments:
        line_id_of = line_ids.get(one.line) if one.line else None
        sheaf.adjustments.append(
            writing.NewAdjustment(order.id, line_id_of, one.kind, one.label, one.amount_minor, one.included)
        )
    tenders = [
        OpenTender(
            next(ids.tenders), order.id, tender.method, tender.amount_minor, order.currency, tender.token, event_id
        )
        for tender in decision.tenders
    ]
    sheaf.tenders.extend(tenders)
    row = _summary(order, decision, units)
    sheaf.summaries.append(row)
    if draft.note:
        sheaf.notes.append((order.id, draft.note, actor))
    sheaf.tags.extend((order.id, tag) for tag in dict.fromkeys(draft.tags))
    receipt = _encode(_receipt(order, decision, row, receipt_lines, tenders))
    sheaf.happenings.append(Happening("order.placed", actor, msgspec.Raw(receipt), order.id, decision.placed_at))
    return receipt


def _move(sheaf: _Sheaf, leaf: Leaf, leaf_id: int, event_id: int, units: dict[str, int]) -> None:
    for take in leaf.taken:
        sheaf.line_moves.append(Movement(leaf_id, NOWHERE, "asked", take.place, "reserved", take.amount, event_id))
        sheaf.stock_moves.append(
            Movement(leaf.sku_id, take.place, "available", take.place, "reserved", take.amount, event_id)
        )
        units["reserved"] += take.amount
    if leaf.backordered:
        sheaf.line_moves.append(Movement(leaf_id, NOWHERE, "asked", NOWHERE, "backordered", leaf.backordered, event_id))
        units["backordered"] += leaf.backordered


def _summary(order: writing.NewOrder, decision: Decision, units: dict[str, int]) -> summary.SummaryRow:
    captured = secured = pending = 0
    for tender in decision.tenders:
        manual = MANUAL.get(tender.method)
        if manual is None:
            pending += tender.amount_minor
        elif manual.received:
            captured += tender.amount_minor
        elif manual.trusted:
            secured += tender.amount_minor
    sums = status.Money(decision.total_minor, captured, 0, secured, pending)
    return summary.SummaryRow(
        order_id=order.id,
        customer_id=order.customer_id,
        channel_id=order.channel_id,
        placed_at=decision.placed_at,
        status=status.overall(units, sums, 0).value,
        fulfilment=status.fulfilment(units).value,
        payment=status.payment(sums).value,
        total_minor=decision.total_minor,
        captured_minor=captured,
        refunded_minor=0,
        secured_minor=secured,
        units=units["reserved"] + units["backordered"],
        holds=0,
    )


def _reserved(leaf: Leaf, codes: Mapping[int, str]) -> list[Reserved]:
    return [Reserved(codes[take.place], take.amount) for take in leaf.taken]


def _receipt_line(line: DecidedLine, currency: str, codes: Mapping[int, str], parts: list[ReceiptPart]) -> ReceiptLine:
    return ReceiptLine(
        position=line.position,
        sku=line.sku.code,
        quantity=line.quantity,
        unit_price=money.write_micros(line.unit_price_micros),
        total=money.write(line.total_minor, currency),
        reserved=[] if parts else _reserved(line.leaves[0], codes),
        backordered=0 if parts else line.leaves[0].backordered,
        wanted=line.wanted,
        parts=parts,
    )


def _receipt(
    order: writing.NewOrder,
    decision: Decision,
    row: summary.SummaryRow,
    lines: list[ReceiptLine],
    tenders: Sequence[OpenTender],
) -> Receipt:
    currency = order.currency
    return Receipt(
        number=order.number,
        channel=decision.channel.code,
        reference=order.reference,
        customer=order.customer_id,
        placed_at=order.placed_at,
        status=row.status,
        fulfilment=row.fulfilment,
        payment=row.payment,
        currency=currency,
        total=money.write(decision.total_minor, currency),
        lines=lines,
        adjustments=[
            ReceiptAdjustment(one.kind, one.label, money.write(one.amount_minor, currency), one.line, one.included)
            for one in decision.adjustments
        ],
        tenders=[ReceiptTender(one.id, one.method, money.write(one.amount_minor, currency)) for one in tenders],
        sourcing=decision.sourcing,
    )


_encode = msgspec.json.Encoder().encode


def _write(sheaf: _Sheaf, events: Sequence[int]) -> None:
    """All that is only written, in one pipeline.  The stock sheets were locked before anything was decided."""
    with sql.pipeline():
        writing.write_orders(sheaf.orders)
        writing.write_lines(sheaf.lines)
        writing.write_adjustments(sheaf.adjustments)
        post(LINES, sheaf.line_moves, opening=True)
        post(STOCK, sheaf.stock_moves, locked=True)
        open_tenders(sheaf.tenders)
        record(sheaf.happenings, ids=events, opening=True)
        summary.write_opening(sheaf.summaries)
        writing.write_notes(sheaf.notes)
        writing.write_tags(sheaf.tags)
