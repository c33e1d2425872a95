"""Editing orders: lines, quantities, discounts, delivery and address of a placed order, as one change.

What is previewed is what is applied: a preview does all of it and takes it back.
"""

import copy
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from orderwright.catalog import selling
from orderwright.customers.checking import check_address
from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.customers.keeping import keep_addresses
from orderwright.flows._canceling import Desk, lay_out
from orderwright.flows._confirming import tell_of_confirmed
from orderwright.flows._deciding import Decision, Shop, decide
from orderwright.flows._each import each
from orderwright.flows.follow_money import follow_money
from orderwright.flows.readdress_orders import AnotherCountry, TooLateToReaddress
from orderwright.flows.summarize import look, summarize
from orderwright.fulfilment.sourcing.places import places
from orderwright.inventory.availability import safeties_of
from orderwright.inventory.book import STOCK
from orderwright.inventory.reserving import shelves_locked
from orderwright.kernel import clock, money, numbering, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import canceling, editing, readdressing, reasons, totals, wishing, worth, writing
from orderwright.orders.book import LINES
from orderwright.orders.drafting import Draft, LineDraft
from orderwright.orders.editing import ChangedMeanwhile, Edit, EditedTwice, NothingToEdit
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.moving import Chosen, line_movements, stock_movements
from orderwright.orders.refusals import UnknownDeliveryOption
from orderwright.orders.status import Money
from orderwright.orders.units import OrderUnits
from orderwright.orders.worth import Written
from orderwright.promises.ledger import end_canceled
from orderwright.shipping.options import Option, active_options


class LineAfter(NamedTuple):
    """A line as it is after the edit."""

    position: int
    sku: str
    quantity: int  # that are not canceled
    total_minor: int  # of those, before discounts
    reserved: list[tuple[str, int]]  # at which location how many, of those that were added
    backordered: int
    is_new: bool


class Edited(NamedTuple):
    """An order was edited: what it came to, what it comes to, what was and is owed (below zero: we owe it)."""

    order_id: int
    number: str
    seen: int  # the place of the order's last event before it
    currency: str
    total_before_minor: int
    total_minor: int
    owed_before_minor: int
    owed_minor: int
    lines: list[LineAfter]


class _Plan(NamedTuple):
    """What one edit does."""

    edit: Edit
    units: OrderUnits  # as they are after it; the desk's own stay as they were until all is decided
    chosen: Chosen | None
    added: Decision | None
    adjustments: list[Written]  # on lines that were there
    first_position: int


class _Around(NamedTuple):
    shop: Shop
    codes: dict[int, str]  # of locations
    heads: dict[int, Any]  # order: channel's code, customer, country, latitude, longitude, last event
    options: dict[str, Option]
    going: dict[int, readdressing.Going]


@transaction.atomic
def edit_orders(edits: Sequence[Edit], *, actor: Actor) -> list[Edited | Refusal]:
    """Edit orders, as far as no location has got their units; each is accepted or refused by itself.

    What is added is kept on the shelves or waited for, as when an order is placed; what is taken away is free again
    at once.  Money that is too much then is let go or given back; what is missing stays due, and holds the release.
    """
    desk = lay_out([edit.order_id for edit in edits])
    around = _look_around(edits, desk)
    twice = {edit.order_id for i, edit in enumerate(edits) if edit.order_id in {one.order_id for one in edits[:i]}}
    decided = each(edits, lambda edit: _decide(edit, desk, around, twice))
    plans = [one for one in decided if isinstance(one, _Plan)]
    if plans:
        _write(plans, desk, around, actor=actor)
    _figures, after = look({plan.edit.order_id for plan in plans})
    return [one if isinstance(one, Refusal) else _edited(one, desk, around, after) for one in decided]


def preview(edit: Edit, *, actor: Actor) -> Edited | Refusal:
    """What an edit would do, to the last cent and unit; nothing is changed."""
    with transaction.atomic():
        (answer,) = edit_orders([edit], actor=actor)
        transaction.set_rollback(True)
    return answer


