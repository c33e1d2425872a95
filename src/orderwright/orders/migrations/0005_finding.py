"""Indexes by which lists find orders, made while the shop goes on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0004_wish")]

    operations = [
        AddIndexConcurrently("order", models.Index("ship_to", name="orders_ship_to")),
        AddIndexConcurrently("line", models.Index("sku", "order", name="order_line_sku")),
        AddIndexConcurrently("summary", models.Index("payment", "placed_at", "order_id", name="summary_payment")),
        AddIndexConcurrently("summary", models.Index("fulfilment", "placed_at", "order_id", name="summary_fulfilment")),
        AddIndexConcurrently("summary", models.Index("channel_id", "placed_at", "order_id", name="summary_channel")),
    ]
