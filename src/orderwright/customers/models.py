"""Customers and addresses: the only tables that hold a person, so that a person can be forgotten."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Now


class Customer(models.Model):
    """Someone who buys.  A guest is a customer without an account; one e-mail address is one customer."""

    email = models.TextField(null=True, unique=True)  # lower case; null: unknown, or forgotten
    reference = models.TextField(null=True, unique=True)  # "channel:their name for the customer"
    name = models.TextField(db_default="")
    phone = models.TextField(db_default="")  # E.164
    language = models.TextField(db_default="en")
    created_at = models.DateTimeField(db_default=Now())
    forgotten_at = models.DateTimeField(null=True)
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "customer"
        indexes = [  # of trigrams: a name is searched by any part of it, a phone number by its end
            GinIndex(
                OpClass("name", name="gin_trgm_ops"), OpClass("phone", name="gin_trgm_ops"), name="customer_words"
            ),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"


class Address(models.Model):
    """Where something went: a snapshot of one order, never shared, never edited in place."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="addresses", db_index=True)
    name = models.TextField(db_default="")
    company = models.TextField(db_default="")
    street = models.TextField(db_default="")  # one or more lines
    postal_code = models.TextField(db_default="")
    city = models.TextField(db_default="")
    region = models.TextField(db_default="")
    country = models.TextField(db_default="")  # ISO 3166-1 alpha-2; empty: not known
    phone = models.TextField(db_default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        db_table = "address"
        indexes = [
            models.Index("country", "id", name="address_country"),
            models.Index(Lower("city"), name="address_city"),
            models.Index(fields=["postal_code"], name="address_postal", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"address {self.pk} in {self.country}"
