"""Saved views of the list of orders, and runs: one act on many orders, with an answer for each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.staff.models import User


class View(models.Model):
    """A search that somebody keeps under a name, for themselves or for all who work here."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="views")
    name = models.TextField()
    shared = models.BooleanField(db_default=False)
    query = models.TextField()  # as it stands in the address: q=…&status=…
    columns = ArrayField(models.TextField(), db_default=[])  # in their order; none: the usual ones
    created_at = models.DateTimeField()

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class Act(models.TextChoices):
    """What a run does to each of its orders."""

    RELEASE = "release", _("Release")
    HOLD = "hold", _("Hold")
    LIFT = "lift", _("Lift holds")
    TAG = "tag", _("Tag")
    UNTAG = "untag", _("Take a tag off")
    CANCEL = "cancel", _("Cancel")
    EXPORT = "export", _("Export")
    SLIPS = "slips", _("Print packing slips")


class Run(models.Model):
    """One act on the orders of a search, begun by somebody and done in the background, batch by batch.

    `gathered_at` is when all its orders were written down: the search is not asked again after that.
    """

    act = models.TextField(choices=Act.choices)
    words = models.JSONField(db_default={})  # what the act needs: a tag, a reason, columns
    query = models.TextField(db_default="")  # of all that match; empty: the orders were picked one by one
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="runs", db_index=False)
    begun_at = models.DateTimeField()
    gathered_to = models.JSONField(null=True)  # the key behind which gathering goes on
    gathered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    orders = models.IntegerField(db_default=0)
    done = models.IntegerField(db_default=0)
    refused = models.IntegerField(db_default=0)
    failed = models.IntegerField(db_default=0)  # something went wrong on our side; it stands in the log
    problem = models.TextField(db_default="")  # why it ended before its orders had answers, in words

    class Meta:
        db_table = "bulk_run"
        constraints = [models.CheckConstraint(condition=models.Q(act__in=Act.values), name="bulk_run_act")]
        indexes = [
            models.Index("id", name="bulk_run_open", condition=models.Q(ended_at__isnull=True)),
            models.Index("begun_by", "id", name="bulk_run_of"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class RunRow(models.Model):
    """An order of a run, and what became of it: no answer while it waits."""

    pk = models.CompositePrimaryKey("run_id", "place")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rows", db_index=False)
    place = models.IntegerField()  # 1, 2, 3 …
    order_id = models.BigIntegerField()
    answer = models.TextField(null=True)  # done, refused, failed
    code = models.TextField(db_default="")  # of the refusal
    sentence = models.TextField(db_default="")  # of the refusal, in the language of who began the run

    class Meta:
        db_table = "bulk_run_row"
        constraints = [models.UniqueConstraint(fields=["run", "order_id"], name="bulk_run_row_once")]
        indexes = [models.Index("run", "place", name="bulk_run_waiting", condition=models.Q(answer__isnull=True))]

    def __str__(self) -> str:
        return f"order {self.order_id} in run {self.run_id}"


class RunPart(models.Model):
    """A piece of what a run wrote: it is fetched piece by piece, in their order, and forgotten after some days."""

    pk = models.CompositePrimaryKey("run_id", "place")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts", db_index=False)
    place = models.IntegerField()  # of the first order in it
    content = models.BinaryField()

    class Meta:
        db_table = "bulk_run_part"

    def __str__(self) -> str:
        return f"part {self.place} of run {self.run_id}"
