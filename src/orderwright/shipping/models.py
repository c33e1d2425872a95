"""Delivery options; shipments and their packages; questions to carriers, labels, and scans."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.fulfilment.models import FulfilmentLine
from orderwright.inventory.models import Location
from orderwright.kernel.models import NextId
from orderwright.orders.models import Line, Order
from orderwright.shipping.stages import Stage


class Handover(models.TextChoices):
    """How the goods reach the buyer."""

    DELIVERY = "delivery", _("Delivery")
    SAME_DAY = "same_day", _("Delivery today")  # offered while all can leave today, and before its cut-off
    PICKUP = "pickup", _("Pickup")  # the buyer fetches them at a location


class DeliveryOption(models.Model):
    """A way of delivery that the shop offers: a carrier's product, where it goes, how long it takes, what it costs."""

    code = models.TextField(unique=True)
    name = models.TextField()
    carrier = models.TextField(db_default="")  # the adapter's code; empty: labels are made by hand
    carrier_service = models.TextField(db_default="")  # the carrier's name for its product
    countries = ArrayField(models.TextField(), db_default=[])  # ISO 3166-1 alpha-2; none: everywhere
    days_least = models.SmallIntegerField(db_default=1)  # from leaving to delivery
    days_most = models.SmallIntegerField(db_default=3)
    rank = models.IntegerField(db_default=100)  # the lowest that goes there is the default
    active = models.BooleanField(db_default=True)
    kind = models.TextField(choices=Handover.choices, db_default=Handover.DELIVERY)
    cut_off = models.TimeField(null=True)  # of same-day delivery: ordered by then, where the goods leave
    price_minor = models.BigIntegerField(null=True)  # to the buyer; null: what the carrier asks
    currency = models.TextField(db_default="")  # of the price
    free_from_minor = models.BigIntegerField(null=True)  # goods worth so much are delivered for nothing
    pickup_at = models.TextField(db_default="")  # the code of the location where the goods are fetched
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "delivery_option"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Handover.values), name="delivery_option_kind"),
            models.CheckConstraint(
                condition=models.Q(days_least__gte=0, days_most__gte=models.F("days_least")),
                name="delivery_option_days",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ShipmentState(models.TextChoices):
    PREPARED = "prepared", _("Prepared")  # packed; it has not left
    SHIPPED = "shipped", _("Shipped")
    DISCARDED = "discarded", _("Discarded")  # unpacked again


class Shipment(models.Model):
    """What leaves a location together for one order: one or more packages with one delivery option."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("shipment_id_seq"))
    name = models.TextField(unique=True)  # the order's number, "-S", and 1, 2, 3 …
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+", db_index=False)
    option = models.ForeignKey(DeliveryOption, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.TextField(choices=ShipmentState.choices)
    prepared_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shipment"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ShipmentState.values), name="shipment_state")
        ]
        indexes = [
            models.Index("location", "id", name="shipment_prepared", condition=models.Q(state=ShipmentState.PREPARED))
        ]

    def __str__(self) -> str:
        return self.name


class Package(models.Model):
    """A box.  Its stage is what its scans say; a projection with one writer, `shipping.tracking`."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("package_id_seq"))
    name = models.TextField(unique=True)  # the shipment's name, "/", and 1, 2, 3 …
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="packages")
    weight_grams = models.IntegerField(null=True)
    length_mm = models.IntegerField(null=True)
    width_mm = models.IntegerField(null=True)
    height_mm = models.IntegerField(null=True)
    carrier = models.TextField(db_default="")  # who brings it; a name written by hand, or an adapter's code
    tracking_number = models.TextField(null=True)
    tracking_url = models.TextField(db_default="")
    stage = models.TextField(choices=Stage.choices, db_default=Stage.PREPARED)
    stage_at = models.DateTimeField()  # when that happened
    settled = models.TextField(db_default="")  # what its units followed last: see shipping.tracking.Settled
    look_at = models.DateTimeField(null=True)  # when its carrier is asked where it is; null: it is not asked

    class Meta:
        db_table = "package"
        constraints = [
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="package_stage"),
            models.UniqueConstraint(
                fields=["carrier", "tracking_number"],
                condition=models.Q(tracking_number__isnull=False),
                name="package_tracking",
            ),
        ]
        indexes = [
            models.Index("tracking_number", name="package_number", condition=models.Q(tracking_number__isnull=False)),
            models.Index("carrier", "look_at", name="package_to_look_at", condition=models.Q(look_at__isnull=False)),
            models.Index("stage_at", name="package_under_way", condition=models.Q(settled="")),
            models.Index("stage_at", name="package_undecided", condition=models.Q(settled__in=["lost", "returned"])),
        ]

    def __str__(self) -> str:
        return self.name


