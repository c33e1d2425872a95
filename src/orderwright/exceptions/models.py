"""What needs somebody: cases that stand or stood, how kinds are watched, contradictions, what the audit found."""

from django.db import models

from orderwright.kernel.models import NextId
from orderwright.orders.models import Order


class Case(models.Model):
    """Something that is not as it should be.  A query finds it, and the same query lets it go: nobody closes it."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("exception_id_seq"))
    kind = models.TextField()  # a code of exceptions.kinds
    subject = models.TextField()  # what it is about, by its name: an order, a package, an endpoint …
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    since = models.DateTimeField()  # when it began to be so
    appeared_at = models.DateTimeField()  # when it had been so for too long, and was seen
    cleared_at = models.DateTimeField(null=True)
    facts = models.JSONField()  # what its cause is told with
    owner = models.TextField(db_default="")  # who cares for it
    note = models.TextField(db_default="")
    version = models.IntegerField(db_default=1)  # raised by each edit: the ETag

    class Meta:
        db_table = "exception"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(cleared_at__isnull=True), name="exception_stands_once"
            )
        ]
        indexes = [
            models.Index("since", "id", name="exception_standing", condition=models.Q(cleared_at__isnull=True)),
            models.Index("order", "id", name="exception_of_order", condition=models.Q(order__isnull=False)),
            models.Index("cleared_at", name="exception_cleared", condition=models.Q(cleared_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"


class Watch(models.Model):
    """How a kind of exception is watched.  Its row is the lock of whoever looks for the kind."""

    kind = models.TextField(primary_key=True)
    hours = models.IntegerField(null=True)  # how long it must have been so; null: as the kind says
    watched = models.BooleanField(db_default=True)
    looked_at = models.DateTimeField(null=True)  # when it was looked for last
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "exception_watch"
        constraints = [models.CheckConstraint(condition=models.Q(hours__gte=0), name="exception_watch_hours")]

    def __str__(self) -> str:
        return self.kind


class Contradiction(models.Model):
    """A provider answered a question again, and differently; until somebody has found out which answer is right."""

    event_id = models.BigIntegerField(primary_key=True)  # tender.contradicted
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    attempt_id = models.UUIDField()
    facts = models.JSONField()  # the event's
    told_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(db_default="")

    class Meta:
        db_table = "payment_contradiction"
        indexes = [
            models.Index("told_at", name="contradiction_open", condition=models.Q(settled_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"contradiction {self.event_id}"


class Look(models.Model):
    """What a check of the audit found when it was run last."""

    check_name = models.TextField(primary_key=True)
    looked_at = models.DateTimeField()
    wrong = models.IntegerField()
    wrong_since = models.DateTimeField(null=True)  # when it was first found wrong without being right since
    examples = models.JSONField()

    class Meta:
        db_table = "audit_look"

    def __str__(self) -> str:
        return self.check_name