def _look_around(edits: Sequence[Edit], desk: Desk) -> _Around:
    """Read what the edits are about, and lock the shelves of all that they may take or give back."""
    heads = {row[0]: row[1:] for row in sql.rows(HEADS, [sql.ints(desk.orders)])}
    codes = {line.sku for edit in edits for line in edit.added}
    for edit in edits:
        codes |= {line.sku for change in edit.changes if (line := desk.units[edit.order_id].at(change.position))}
    channels, skus, everywhere = sql.ask_all(
        [selling.channels({head[0] for head in heads.values()}), selling.for_sale(codes), places()]
    )
    leaves = {part.sku_id for sku in skus.values() for part in sku.parts} | {
        sku.id for sku in skus.values() if not sku.parts
    }
    shelves, safeties = sql.ask_all([shelves_locked(leaves), safeties_of(leaves)])
    options = {option.code: option for option in active_options()}
    shop = Shop(
        channels=channels,
        skus=skus,
        places=everywhere,
        safeties=safeties,
        shelves=shelves,
        waiting={},
        now=clock.now(),
        options={code: option.countries for code, option in options.items()},
    )
    going = readdressing.where(list(desk.orders))
    return _Around(shop, {place.id: place.code for place in everywhere}, heads, options, going)


def _decide(edit: Edit, desk: Desk, around: _Around, twice: Collection[int]) -> _Plan:
    order, units = desk.orders[edit.order_id], copy.deepcopy(desk.units[edit.order_id])
    reasons.check(edit.reason)
    if order.id in twice:
        raise EditedTwice(number=order.number)
    if edit.seen is not None and edit.seen != around.heads[order.id][5]:
        raise ChangedMeanwhile(number=order.number)
    fewer, more = editing.split_changes(units, edit, order.number, order.currency)
    if not (fewer or more or edit.discounts or edit.ship_to or edit.bill_to or edit.note) and (
        edit.shipping_minor is None and edit.delivery_option is None
    ):
        raise NothingToEdit(number=order.number)
    if edit.delivery_option is not None and edit.delivery_option not in around.options:
        raise UnknownDeliveryOption(option=edit.delivery_option)
    if edit.ship_to is not None:
        edit = edit._replace(ship_to=_address(edit.ship_to, around.going[order.id], order.number))
    if edit.bill_to is not None:
        edit = edit._replace(bill_to=check_address(edit.bill_to, within="bill_to"))
    standing = desk.standing[order.id]
    taxes = editing.taxes_of(units, standing)
    chosen = canceling.choose_units(units, fewer, number=order.number) if fewer else None
    adjustments = editing.adjusted(units, edit, order.number, taxes, standing)
    added = decide(_draft(edit, more, taxes, around), around.shop) if more else None
    goes_on = added is not None
    left = worth.total(units, [*standing, *canceling.take_back(units, standing, goes_on=goes_on)])
    comes_to = left + sum(one.amount_minor for one in adjustments if not one.included)
    if comes_to < 0:  # before what is added: nobody takes off more than there is
        raise totals.NegativeTotal(total=f"{money.write(comes_to, order.currency)} {order.currency}")
    adjustments += canceling.take_back(units, [*standing, *adjustments], goes_on=goes_on)
    last = max((line.position for line in units.lines), default=0)
    return _Plan(edit, units, chosen, added, adjustments, last + 1)


def _address(wanted: AddressDraft, going: readdressing.Going, number: str) -> AddressDraft:
    """Where an order goes then; refused where it is in work, or would go to another country."""
    if not going.is_untouched:
        raise TooLateToReaddress(number=number)
    checked = check_address(wanted)
    if going.country and checked.country != going.country:
        raise AnotherCountry(number=number)
    return checked