class PackageContent(models.Model):
    """So many units of an order line, done by a fulfilment line, are in this package.

    Foreign keys would cost as much as all else that is written when it leaves; the audit ties these lines.
    """

    pk = models.CompositePrimaryKey("package_id", "fulfilment_line_id")
    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, related_name="contents", db_index=False, db_constraint=False
    )
    fulfilment_line = models.ForeignKey(
        FulfilmentLine, on_delete=models.PROTECT, related_name="contents", db_constraint=False
    )
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "package_content"
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="package_content_quantity")]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id} in package {self.package_id}"


class CarrierQuestion(models.Model):
    """One question to a carrier, with its answer.  Its id is the key that the carrier gets."""

    id = models.UUIDField(primary_key=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="questions")
    carrier = models.TextField()
    verb = models.TextField()  # label, void
    asked_at = models.DateTimeField()
    ask_again_at = models.DateTimeField(null=True)  # null when the answer is final
    tries = models.IntegerField(db_default=0)
    answer = models.TextField(null=True)  # labelled, voided, refused, withdrawn (never asked); null: not known
    answered_at = models.DateTimeField(null=True)
    tracking_number = models.TextField(db_default="")  # that it brought; of a label that is to be void: which one
    price_minor = models.BigIntegerField(null=True)
    currency = models.TextField(db_default="")
    reason = models.TextField(db_default="")  # shipping.reasons
    message = models.TextField(db_default="")  # the carrier's words

    class Meta:
        db_table = "carrier_question"
        constraints = [
            models.UniqueConstraint(  # never two labels for one package
                fields=["package", "verb"],
                condition=models.Q(ask_again_at__isnull=False),
                name="carrier_question_open_once",
            )
        ]
        indexes = [
            models.Index(
                "carrier", "ask_again_at", name="carrier_question_due", condition=models.Q(ask_again_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"


class Label(models.Model):
    """The document that is stuck on a package."""

    package = models.OneToOneField(Package, on_delete=models.PROTECT, primary_key=True, related_name="label")
    document = models.BinaryField()  # PDF
    made_at = models.DateTimeField()

    class Meta:
        db_table = "label"

    def __str__(self) -> str:
        return f"label of package {self.pk}"


class Scan(models.Model):
    """What a carrier, or somebody here, said of a package.  Never updated but to find its package; told once."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("scan_id_seq"))
    carrier = models.TextField()
    message_id = models.TextField()
    tracking_number = models.TextField()
    package = models.ForeignKey(Package, on_delete=models.PROTECT, null=True, related_name="scans", db_index=False)
    stage = models.TextField(choices=Stage.choices)
    happened_at = models.DateTimeField()
    time_zone = models.TextField(db_default="UTC")
    place = models.TextField(db_default="")
    words = models.TextField(db_default="")
    taken_by = models.TextField(db_default="")  # who took it: a person's name, or "a neighbour"
    left_where = models.TextField(db_default="")  # "in the garage"
    told_by = models.TextField()  # webhook, polling, hand
    received_at = models.DateTimeField()

    class Meta:
        db_table = "scan"
        constraints = [
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="scan_stage"),
            models.UniqueConstraint(fields=["carrier", "message_id"], name="scan_once"),
        ]
        indexes = [
            models.Index("package", "happened_at", name="scan_of_package"),
            models.Index("tracking_number", name="scan_of_nothing", condition=models.Q(package__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.tracking_number}"


class LearnedRate(models.Model):
    """What a carrier's product cost when it was asked last: from a country to a country, up to a weight.

    Known prices for when the carrier does not answer; nothing is lost with them.
    """

    pk = models.CompositePrimaryKey("carrier", "carrier_service", "sender_country", "receiver_country", "up_to_grams")
    carrier = models.TextField()
    carrier_service = models.TextField()
    sender_country = models.TextField()
    receiver_country = models.TextField()
    up_to_grams = models.IntegerField()
    price_minor = models.BigIntegerField()
    currency = models.TextField()
    days_least = models.SmallIntegerField()
    days_most = models.SmallIntegerField()
    learned_at = models.DateTimeField()

    class Meta:
        db_table = "learned_rate"

    def __str__(self) -> str:
        return f"{self.carrier_service} {self.sender_country}-{self.receiver_country} to {self.up_to_grams} g"
