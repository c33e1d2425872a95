"""What came in from files and channels, line by line, and what became of each."""

from django.db import models
from django.db.models.functions import Now


class Import(models.Model):
    """One import of one set of files into one channel; found again by its content, so it can go on where it stopped."""

    channel_id = models.BigIntegerField()
    format = models.TextField()
    source = models.TextField()  # names of the files
    fingerprint = models.TextField()  # of content and format
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    lines_done = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "order_import"
        constraints = [
            models.UniqueConstraint(fields=["channel_id", "format", "fingerprint"], name="order_import_once")
        ]

    def __str__(self) -> str:
        return self.source


class Inbound(models.Model):
    """A raw message that is kept: a returned invoice that waits, a line that was refused, with its reason."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="inbound")
    outcome = models.TextField()  # waiting_for_returns, refused
    reference = models.TextField()  # the channel's name for the document
    line_number = models.BigIntegerField()  # in the file
    reason = models.TextField(db_default="")
    raw = models.JSONField()

    class Meta:
        db_table = "inbound"
        indexes = [models.Index("reference", name="inbound_reference")]
        constraints = [models.UniqueConstraint(fields=["run", "line_number"], name="inbound_line_once")]

    def __str__(self) -> str:
        return f"{self.reference} line {self.line_number}"
