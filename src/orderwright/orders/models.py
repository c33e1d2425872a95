"""Orders, their lines and adjustments; the LINES book's sheets and entries; holds, notes, wishes, tags; the
summary."""

from django.db import models
from django.db.models.functions import Now

from orderwright.catalog.models import Channel, Sku
from orderwright.customers.models import Address, Customer
from orderwright.kernel.books import not_negative
from orderwright.kernel.models import BookEntry, NextId

LINE_BUCKETS = ("open", "backordered", "reserved", "released", "shipped", "delivered", "returned", "lost", "canceled")


class Order(models.Model):
    """What a customer asked for.  What became of it stands in the books; this row is only written once."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("orders_id_seq"))
    number = models.TextField(unique=True)  # gap-free in its series
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="orders", db_index=False)
    reference = models.TextField(null=True)  # the channel's own name for the order
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    ship_to = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    bill_to = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    currency = models.TextField()
    when_short = models.TextField()  # refuse, backorder, take_what_there_is: what the buyer agreed to
    placed_at = models.DateTimeField()

    class Meta:
        db_table = "orders"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "reference"],
                condition=models.Q(reference__isnull=False),
                name="orders_channel_reference",
            )
        ]
        indexes = [models.Index("ship_to", name="orders_ship_to")]

    def __str__(self) -> str:
        return self.number


class Line(models.Model):
    """So many of a SKU, at a price.  A kit's line has a part line for each part: `parent` set, price zero.

    Part lines and lines of plain SKUs have sheets in the LINES book; a kit's own line has none.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId("order_line_id_seq"))
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.IntegerField()  # 1, 2, 3 … in the order; parts follow their kit
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts", db_index=False)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_kit = models.BooleanField(db_default=False)
    name = models.TextField()  # as it was called when it was sold
    quantity = models.BigIntegerField()
    unit_price_micros = models.BigIntegerField()  # as its source gave it, in millionths of the currency
    total_minor = models.BigIntegerField()  # quantity x unit price, rounded once, half away from zero
    is_added = models.BooleanField(db_default=False)  # by an edit: what was off the order before is not off this

    class Meta:
        db_table = "order_line"
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="order_line_quantity"),
            models.CheckConstraint(condition=models.Q(unit_price_micros__gte=0), name="order_line_price"),
        ]
        indexes = [models.Index("sku", "order", name="order_line_sku")]

    def __str__(self) -> str:
        return f"line {self.position} of order {self.order_id}"


class AdjustmentKind(models.TextChoices):
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    FEE = "fee"
    TAX = "tax"
    GOODWILL = "goodwill"  # let off after it was sold; like shipping, it belongs to no line
    CANCELLATION = "cancellation"  # takes back the worth of canceled units


class Adjustment(models.Model):
    """A signed amount on an order or on one of its lines.

    An included one (a tax inside the prices) tells what is in the total and does not change it.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId("order_adjustment_id_seq"))
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="adjustments")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="adjustments", db_index=False)
    kind = models.TextField(choices=AdjustmentKind.choices)
    label = models.TextField()
    amount_minor = models.BigIntegerField()
    included = models.BooleanField(db_default=False)

    class Meta:
        db_table = "order_adjustment"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=AdjustmentKind.values), name="adjustment_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of order {self.order_id}"


class LineSheet(models.Model):
    """Where the units of a line are, by location (0: nowhere yet).  A projection: `books.post` keeps it.

    No foreign key: whatever is placed would pay for it, and the audit ties sheets to their lines.
    """

    pk = models.CompositePrimaryKey("holder_id", "place_id")
    holder = models.ForeignKey(
        Line, on_delete=models.PROTECT, related_name="sheets", db_index=False, db_constraint=False
    )
    place_id = models.BigIntegerField()
    open = models.BigIntegerField(db_default=0)
    backordered = models.BigIntegerField(db_default=0)
    reserved = models.BigIntegerField(db_default=0)
    released = models.BigIntegerField(db_default=0)
    shipped = models.BigIntegerField(db_default=0)
    delivered = models.BigIntegerField(db_default=0)
    returned = models.BigIntegerField(db_default=0)
    lost = models.BigIntegerField(db_default=0)
    canceled = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "line_sheet"
        constraints = [not_negative("line_sheet", bucket) for bucket in LINE_BUCKETS]
        indexes = [
            models.Index("holder_id", name="line_sheet_waiting", condition=models.Q(backordered__gt=0)),
        ]

    def __str__(self) -> str:
        return f"line {self.holder_id} at {self.place_id}"


class LineEntry(BookEntry):
    """Some units of a line moved on."""

    id = models.BigIntegerField(db_default=NextId("line_entry_id_seq"))

    class Meta:
        db_table = "line_entry"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="line_entry_amount")]

    def __str__(self) -> str:
        return f"{self.amount} of line {self.holder_id}: {self.source} to {self.target}"


class Hold(models.Model):
    """A reason not to go on yet.  An order may have several; it moves again when all are lifted."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    note = models.TextField(db_default="")
    placed_by = models.TextField()
    placed_at = models.DateTimeField(db_default=Now())
    lifted_by = models.TextField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "order_hold"

    def __str__(self) -> str:
        return f"{self.reason} on order {self.order_id}"


class Note(models.Model):
    """What someone wrote down about an order; erased when its customer is forgotten."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    written_by = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "order_note"

    def __str__(self) -> str:
        return f"note on order {self.order_id}"


class Wish(models.Model):
    """What a buyer wished of how an order is handed over.  Orders of which nothing was wished have no row."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="wish")
    delivery_option = models.TextField(db_default="")  # an option's code: `shipping` is above; empty: the default
    gift_message = models.TextField(db_default="")  # in the buyer's words; erased when the customer is forgotten
    hide_prices = models.BooleanField(db_default=False)  # what comes with the goods names no prices

    class Meta:
        db_table = "order_wish"

    def __str__(self) -> str:
        return f"wish of order {self.order_id}"


class Tag(models.Model):
    pk = models.CompositePrimaryKey("order_id", "tag")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="tags", db_index=False)
    tag = models.TextField()

    class Meta:
        db_table = "order_tag"
        indexes = [models.Index("tag", "order_id", name="order_tag_tag")]

    def __str__(self) -> str:
        return self.tag


class Summary(models.Model):
    """An order in one row, for lists.  A projection with one writer, `orders.summary`, that a rebuild must equal."""

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, primary_key=True, related_name="summary", db_constraint=False
    )
    customer_id = models.BigIntegerField()
    channel_id = models.BigIntegerField()
    placed_at = models.DateTimeField()
    status = models.TextField()  # orders.status.Status
    fulfilment = models.TextField()  # orders.status.Fulfilment
    payment = models.TextField()  # orders.status.Payment
    total_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(db_default=0)
    refunded_minor = models.BigIntegerField(db_default=0)
    secured_minor = models.BigIntegerField(db_default=0)  # authorized and not yet captured
    units = models.BigIntegerField()
    holds = models.IntegerField(db_default=0)

    class Meta:
        db_table = "order_summary"
        indexes = [
            models.Index("placed_at", "order_id", name="summary_placed"),
            models.Index("status", "placed_at", "order_id", name="summary_status"),
            models.Index("payment", "placed_at", "order_id", name="summary_payment"),
            models.Index("fulfilment", "placed_at", "order_id", name="summary_fulfilment"),
            models.Index("channel_id", "placed_at", "order_id", name="summary_channel"),
            models.Index("customer_id", "placed_at", "order_id", name="summary_customer"),
            models.Index("order_id", name="summary_overpaid", condition=models.Q(payment="overpaid")),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.order_id}"
