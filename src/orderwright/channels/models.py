"""What came in from files and channels, document by document and line by line, and what became of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from orderwright.catalog.models import Channel


class Import(models.Model):
    """One import of one set of files into one channel; found again by its content, so it can go on where it stopped."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    format = models.TextField()
    source = models.TextField()  # names of the files
    fingerprint = models.TextField()  # of the content, and of how it is read
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    stocked_through = models.TextField(db_default="")  # the last SKU for which stock was booked as sold
    lines_done = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "order_import"
        constraints = [models.UniqueConstraint(fields=["channel", "format", "fingerprint"], name="order_import_once")]

    def __str__(self) -> str:
        return self.source


class TakenDocument(models.Model):
    """A document that was taken in, by the channel's own name for it: the same one again changes nothing."""

    pk = models.CompositePrimaryKey("channel_id", "reference")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.TextField()
    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="documents")
    refusal = models.TextField(db_default="")  # why its order was not taken
    short = ArrayField(models.IntegerField(), db_default=[])  # its corrections, from 0, that the stock did not allow
    event_ids = ArrayField(models.BigIntegerField(), db_default=[])  # of the corrections that were booked

    class Meta:
        db_table = "taken_document"

    def __str__(self) -> str:
        return self.reference


class Outcome(models.TextChoices):
    WAITING = "waiting_for_returns"
    REFUSED = "refused"


class Inbound(models.Model):
    """A raw line that is kept: it waits until returns are booked, or was refused, with the reason."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="inbound")
    outcome = models.TextField(choices=Outcome.choices)
    reference = models.TextField()  # the channel's name for the document
    line_number = models.BigIntegerField()  # in the files of the import
    reason = models.TextField(db_default="")
    worth_micros = models.BigIntegerField(db_default=0)  # quantity x unit price, where the line has both
    raw = models.JSONField()
    passed_over_at = models.DateTimeField(null=True)  # refused, and somebody decided to leave it at that

    class Meta:
        db_table = "inbound"
        indexes = [
            models.Index("reference", name="inbound_reference"),
            models.Index(
                "run",
                "reason",
                name="inbound_refused",
                condition=models.Q(outcome=Outcome.REFUSED, passed_over_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "line_number"], name="inbound_line_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="inbound_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} line {self.line_number}"
