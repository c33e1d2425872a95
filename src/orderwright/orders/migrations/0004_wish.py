import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_overpaid")]

    operations = [
        migrations.CreateModel(
            name="Wish",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="wish",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("delivery_option", models.TextField(db_default="")),
                ("gift_message", models.TextField(db_default="")),
                ("hide_prices", models.BooleanField(db_default=False)),
            ],
            options={"db_table": "order_wish"},
        ),
    ]
