"""Editing: what is asked of a placed order, and what that does to its money.

An order's lines are written once.  So a line gets fewer units by canceling some, and more by another line of the same
SKU.  Taxes are amounts by then: what an edit adds or takes bears them at the rates that the order's amounts tell.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.customers.drafting import AddressDraft
from orderwright.kernel import money
from orderwright.kernel.errors import Refusal
from orderwright.orders import worth
from orderwright.orders.drafting import AdjustmentDraft, LineDraft
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.moving import Wanted
from orderwright.orders.units import LineUnits, OrderUnits
from orderwright.orders.worth import Written

RATE_STEP = 1000  # rates are told apart to a tenth of a percent, in millionths


class NoSuchLine(Refusal):
    code = "no_such_line"
    status = 422
    sentence = _("Order {number} has no line {line} that can be edited.")


class NothingToEdit(Refusal):
    code = "nothing_to_edit"
    status = 422
    sentence = _("Nothing of order {number} would change.")


class ChangedMeanwhile(Refusal):
    code = "changed_meanwhile"
    sentence = _("Order {number} was changed after you looked at it. Nothing was done: look at it again.")


class EditedTwice(Refusal):
    code = "edited_twice"
    status = 422
    sentence = _("Order {number} is named twice. Put both changes into one.")


class Change(NamedTuple):
    """The line at `position` is to have so many units that are not canceled; of a kit's line: so many kits."""

    position: int
    quantity: int


class Discount(NamedTuple):
    """So much off a line, or off the order, in minor units; more than zero."""

    amount_minor: int
    label: str = "discount"
    position: int | None = None


class Edit(NamedTuple):
    """What is to become of an order; what is left out stays.

    `seen` is the place of the last event of the order that whoever edits has seen: it is refused where another came
    meanwhile.  `reason` is one word, see orders.reasons.
    """

    order_id: int
    changes: Sequence[Change] = ()
    added: Sequence[LineDraft] = ()
    discounts: Sequence[Discount] = ()
    shipping_minor: int | None = None  # what the delivery is to cost
    delivery_option: str | None = None
    ship_to: AddressDraft | None = None
    bill_to: AddressDraft | None = None
    when_short: str = "backorder"
    reason: str = "customer_request"
    note: str = ""
    tells: bool = True  # the customer gets a letter about it
    seen: int | None = None


class Tax(NamedTuple):
    """A tax that an order bears, as its amounts tell it."""

    label: str
    rate_micros: int
    included: bool

    def on(self, amount: int) -> int:
        """The tax of an amount: inside it, or beside it."""
        whole = money.MICROS + self.rate_micros if self.included else money.MICROS
        return money.round_half_away(amount * self.rate_micros, whole)


def standing_quantity(order: OrderUnits, line: LineUnits) -> int:
    """How many units of a line are not canceled; of a kit's line, how many whole kits."""
    return line.quantity - worth.whole_units(order, line, "canceled")


def split_changes(order: OrderUnits, edit: Edit, number: str, currency: str) -> tuple[list[Wanted], list[LineDraft]]:
    """What an edit cancels, and what it adds: a line for each that gets more units, at the price it was sold at."""
    fewer, more = [], []
    for change in edit.changes:
        line = order.at(change.position)
        if line is None or line.parent_id is not None or change.quantity < 0:
            raise NoSuchLine(number=number, line=change.position)
        now = standing_quantity(order, line)
        if change.quantity < now:
            fewer.append(Wanted(change.position, now - change.quantity))
        elif change.quantity > now:
            price = money.round_half_away(line.total_minor * 10 ** (6 - money.decimals(currency)), line.quantity)
            more.append(LineDraft(line.sku, change.quantity - now, money.write_micros(price)))
    return fewer, [*more, *edit.added]


