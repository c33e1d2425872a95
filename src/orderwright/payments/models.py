"""Tenders (means of payment on an order), the TENDERS book's sheets and entries, and what providers were asked."""

from django.db import models
from django.db.models.functions import Now

from orderwright.kernel.books import not_negative
from orderwright.kernel.models import BookEntry, NextId
from orderwright.orders.models import Order

TENDER_BUCKETS = (
    "awaited", "authorizing", "authorized", "capturing", "captured", "refunding", "refunded", "voiding", "voided"
)  # fmt: skip


class Tender(models.Model):
    """One means of payment on an order."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("tender_id_seq"))
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="tenders")
    method = models.TextField()  # a provider's code, or one of payments.methods: bank_transfer, cash_on_delivery …
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    reference = models.TextField(db_default="")  # the provider's name for the authorization
    expires_at = models.DateTimeField(null=True)  # when the authorization ends
    warned_at = models.DateTimeField(null=True)  # when it was told that the authorization is near its end

    class Meta:
        db_table = "tender"
        constraints = [models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="tender_amount")]
        indexes = [
            models.Index("expires_at", name="tender_expiring", condition=models.Q(expires_at__isnull=False)),
            models.Index(
                "expires_at",
                name="tender_not_warned",
                condition=models.Q(expires_at__isnull=False, warned_at__isnull=True),
            ),
            models.Index("method", "reference", name="tender_reference", condition=~models.Q(reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.method} of order {self.order_id}"


class TenderSheet(models.Model):
    """Where the money of a tender is, in minor units.  A projection: `books.post` keeps it."""

    pk = models.CompositePrimaryKey("holder_id", "place_id")
    holder = models.ForeignKey(
        Tender, on_delete=models.PROTECT, related_name="sheets", db_index=False, db_constraint=False
    )
    place_id = models.BigIntegerField(db_default=0)  # always 0: money has no place
    awaited = models.BigIntegerField(db_default=0)
    authorizing = models.BigIntegerField(db_default=0)
    authorized = models.BigIntegerField(db_default=0)
    capturing = models.BigIntegerField(db_default=0)
    captured = models.BigIntegerField(db_default=0)
    refunding = models.BigIntegerField(db_default=0)
    refunded = models.BigIntegerField(db_default=0)
    voiding = models.BigIntegerField(db_default=0)
    voided = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "tender_sheet"
        constraints = [not_negative("tender_sheet", bucket) for bucket in TENDER_BUCKETS]

    def __str__(self) -> str:
        return f"tender {self.holder_id}"


class TenderEntry(BookEntry):
    """Some money of a tender moved."""

    id = models.BigIntegerField(db_default=NextId("tender_entry_id_seq"))

    class Meta:
        db_table = "tender_entry"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="tender_entry_amount")]

    def __str__(self) -> str:
        return f"{self.amount} of tender {self.holder_id}: {self.source} to {self.target}"


class Attempt(models.Model):
    """One question to a provider, with its answer.  Its id is the idempotency key that the provider gets."""

    id = models.UUIDField(primary_key=True)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="attempts")
    provider = models.TextField()  # the tender's method
    verb = models.TextField()  # authorize, capture, void, refund
    amount_minor = models.BigIntegerField()
    token = models.TextField(db_default="")  # what the payer's browser gave for an authorization; emptied when answered
    asked_at = models.DateTimeField()
    ask_again_at = models.DateTimeField(null=True)  # null when the answer is final
    tries = models.IntegerField(db_default=0)
    answer = models.TextField(null=True)  # approved, declined; action_required, which is not final; null: not known
    answered_at = models.DateTimeField(null=True)
    reference = models.TextField(db_default="")
    reason = models.TextField(db_default="")
    message = models.TextField(db_default="")
    action_url = models.TextField(db_default="")

    class Meta:
        db_table = "payment_attempt"
        indexes = [
            models.Index(
                "provider", "ask_again_at", name="attempt_unanswered", condition=models.Q(ask_again_at__isnull=False)
            ),
            models.Index(
                "answered_at",
                name="attempt_capture_declined",
                condition=models.Q(verb="capture", answer="declined"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"


class Receipt(models.Model):
    """Money of a tender that came by itself and was marked as received."""

    id = models.BigAutoField(primary_key=True)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="receipts")
    event_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    received_on = models.DateField()
    reference = models.TextField(db_default="")  # what the bank statement says; may name a person, so it is no fact

    class Meta:
        db_table = "payment_receipt"
        constraints = [models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="payment_receipt_amount")]

    def __str__(self) -> str:
        return f"{self.amount_minor} of tender {self.tender_id}"


class ProviderMessage(models.Model):
    """What a provider told us by itself, kept once by the provider's own id for it.

    One that speaks of a question or reference that is not known here waits, unmatched, until it is.
    """

    pk = models.CompositePrimaryKey("provider", "message_id")
    provider = models.TextField()
    message_id = models.TextField()
    received_at = models.DateTimeField(db_default=Now())
    told = models.JSONField()  # payments.ports.Told, as payments.hearing writes it
    reference = models.TextField(db_default="")  # of the authorization that it speaks of, where it names one
    matched_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "provider_message"
        indexes = [
            models.Index("provider", "reference", name="message_waiting", condition=models.Q(matched_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.message_id}"
