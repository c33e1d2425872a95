"""Credit accounts (a gift card, or a customer's credit in a currency), and the CREDIT book's sheets and entries."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.customers.models import Customer
from orderwright.kernel.books import not_negative
from orderwright.kernel.models import BookEntry, NextId

CREDIT_BUCKETS = ("available", "held", "spent")


class CreditKind(models.TextChoices):
    GIFT_CARD = "gift_card", _("Gift card")
    STORE_CREDIT = "store_credit", _("Store credit")


class CreditAccount(models.Model):
    """Something that orders can be paid from.  Whoever knows a gift card's code has it; only its digest is kept."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId("credit_account_id_seq"))
    kind = models.TextField(choices=CreditKind.choices)
    currency = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="credits")
    digest = models.BinaryField(null=True, unique=True)  # SHA-256 of a gift card's code
    last_four = models.TextField(db_default="")
    expires_on = models.DateField(null=True)  # the last day on which it can be spent
    disabled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "credit_account"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=CreditKind.values), name="credit_account_kind"),
            models.CheckConstraint(
                condition=models.Q(kind="gift_card", digest__isnull=False, customer__isnull=True)
                | models.Q(kind="store_credit", digest__isnull=True, customer__isnull=False),
                name="credit_account_whose",
            ),
            models.UniqueConstraint(
                fields=["customer", "currency"],
                name="credit_account_once",
                condition=models.Q(kind="store_credit"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class CreditSheet(models.Model):
    """Where the money of an account is, in minor units.  A projection: `books.post` keeps it."""

    pk = models.CompositePrimaryKey("holder_id", "place_id")
    holder = models.ForeignKey(
        CreditAccount, on_delete=models.PROTECT, related_name="sheets", db_index=False, db_constraint=False
    )
    place_id = models.BigIntegerField(db_default=0)  # always 0: money has no place
    available = models.BigIntegerField(db_default=0)
    held = models.BigIntegerField(db_default=0)
    spent = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "credit_sheet"
        constraints = [not_negative("credit_sheet", bucket) for bucket in CREDIT_BUCKETS]

    def __str__(self) -> str:
        return f"credit {self.holder_id}"


class CreditEntry(BookEntry):
    """Some money of an account moved."""

    id = models.BigIntegerField(db_default=NextId("credit_entry_id_seq"))

    class Meta:
        db_table = "credit_entry"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="credit_entry_amount")]

    def __str__(self) -> str:
        return f"{self.amount} of credit {self.holder_id}: {self.source} to {self.target}"