def taxes_of(order: OrderUnits, standing: Sequence[Written]) -> list[Tax]:
    """The taxes that an order bears, with the rates that fit its amounts."""
    sold = [one for one in standing if one.kind != AdjustmentKind.CANCELLATION]
    base = sum(line.total_minor for line in order.lines)
    base += sum(one.amount_minor for one in sold if one.kind != AdjustmentKind.TAX)
    sums: dict[tuple[str, bool], int] = {}
    for one in sold:
        if one.kind == AdjustmentKind.TAX:
            sums[one.label, one.included] = sums.get((one.label, one.included), 0) + one.amount_minor
    return [
        Tax(label, _rate(amount, base - amount if included else base), included)
        for (label, included), amount in sums.items()
        if base > amount > 0
    ]


def _rate(amount: int, base: int) -> int:
    exact = money.round_half_away(amount * money.MICROS, base)
    near = money.round_half_away(exact, RATE_STEP) * RATE_STEP
    return near if money.round_half_away(base * near, money.MICROS) == amount else exact


def taxes_of_lines(taxes: Sequence[Tax], lines: int) -> list[AdjustmentDraft]:
    """The taxes of lines that are added, as they would be drafted."""
    return [
        AdjustmentDraft("tax", tax.label, rate=money.write_micros(tax.rate_micros), line=line, included=tax.included)
        for line in range(1, lines + 1)
        for tax in taxes
    ]


def adjusted(
    order: OrderUnits, edit: Edit, number: str, taxes: Sequence[Tax], standing: Sequence[Written]
) -> list[Written]:
    """The adjustments of an edit's discounts and of another price of delivery, each with its taxes.

    A discount on the whole order is written on its lines, by what they came to: so it stays with what it was given
    on, whatever is added later.
    """
    changed: list[tuple[int | None, str, str, int]] = [
        (share[0], "discount", discount.label or "discount", -share[1])
        for discount in edit.discounts
        for share in _shares(order, discount, number, standing)
    ]
    if edit.shipping_minor is not None:
        before = sum(one.amount_minor for one in standing if one.kind == AdjustmentKind.SHIPPING)
        if edit.shipping_minor != before:
            changed.append((None, "shipping", "shipping", edit.shipping_minor - before))
    written = []
    for line_id, kind, label, amount in changed:
        written.append(Written(order.order_id, line_id, kind, label, amount, False))
        for tax in taxes:
            if part := tax.on(amount):
                written.append(Written(order.order_id, line_id, "tax", tax.label, part, tax.included))
    return written


def _shares(order: OrderUnits, discount: Discount, number: str, standing: Sequence[Written]) -> list[tuple[int, int]]:
    """How much of a discount falls on which line: what is canceled gets none of it."""
    priced = [line for line in worth.priced_lines(order) if standing_quantity(order, line)]
    if discount.position is not None:
        priced = [line for line in priced if line.position == discount.position]
    if not priced:
        raise NoSuchLine(number=number, line=discount.position or 1)
    weights = [line.total_minor * standing_quantity(order, line) // line.quantity for line in priced]
    if not any(weights):
        weights = [1] * len(priced)
    shares = money.split(discount.amount_minor, weights)
    gross = dict(zip((line.id for line in worth.priced_lines(order)), worth.gross(order, standing), strict=True))
    return [
        (line.id, _on_all(share, gross[line.id]["", False], line.quantity, worth.whole_units(order, line, "canceled")))
        for line, share in zip(priced, shares, strict=True)
        if share
    ]


def _on_all(share: int, gross: int, quantity: int, canceled: int) -> int:
    """What has to be off a whole line so that exactly `share` is off the units of it that are not canceled.

    Canceled units take their part of a line's discounts back; see `orders.worth`.
    """

    def left(whole: int) -> int:
        return whole - money.round_half_away(whole * canceled, quantity)

    guess = money.round_half_away(share * quantity, quantity - canceled)
    near = range(max(0, guess - 3), guess + 4)
    return min(near, key=lambda off: (abs(left(gross) - left(gross - off) - share), abs(off - guess)))
