"""The promise ledger: what was promised of each line, when and why; and the priorities of orders that wait."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.models import NextId
from orderwright.orders.models import Line, Order


class Reason(models.TextChoices):
    """Where the units come from that decide a date."""

    IN_STOCK = "in_stock", _("In stock")
    IN_WORK = "in_work", _("In work")
    RECEIPT = "receipt", _("Expected")
    LEAD_TIME = "lead_time", _("To be ordered")
    ON_ITS_WAY = "on_its_way", _("On its way")
    LOST = "lost", _("Its parcel was lost")
    UNKNOWN = "unknown", _("Nobody can say yet")


class Promise(models.Model):
    """What was promised of a line (of a kit: of all its parts).  Only its end is added later; nothing else changes."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("promise_id_seq"))
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="promises")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="promises", db_index=False)
    made_at = models.DateTimeField()
    ship_on = models.DateField(null=True)  # when its last unit leaves, at its location; null: nobody can say
    deliver_on = models.DateField(null=True)  # null too where no delivery option goes there
    reason = models.TextField(choices=Reason.choices)
    facts = models.JSONField()  # the parts of which the date was made
    location_id = models.BigIntegerField(null=True)  # where the last unit leaves
    option = models.TextField(db_default="")  # the delivery option that was reckoned with
    country = models.TextField(db_default="")
    superseded_at = models.DateTimeField(null=True)  # another one came, or nothing is left to promise
    came_on = models.DateField(null=True)  # when the line's last unit reached the customer
    days_late = models.IntegerField(null=True)  # against this promise; zero or less: kept

    class Meta:
        db_table = "promise"
        constraints = [
            models.CheckConstraint(condition=models.Q(reason__in=Reason.values), name="promise_reason"),
            models.CheckConstraint(
                condition=models.Q(deliver_on=None) | models.Q(ship_on__isnull=False), name="promise_deliver_on"
            ),
            models.UniqueConstraint(
                fields=["line"], condition=models.Q(superseded_at__isnull=True), name="promise_current_once"
            ),
        ]
        indexes = [
            models.Index("line", "id", name="promise_of_line"),
            models.Index(
                "ship_on", name="promise_due", condition=models.Q(superseded_at__isnull=True, came_on__isnull=True)
            ),
            models.Index("came_on", name="promise_came", condition=models.Q(came_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"promise of line {self.line_id}: {self.ship_on}"


class Priority(models.Model):
    """An order goes before others in the queues, or behind them.  No row: 0."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="priority")
    priority = models.IntegerField()  # higher goes first
    set_by = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        db_table = "order_priority"

    def __str__(self) -> str:
        return f"priority {self.priority} of order {self.order_id}"
