"""Indexes by which lists find customers, made while the shop goes on."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0002_trigrams")]

    operations = [
        AddIndexConcurrently(
            "customer",
            GinIndex(OpClass("name", name="gin_trgm_ops"), OpClass("phone", name="gin_trgm_ops"), name="customer_words"),
        ),
        AddIndexConcurrently("address", models.Index("country", "id", name="address_country")),
        AddIndexConcurrently("address", models.Index(Lower("city"), name="address_city")),
        AddIndexConcurrently(
            "address", models.Index(fields=["postal_code"], name="address_postal", opclasses=["text_pattern_ops"])
        ),
    ]