def _draft(edit: Edit, more: Sequence[LineDraft], taxes: Sequence[editing.Tax], around: _Around) -> Draft:
    """What is added, as if it were ordered by itself."""
    channel, _customer, country, latitude, longitude, _seen = around.heads[edit.order_id]
    return Draft(
        channel=channel,
        lines=list(more),
        customer=CustomerDraft(),
        ship_to=edit.ship_to or AddressDraft(country=country, latitude=latitude, longitude=longitude),
        adjustments=editing.taxes_of_lines(taxes, len(more)),
        when_short=edit.when_short,  # type: ignore[arg-type]
    )


def _write(plans: Sequence[_Plan], desk: Desk, around: _Around, *, actor: Actor) -> None:
    """Write it all down: what was decided, table by table."""
    events = record([_happening(plan, desk, actor) for plan in plans])
    lines, opening, stock, on_new = _new_lines(plans, events)
    canceled = [(plan.chosen, event) for plan, event in zip(plans, events, strict=True) if plan.chosen]
    struck, struck_events = [one for one, _event in canceled], [event for _one, event in canceled]
    if lines:
        writing.write_lines(lines)
        sql.run(MARK_ADDED, [sql.ints([line.id for line in lines])])
        post(LINES, opening, opening=True)
    post(STOCK, [*stock, *stock_movements(struck, "available", struck_events)])
    post(LINES, line_movements(struck, "canceled", struck_events), locked=True)
    canceling.write([*(one for plan in plans for one in plan.adjustments), *on_new])
    end_canceled([plan.edit.order_id for plan in plans], clock.now())
    _write_wishes(plans, around)
    writing.write_notes([(plan.edit.order_id, plan.edit.note, actor) for plan in plans if plan.edit.note])
    changed = [plan.edit.order_id for plan in plans]
    left = [plan.edit.order_id for plan in plans if plan.added or not canceling.is_whole(plan.units)]
    tell_of_confirmed(desk.orders, {order_id: desk.before[order_id] for order_id in left}, actor=actor)
    follow_money(changed, actor=actor)
    summarize(changed)


def _new_lines(
    plans: Sequence[_Plan], events: Sequence[int]
) -> tuple[list[writing.NewLine], list[Movement], list[Movement], list[Written]]:
    """The rows of the lines that are added, their movements, and their own adjustments."""
    added = [line for plan in plans if plan.added for line in plan.added.lines]
    count = sum(1 + (len(line.leaves) if line.sku.parts else 0) for line in added)
    if not count:
        return [], [], [], []
    ids = iter(numbering.take_ids("order_line_id_seq", count))
    lines: list[writing.NewLine] = []
    opening: list[Movement] = []
    stock: list[Movement] = []
    adjustments: list[Written] = []
    for plan, event in zip(plans, events, strict=True):
        if plan.added is None:
            continue
        position, order_id, of_draft = plan.first_position, plan.edit.order_id, {}
        for line in plan.added.lines:
            line_id = of_draft[line.position] = next(ids)
            kit = bool(line.sku.parts)
            lines.append(
                writing.NewLine(line_id, order_id, position, None, line.sku.id, kit, line.name, line.quantity,
                                line.unit_price_micros, line.total_minor)
            )  # fmt: skip
            position += 1
            for leaf in line.leaves:
                leaf_id = line_id
                if kit:
                    leaf_id = next(ids)
                    lines.append(
                        writing.NewLine(
                            leaf_id, order_id, position, line_id, leaf.sku_id, False, leaf.name, leaf.quantity, 0, 0
                        )
                    )
                    position += 1
                for take in leaf.taken:
                    opening.append(Movement(leaf_id, NOWHERE, "asked", take.place, "reserved", take.amount, event))
                    stock.append(
                        Movement(leaf.sku_id, take.place, "available", take.place, "reserved", take.amount, event)
                    )
                if leaf.backordered:
                    opening.append(Movement(leaf_id, NOWHERE, "asked", NOWHERE, "backordered", leaf.backordered, event))
        adjustments += [
            Written(order_id, of_draft[one.line or 0], one.kind, one.label, one.amount_minor, one.included)
            for one in plan.added.adjustments  # taxes, each of a line
        ]
    return lines, opening, stock, adjustments


