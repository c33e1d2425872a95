"""Fulfilment orders and their lines, the WORK book's sheets and entries; holds, rejections, recalls, terms."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.models import Location
from orderwright.kernel.books import not_negative
from orderwright.kernel.models import BookEntry, NextId
from orderwright.orders.models import Line, Order

WORK_BUCKETS = ("open", "packed", "shipped", "rejected", "recalled", "moved")


class Accepting(models.TextChoices):
    """How a location takes on work."""

    AT_ONCE = "at_once", _("Takes on what it is given")
    ASKED = "asked", _("Is asked, and accepts or rejects")


class Terms(models.Model):
    """On what terms a location works.  A location without a row takes on everything at once, every day, without end."""

    location = models.OneToOneField(Location, on_delete=models.CASCADE, primary_key=True, related_name="terms")
    accepting = models.TextField(choices=Accepting.choices, db_default=Accepting.AT_ONCE)
    orders_per_day = models.IntegerField(null=True)  # fulfilment orders that leave on one day; null: no limit
    cut_off = models.TimeField(default=time(14), db_default="14:00")  # by the location's clock
    weekdays = ArrayField(models.SmallIntegerField(), db_default=[1, 2, 3, 4, 5, 6, 7])  # ISO: Monday is 1
    closed_on = ArrayField(models.DateField(), db_default=[])
    handling_days = models.SmallIntegerField(db_default=0)  # working days from release to leaving
    version = models.IntegerField(db_default=1)
    free_on = models.DateField(null=True)  # the first day that had room, when last somebody looked: for `soonest`

    class Meta:
        db_table = "location_terms"
        constraints = [
            models.CheckConstraint(condition=models.Q(accepting__in=Accepting.values), name="terms_accepting"),
            models.CheckConstraint(condition=models.Q(orders_per_day__gte=1), name="terms_orders_per_day"),
            models.CheckConstraint(condition=models.Q(handling_days__gte=0), name="terms_handling_days"),
        ]

    def __str__(self) -> str:
        return f"terms of location {self.pk}"


class State(models.TextChoices):
    OFFERED = "offered", _("Offered")  # the location was asked and has not answered
    ACCEPTED = "accepted", _("Accepted")  # it works on it
    CLOSED = "closed", _("Closed")  # nothing is left to do: the WORK book says what became of it


STEPS = {
    State.OFFERED: frozenset({State.ACCEPTED, State.CLOSED}),
    State.ACCEPTED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset[State](),
}


class FulfilmentOrder(models.Model):
    """The part of an order that one location is to do."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("fulfilment_order_id_seq"))
    name = models.TextField(unique=True)  # the order's number, "-F", and 1, 2, 3 …
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="fulfilment_orders")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State.choices)
    ship_on = models.DateField()  # the day, at the location, on which it is to leave
    released_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    takes_place = models.BooleanField(db_default=True)  # of its day; no longer once all of it was given back

    class Meta:
        db_table = "fulfilment_order"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="fulfilment_state"),
            models.CheckConstraint(
                condition=models.Q(state=State.CLOSED, closed_at__isnull=False)
                | (~models.Q(state=State.CLOSED) & models.Q(closed_at__isnull=True)),
                name="fulfilment_closed_at",
            ),
        ]
        indexes = [  # what a location has to do, the most urgent first
            models.Index(
                "location", "ship_on", "id", name="fulfilment_to_do", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index("location", "ship_on", name="fulfilment_of_day", condition=models.Q(takes_place=True)),
        ]

    def __str__(self) -> str:
        return self.name


class FulfilmentLine(models.Model):
    """So many units of an order line that a fulfilment order is to do; its sheet in the WORK book says how far."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("fulfilment_line_id_seq"))
    fulfilment_order = models.ForeignKey(FulfilmentOrder, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="fulfilment_lines")
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "fulfilment_line"
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="fulfilment_line_quantity")]

    def __str__(self) -> str:
        return f"line {self.line_id} in fulfilment order {self.fulfilment_order_id}"


class WorkSheet(models.Model):
    """How far a fulfilment line is.  A projection: `books.post` keeps it; the place is the location."""

    pk = models.CompositePrimaryKey("holder_id", "place_id")
    holder = models.ForeignKey(
        FulfilmentLine, on_delete=models.PROTECT, related_name="sheets", db_index=False, db_constraint=False
    )
    place_id = models.BigIntegerField()
    open = models.BigIntegerField(db_default=0)
    packed = models.BigIntegerField(db_default=0)
    shipped = models.BigIntegerField(db_default=0)
    rejected = models.BigIntegerField(db_default=0)
    recalled = models.BigIntegerField(db_default=0)
    moved = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "work_sheet"
        constraints = [not_negative("work_sheet", bucket) for bucket in WORK_BUCKETS]

    def __str__(self) -> str:
        return f"fulfilment line {self.holder_id}"


class WorkEntry(BookEntry):
    """Some units of a fulfilment line were dealt with."""

    id = models.BigIntegerField(db_default=NextId("work_entry_id_seq"))

    class Meta:
        db_table = "work_entry"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="work_entry_amount")]

    def __str__(self) -> str:
        return f"{self.amount} of fulfilment line {self.holder_id}: {self.source} to {self.target}"


class Rejection(models.Model):
    """A location said no to some units of a line; they are not offered to it again for a while."""

    fulfilment_line = models.ForeignKey(FulfilmentLine, on_delete=models.PROTECT, related_name="rejections")
    reason = models.TextField()  # fulfilment.reasons: short, damaged, closed, capacity
    note = models.TextField(db_default="")
    quantity = models.BigIntegerField()
    rejected_by = models.TextField()
    rejected_at = models.DateTimeField()

    class Meta:
        db_table = "fulfilment_rejection"
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="rejection_quantity")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.quantity} of fulfilment line {self.fulfilment_line_id}"


class FulfilmentHold(models.Model):
    """A reason not to go on with a fulfilment order yet.  There may be several; each has a handle of its own."""

    fulfilment_order = models.ForeignKey(FulfilmentOrder, on_delete=models.PROTECT, related_name="holds")
    handle = models.TextField()  # 64 characters at most; what its author calls it
    reason = models.TextField()
    note = models.TextField(db_default="")
    placed_by = models.TextField()
    placed_at = models.DateTimeField()
    lifted_by = models.TextField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fulfilment_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["fulfilment_order", "handle"],
                condition=models.Q(lifted_at__isnull=True),
                name="fulfilment_hold_handle",
            )
        ]

    def __str__(self) -> str:
        return f"{self.handle} on fulfilment order {self.fulfilment_order_id}"


class Recall(models.Model):
    """A location is asked to give work back, for it is to be canceled.  It may answer too late."""

    fulfilment_order = models.ForeignKey(FulfilmentOrder, on_delete=models.PROTECT, related_name="recalls")
    reason = models.TextField()  # orders.reasons
    lines = models.JSONField()  # [[fulfilment line, quantity] …]
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(null=True)  # accepted, refused, too_late; null: not answered
    note = models.TextField(db_default="")  # the location's
    answered_by = models.TextField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fulfilment_recall"
        constraints = [
            models.UniqueConstraint(
                fields=["fulfilment_order"], condition=models.Q(answer__isnull=True), name="recall_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"recall of fulfilment order {self.fulfilment_order_id}"


class ScheduledRelease(models.Model):
    """An order is to be released at a moment that was chosen, and not before."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="+")
    release_at = models.DateTimeField()
    scheduled_by = models.TextField()
    scheduled_at = models.DateTimeField(db_default=Now())
    try_at = models.DateTimeField(db_index=True)  # when it is due, or tried again after a refusal
    refusals = models.IntegerField(db_default=0)
    refused = models.TextField(db_default="")  # the code of the last refusal

    class Meta:
        db_table = "scheduled_release"

    def __str__(self) -> str:
        return f"release of order {self.order_id}"
