"""Status is a sentence, not a field: words computed from balances, never typed by hand."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fulfilment(models.TextChoices):
    WAITING = "waiting", _("Waiting for stock")
    READY = "ready", _("Ready")
    IN_WORK = "in_work", _("In work")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")
    CANCELED = "canceled", _("Canceled")


class Payment(models.TextChoices):
    NOTHING_DUE = "nothing_due", _("Nothing due")
    UNPAID = "unpaid", _("Unpaid")
    PENDING = "pending", _("Pending")  # a provider was asked and has not answered
    SECURED = "secured", _("Secured")  # authorized, or a method that is trusted to pay later
    PARTLY_PAID = "partly_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    OVERPAID = "overpaid", _("Overpaid")
    PARTLY_REFUNDED = "partly_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class Status(models.TextChoices):
    """An order in one word: the next thing that somebody waits for."""

    ON_HOLD = "on_hold", _("On hold")
    UNPAID = "unpaid", _("Waiting for payment")
    BACKORDERED = "backordered", _("Waiting for stock")
    READY = "ready", _("Ready to release")
    IN_WORK = "in_work", _("In work")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")
    CANCELED = "canceled", _("Canceled")


class Money(NamedTuple):
    """The money of an order in minor units.  What is owed: total - captured + refunded."""

    total: int
    captured: int = 0  # all that was ever taken, refunded or not (with what is being refunded)
    refunded: int = 0
    secured: int = 0  # authorized, being captured, or awaited from a method that is trusted
    pending: int = 0  # being authorized

    @property
    def owed(self) -> int:
        """What the customer still owes; negative where we owe the customer."""
        return self.total - self.captured + self.refunded


GONE = frozenset({"shipped", "delivered", "returned", "lost"})
SETTLED = frozenset({Fulfilment.SHIPPED, Fulfilment.DELIVERED, Fulfilment.RETURNED, Fulfilment.CANCELED})


def fulfilment(units: Mapping[str, int]) -> Fulfilment:
    """The fulfilment status of an order (or a line) whose units are in these buckets of the LINES book."""
    here = {bucket for bucket, amount in units.items() if amount} - {"canceled"}
    if not here:
        return Fulfilment.CANCELED
    if here == {"returned"}:
        return Fulfilment.RETURNED
    if here <= {"delivered", "returned"}:
        return Fulfilment.DELIVERED
    if here <= GONE:
        return Fulfilment.SHIPPED
    if here & GONE:
        return Fulfilment.PARTLY_SHIPPED
    if "released" in here:
        return Fulfilment.IN_WORK
    if here == {"reserved"}:
        return Fulfilment.READY
    return Fulfilment.WAITING


def payment(money: Money) -> Payment:
    """The payment status of an order with these sums."""
    if money.refunded and money.refunded >= money.captured:
        return Payment.REFUNDED
    if money.owed < 0:
        return Payment.OVERPAID
    if money.refunded and money.owed == 0:
        return Payment.PARTLY_REFUNDED
    if money.owed == 0:
        return Payment.PAID if money.captured else Payment.NOTHING_DUE
    if money.owed <= money.secured:
        return Payment.SECURED
    if money.owed <= money.secured + money.pending:
        return Payment.PENDING
    return Payment.PARTLY_PAID if money.captured > money.refunded else Payment.UNPAID


def is_secure(money: Money) -> bool:
    """May goods go out?  Everything that is owed is captured, authorized, or trusted to come."""
    return money.owed <= money.secured


def overall(units: Mapping[str, int], money: Money, holds: int) -> Status:
    """An order in one word."""
    word = fulfilment(units)
    if word in SETTLED:
        return Status(word.value)
    if holds:
        return Status.ON_HOLD
    if word == Fulfilment.PARTLY_SHIPPED:
        return Status.PARTLY_SHIPPED
    if not is_secure(money):
        return Status.UNPAID
    if word == Fulfilment.WAITING:
        return Status.BACKORDERED
    return Status(word.value)