def _write_wishes(plans: Sequence[_Plan], around: _Around) -> None:
    """Where it goes now, and by which delivery option."""
    chosen = {plan.edit.order_id: plan.edit.delivery_option for plan in plans if plan.edit.delivery_option is not None}
    if chosen:
        before = wishing.wishes_of(chosen)
        wishing.write([before[order_id]._replace(delivery_option=code or "") for order_id, code in chosen.items()])
    for statement, moved in (
        (MOVE, [(plan.edit.order_id, plan.edit.ship_to) for plan in plans if plan.edit.ship_to is not None]),
        (REBILL, [(plan.edit.order_id, plan.edit.bill_to) for plan in plans if plan.edit.bill_to is not None]),
    ):
        if moved:
            kept = keep_addresses([(around.heads[order_id][1], address) for order_id, address in moved])
            sql.run(statement, [sql.ints([order_id for order_id, _address in moved]), sql.ints(kept)])


def _happening(plan: _Plan, desk: Desk, actor: Actor) -> Happening:
    order = desk.orders[plan.edit.order_id]
    standing = desk.standing[order.id]
    before = worth.total(desk.units[order.id], standing)
    after = worth.total(plan.units, [*standing, *plan.adjustments]) + (plan.added.total_minor if plan.added else 0)
    back = sum(
        one.amount_minor for one in plan.adjustments if one.kind == AdjustmentKind.CANCELLATION and not one.included
    )
    facts: dict[str, object] = {
        "number": order.number,
        "reason": plan.edit.reason,
        "currency": order.currency,
        "total_before": money.write(before, order.currency),
        "total": money.write(after, order.currency),
        "taken_back": money.write(-back, order.currency),
        "added": [{"sku": line.sku.code, "quantity": line.quantity} for line in plan.added.lines] if plan.added else [],
        "taken_away": plan.chosen.facts() if plan.chosen else [],
        "discount": money.write(sum(one.amount_minor for one in plan.edit.discounts), order.currency),
        "readdressed": plan.edit.ship_to is not None,
        "rebilled": plan.edit.bill_to is not None,
        "tells_customer": plan.edit.tells,
    }
    if plan.edit.delivery_option is not None:
        facts["delivery_option"] = plan.edit.delivery_option
    return Happening("order.edited", actor, facts, order.id)


def _edited(plan: _Plan, desk: Desk, around: _Around, after: dict[int, Money]) -> Edited:
    order = desk.orders[plan.edit.order_id]
    before, now = desk.before[order.id], after[order.id]
    lines = [
        LineAfter(line.position, line.sku, left, line.total_minor * left // line.quantity, [], 0, False)
        for line in worth.priced_lines(plan.units)
        for left in [editing.standing_quantity(plan.units, line)]
    ]
    position = plan.first_position
    for one in plan.added.lines if plan.added else ():
        reserved = [(around.codes[take.place], take.amount) for leaf in one.leaves for take in leaf.taken]
        waiting = sum(leaf.backordered for leaf in one.leaves)
        lines.append(LineAfter(position, one.sku.code, one.quantity, one.total_minor, reserved, waiting, True))
        position += 1 + (len(one.leaves) if one.sku.parts else 0)
    seen = around.heads[order.id][5]
    return Edited(order.id, order.number, seen, order.currency, before.total, now.total, before.owed, now.owed, lines)


HEADS = """
    SELECT o.id, c.code, o.customer_id, coalesce(a.country, ''), a.latitude, a.longitude,
           (SELECT max(e.place_in_order) FROM event e WHERE e.order_id = o.id)
      FROM orders o
      JOIN channel c ON c.id = o.channel_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     WHERE o.id = ANY (%s::bigint[])
"""

MARK_ADDED = "UPDATE order_line SET is_added = true WHERE id = ANY (%s::bigint[])"

MOVE = """
    UPDATE orders o SET ship_to_id = w.address
      FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, address) WHERE o.id = w.id
"""

REBILL = """
    UPDATE orders o SET bill_to_id = w.address
      FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, address) WHERE o.id = w.id
"""
