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
from orderwright.orders import status, summary, wishing, writing
from orderwright.orders.book import LINES
from orderwright.orders.receipt import Receipt, ReceiptAdjustment, ReceiptLine, ReceiptPart, ReceiptTender, Reserved
from orderwright.orders.wishing import Wished
from orderwright.payments.authorizing import OpenTender, open_tenders
from orderwright.payments.methods import MANUAL


class Written(NamedTuple):
    id: int
    number: str
    event_id: int
    receipt: bytes  # JSON of a Receipt: the facts of the event, and the answer


class _Gathered(NamedTuple):
    """An order whose rows are on the sheaf; its receipt is made while they are being written."""

    order: writing.NewOrder
    actor: Actor
    decision: Decision
    summary: summary.SummaryRow
    tenders: list[OpenTender]
    event_id: int


class _Sheaf(NamedTuple):
    """What is to be written for a batch, table by table."""

    orders: list[writing.NewOrder]
    lines: list[writing.NewLine]
    adjustments: list[writing.NewAdjustment]
    line_moves: list[Movement]
    stock_moves: list[Movement]
    tenders: list[OpenTender]
    summaries: list[summary.SummaryRow]
    notes: list[tuple[int, str, str]]
    tags: list[tuple[int, str]]
    wishes: list[Wished]


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
    gathered = []
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
        gathered.append(_gather(sheaf, order, decision, actor, events[index], ids))
    return _write(sheaf, gathered, codes)


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
    sheaf: _Sheaf, order: writing.NewOrder, decision: Decision, actor: Actor, event_id: int, ids: _Ids
) -> _Gathered:
    """Put one order's rows on the sheaf."""
    draft = decision.draft
    units = {"reserved": 0, "backordered": 0}
    line_ids = {}
    sheaf.orders.append(order)
    for line, positions in _with_part_positions(decision):
        line_id = line_ids[line.position] = next(ids.lines)
        sheaf.lines.append(
            writing.NewLine(
                line_id, order.id, line.position, None, line.sku.id, bool(line.sku.parts), line.name, line.quantity,
                line.unit_price_micros, line.total_minor,
            )
        )  # fmt: skip
        for leaf, position in zip(line.leaves, positions, strict=True):
            leaf_id = line_id
            if line.sku.parts:
                leaf_id = next(ids.lines)
                sheaf.lines.append(
                    writing.NewLine(
                        leaf_id, order.id, position, line_id, leaf.sku_id, False, leaf.name, leaf.quantity, 0, 0
                    )
                )
            _move(sheaf, leaf, leaf_id, event_id, units)
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
    if draft.delivery_option or draft.gift_message or draft.hide_prices:
        sheaf.wishes.append(Wished(order.id, draft.delivery_option or "", draft.gift_message, draft.hide_prices))
    return _Gathered(order, actor, decision, row, tenders, event_id)


def _with_part_positions(decision: Decision) -> Iterator[tuple[DecidedLine, Sequence[int]]]:
    """Each line with the positions of its leaves: its own, or, of a kit, those behind all lines of the draft."""
    last = len(decision.draft.lines)
    for line in decision.lines:
        if line.sku.parts:
            yield line, range(last + 1, last + 1 + len(line.leaves))
            last += len(line.leaves)
        else:
            yield line, (line.position,)


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


def _receipt_line(line: DecidedLine, positions: Sequence[int], currency: str, codes: Mapping[int, str]) -> ReceiptLine:
    parts = []
    if line.sku.parts:
        parts = [
            ReceiptPart(position, leaf.code, leaf.quantity, _reserved(leaf, codes), leaf.backordered)
            for leaf, position in zip(line.leaves, positions, strict=True)
        ]
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


def _receipt(gathered: _Gathered, codes: Mapping[int, str]) -> Receipt:
    order, _actor, decision, row, tenders, _event = gathered
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
        lines=[_receipt_line(line, positions, currency, codes) for line, positions in _with_part_positions(decision)],
        adjustments=[
            ReceiptAdjustment(one.kind, one.label, money.write(one.amount_minor, currency), one.line, one.included)
            for one in decision.adjustments
        ],
        tenders=[ReceiptTender(one.id, one.method, money.write(one.amount_minor, currency)) for one in tenders],
        sourcing=decision.sourcing,
        delivery_option=decision.draft.delivery_option or "",
    )


_encode = msgspec.json.Encoder().encode


def _write(sheaf: _Sheaf, gathered: Sequence[_Gathered], codes: Mapping[int, str]) -> list[Written]:
    """All that is only written, in one pipeline.  The stock sheets were locked before anything was decided.

    While PostgreSQL writes the first of it, the receipts are made.
    """
    with sql.pipeline():
        writing.write_orders(sheaf.orders)
        writing.write_lines(sheaf.lines)
        writing.write_adjustments(sheaf.adjustments)
        post(LINES, sheaf.line_moves, opening=True)
        post(STOCK, sheaf.stock_moves, locked=True)
        open_tenders(sheaf.tenders)
        summary.write_opening(sheaf.summaries)
        writing.write_notes(sheaf.notes)
        writing.write_tags(sheaf.tags)
        wishing.write(sheaf.wishes)
        written = [
            Written(one.order.id, one.order.number, one.event_id, _encode(_receipt(one, codes))) for one in gathered
        ]
        happenings = [
            Happening("order.placed", one.actor, msgspec.Raw(order.receipt), order.id, one.decision.placed_at)
            for one, order in zip(gathered, written, strict=True)
        ]
        record(happenings, ids=[order.event_id for order in written], opening=True)
    return written
