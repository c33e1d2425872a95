"""Locations, the STOCK book's sheets and entries, and what is said about stock: safety, expectations, counts."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orderwright.catalog.models import Channel, Sku
from orderwright.kernel.books import not_negative
from orderwright.kernel.models import BookEntry, NextId

STOCK_BUCKETS = ("available", "reserved", "damaged", "quality_control", "in_transit")


class Location(models.Model):
    """A place that holds stock."""

    code = models.TextField(unique=True)
    name = models.TextField()
    country = models.TextField(db_default="")
    city = models.TextField(db_default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    rank = models.IntegerField(db_default=100)  # lower goes first where locations are ranked
    active = models.BooleanField(db_default=True)  # an inactive location sells nothing
    time_zone = models.TextField(db_default="UTC")
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "location"

    def __str__(self) -> str:
        return self.code


class StockSheet(models.Model):
    """How much of a SKU a location has, bucket by bucket.  A projection: `books.post` keeps it."""

    pk = models.CompositePrimaryKey("holder_id", "place_id")
    holder = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="sheets", db_index=False)
    place = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="sheets")
    available = models.BigIntegerField(db_default=0)
    reserved = models.BigIntegerField(db_default=0)
    damaged = models.BigIntegerField(db_default=0)
    quality_control = models.BigIntegerField(db_default=0)
    in_transit = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "stock_sheet"
        constraints = [not_negative("stock_sheet", bucket) for bucket in STOCK_BUCKETS]

    def __str__(self) -> str:
        return f"SKU {self.holder_id} at {self.place_id}"


class StockEntry(BookEntry):
    """Some units moved."""

    id = models.BigIntegerField(db_default=NextId("stock_entry_id_seq"))

    class Meta:
        db_table = "stock_entry"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="stock_entry_amount")]
        # Entries are written in the order of their events, nearly: a few bytes a megabyte find those of an event.
        indexes = [BrinIndex(fields=["event_id"], pages_per_range=16, autosummarize=True, name="stock_entry_event")]

    def __str__(self) -> str:
        return f"{self.amount} of SKU {self.holder_id}: {self.source} to {self.target}"


class SafetyStock(models.Model):
    """Units that availability keeps back: for a SKU everywhere, at a location, or from a channel."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="safety_stocks")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, related_name="+")
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "safety_stock"
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "location", "channel"], name="safety_stock_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="safety_stock_quantity"),
        ]

    def __str__(self) -> str:
        return f"keep {self.quantity} of SKU {self.sku_id}"


class Transfer(models.Model):
    """Units on their way from one location to another.  Its lines are expectations at the target."""

    source = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    reference = models.TextField(db_default="")
    expected_on = models.DateField()
    sent_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # all came, or is lost

    class Meta:
        db_table = "transfer"
        constraints = [models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="transfer_moves")]

    def __str__(self) -> str:
        return f"transfer {self.id}"


class Expectation(models.Model):
    """Stock that is on its way to us: from a supplier, or from another location (a transfer)."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="expectations")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="expectations")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="lines")
    quantity = models.BigIntegerField()
    received = models.BigIntegerField(db_default=0)  # more than was expected may come from a supplier
    lost = models.BigIntegerField(db_default=0)  # of a transfer: did not arrive
    expected_on = models.DateField()
    reference = models.TextField(db_default="")  # purchase order or transfer
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)  # all came, or no more will
    version = models.IntegerField(db_default=1)  # raised by each move to another day: the ETag

    class Meta:
        db_table = "expectation"
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="expectation_quantity"),
            models.CheckConstraint(condition=models.Q(received__gte=0, lost__gte=0), name="expectation_received"),
            models.CheckConstraint(
                condition=models.Q(transfer=None, lost=0)
                | models.Q(transfer__isnull=False, quantity__gte=models.F("received") + models.F("lost")),
                name="expectation_of_transfer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of SKU {self.sku_id} on {self.expected_on}"


class StockCount(models.Model):
    """Someone counts SKUs at a location, while the shop goes on selling."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    reference = models.TextField(db_default="")
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stock_count"

    def __str__(self) -> str:
        return f"count {self.id}"


class StockCountLine(models.Model):
    """What the book said when the counting began, and what was counted."""

    pk = models.CompositePrimaryKey("count_id", "sku_id")
    count = models.ForeignKey(StockCount, on_delete=models.CASCADE, related_name="lines")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    expected = models.BigIntegerField()  # on hand, by the book
    last_entry_id = models.BigIntegerField()  # of the book at that moment: a later one is a movement while counting
    counted = models.BigIntegerField(null=True)

    class Meta:
        db_table = "stock_count_line"
        constraints = [models.CheckConstraint(condition=models.Q(counted__gte=0), name="stock_count_line_counted")]

    def __str__(self) -> str:
        return f"SKU {self.sku_id} in count {self.count_id}"


class Level(models.TextChoices):
    """How much of a SKU there is, in one word."""

    FINE = "fine", _("Fine")
    LOW = "low", _("Low")
    OUT = "out", _("Out")


class ToldLevel(models.Model):
    """The level of a SKU that was told last, so that a crossing is told once.  No row: fine."""

    sku = models.OneToOneField(Sku, on_delete=models.CASCADE, primary_key=True, related_name="+")
    level = models.TextField(choices=Level.choices)

    class Meta:
        db_table = "told_level"
        constraints = [models.CheckConstraint(condition=models.Q(level__in=Level.values), name="told_level_level")]

    def __str__(self) -> str:
        return f"SKU {self.sku_id}: {self.level}"
