"""Products and their SKUs, kits, categories, prices, and the channels we sell through."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.Model):
    code = models.TextField(unique=True)
    name = models.TextField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    version = models.IntegerField(db_default=1)  # raised by each edit: the ETag

    class Meta:
        db_table = "category"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a buyer sees; one or more SKUs are its variants."""

    code = models.TextField(unique=True)
    name = models.TextField()
    description = models.TextField(db_default="")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, related_name="products")
    picture = models.BinaryField(null=True)  # PNG or JPEG; its first bytes tell which
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "product"
        indexes = [GinIndex(OpClass("name", name="gin_trgm_ops"), name="product_words")]

    def __str__(self) -> str:
        return self.name


class WhenShort(models.TextChoices):
    """May a SKU be sold when there is none?"""

    DENY = "deny", _("Deny")
    BACKORDER = "backorder", _("Backorder")


class Sku(models.Model):
    """What is stocked, counted, priced and shipped.  A kit is a SKU made of SKUs: it has parts and no stock."""

    code = models.TextField(unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    name = models.TextField()
    is_kit = models.BooleanField(db_default=False)
    active = models.BooleanField(db_default=True)
    gtin = models.TextField(null=True, unique=True)  # 8, 12, 13 or 14 digits, check digit verified
    weight_grams = models.IntegerField(null=True)
    length_mm = models.IntegerField(null=True)
    width_mm = models.IntegerField(null=True)
    height_mm = models.IntegerField(null=True)
    customs_code = models.TextField(db_default="")  # Harmonized System, 6 to 10 digits
    origin_country = models.TextField(db_default="")  # ISO 3166-1 alpha-2
    tax_class = models.TextField(db_default="standard")
    when_short = models.TextField(choices=WhenShort.choices, db_default=WhenShort.DENY)
    backorder_limit = models.BigIntegerField(null=True)  # units that may wait at once; null: no limit
    low_stock_at = models.BigIntegerField(null=True)  # an event when availability falls to this or below
    lead_days = models.IntegerField(null=True)  # from ordering it until it can leave; null: nobody can say
    version = models.IntegerField(db_default=1)  # raised by each edit: the ETag

    class Meta:
        db_table = "sku"
        indexes = [
            GinIndex(OpClass("code", name="gin_trgm_ops"), OpClass("name", name="gin_trgm_ops"), name="sku_words")
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(when_short__in=WhenShort.values), name="sku_when_short"),
            models.CheckConstraint(condition=models.Q(backorder_limit__gte=0), name="sku_backorder_limit"),
            models.CheckConstraint(condition=models.Q(weight_grams__gte=0), name="sku_weight"),
            models.CheckConstraint(condition=models.Q(lead_days__gte=0), name="sku_lead_days"),
        ]

    def __str__(self) -> str:
        return self.code


class KitPart(models.Model):
    """So many of a part go into one kit."""

    pk = models.CompositePrimaryKey("kit_id", "part_id")
    kit = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="parts")
    part = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="kits")
    quantity = models.IntegerField()

    class Meta:
        db_table = "kit_part"
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="kit_part_quantity"),
            models.CheckConstraint(condition=~models.Q(kit=models.F("part")), name="kit_part_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.part_id} in {self.kit_id}"


class Price(models.Model):
    """What one unit costs in a currency, in millionths of it."""

    pk = models.CompositePrimaryKey("sku_id", "currency")
    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="prices")
    currency = models.TextField()  # ISO 4217
    unit_price_micros = models.BigIntegerField()

    class Meta:
        db_table = "price"
        constraints = [models.CheckConstraint(condition=models.Q(unit_price_micros__gte=0), name="price_not_negative")]

    def __str__(self) -> str:
        return f"{self.unit_price_micros / 1_000_000:.6f} {self.currency}"


class CaptureWhen(models.TextChoices):
    PLACEMENT = "placement", _("At placement")
    SHIPMENT = "shipment", _("At shipment")


class Channel(models.Model):
    """Where we sell: its currency, its number series, and how its orders are sourced and paid."""

    code = models.TextField(unique=True)
    name = models.TextField()
    currency = models.TextField()
    series = models.TextField()  # number series; channels may share one
    number_prefix = models.TextField(db_default="")
    active = models.BooleanField(db_default=True)
    prices_include_tax = models.BooleanField(db_default=True)
    sourcing = ArrayField(
        models.TextField(), db_default=["fewest_parcels", "nearest", "ranked"]
    )  # strategy names, first decides
    capture_when = models.TextField(choices=CaptureWhen.choices, db_default=CaptureWhen.PLACEMENT)
    unpaid_expires_seconds = models.IntegerField(null=True)  # null: unpaid orders wait for ever
    transfer_expires_seconds = models.IntegerField(null=True)  # the same, while a transfer is awaited; null: no other
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "channel"
        constraints = [
            models.CheckConstraint(condition=models.Q(capture_when__in=CaptureWhen.values), name="channel_capture_when")
        ]

    def __str__(self) -> str:
        return self.code
