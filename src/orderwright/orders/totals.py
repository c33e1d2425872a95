"""What an order comes to: lines, then adjustments in the order in which they are given.

An adjustment is an amount, or a rate of what stands before it: of one line with that line's earlier adjustments, or
of all lines with all earlier adjustments.  Taxes do not count as a base.  Each rate is rounded once, half away from
zero.  An included adjustment (a tax inside the prices) tells what is in the total and does not change it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import money
from orderwright.kernel.errors import Refusal
from orderwright.orders.drafting import AdjustmentDraft


class BadAdjustment(Refusal):
    code = "bad_adjustment"
    status = 422
    sentence = _("Adjustment {position}: {problem}")


class NegativeTotal(Refusal):
    code = "negative_total"
    status = 422
    sentence = _("The order would come to {total}. An order cannot be worth less than nothing.")


class OrderTooLarge(Refusal):
    code = "order_too_large"
    status = 422
    sentence = _("The order has more units, or comes to more money, than can be counted.")


class Adjusted(NamedTuple):
    """An adjustment in minor units; `line` is its line's position, counted from 1, or None for the whole order."""

    line: int | None
    kind: str
    label: str
    amount_minor: int
    included: bool


def adjust(drafts: Sequence[AdjustmentDraft], line_totals: Sequence[int], currency: str) -> list[Adjusted]:
    """Work out the adjustments of an order whose lines come to `line_totals`."""
    bases = list(line_totals)  # of each line; grows with what is adjusted
    whole = sum(line_totals)
    adjusted = []
    for position, draft in enumerate(drafts, start=1):
        if draft.line is not None and draft.line > len(bases):
            raise BadAdjustment(position=position, problem=f"there is no line {draft.line}.")
        if (draft.amount is None) == (draft.rate is None):
            raise BadAdjustment(position=position, problem="it needs an amount or a rate, and not both.")
        base = whole if draft.line is None else bases[draft.line - 1]
        amount = _amount(draft, base, currency)
        if (amount < 0) != (draft.kind == "discount") and amount != 0:
            problem = "a discount is negative." if draft.kind == "discount" else f"a {draft.kind} is not negative."
            raise BadAdjustment(position=position, problem=problem)
        if draft.included and draft.kind != "tax":
            raise BadAdjustment(position=position, problem="only a tax can be included in the prices.")
        if draft.kind != "tax":
            whole += amount
            if draft.line is not None:
                bases[draft.line - 1] += amount
        adjusted.append(Adjusted(draft.line, draft.kind, draft.label or draft.kind, amount, draft.included))
    return adjusted


def total(line_totals: Sequence[int], adjusted: Sequence[Adjusted], currency: str) -> int:
    """What the customer has to pay, in minor units; never below zero, and no part of it beyond counting."""
    if any(abs(amount) > money.LARGEST_MINOR for amount in (*line_totals, *(one.amount_minor for one in adjusted))):
        raise OrderTooLarge
    comes_to = sum(line_totals) + sum(one.amount_minor for one in adjusted if not one.included)
    if comes_to > money.LARGEST_MINOR:
        raise OrderTooLarge
    if comes_to < 0:
        raise NegativeTotal(total=f"{money.write(comes_to, currency)} {currency}")
    return comes_to


def _amount(draft: AdjustmentDraft, base: int, currency: str) -> int:
    if draft.amount is not None:
        return money.minor(draft.amount, currency)
    assert draft.rate is not None
    rate = money.micros(draft.rate)
    if draft.included:  # the tax inside a price that holds it: base x rate / (1 + rate)
        return money.round_half_away(base * rate, money.MICROS + rate)
    return money.round_half_away(base * rate, money.MICROS)
