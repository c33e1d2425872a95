from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipping", "0004_rates")]

    operations = [
        migrations.AddField("deliveryoption", "cut_off", models.TimeField(null=True)),
        migrations.AddField("deliveryoption", "price_minor", models.BigIntegerField(null=True)),
        migrations.AddField("deliveryoption", "currency", models.TextField(db_default="")),
        migrations.AddField("deliveryoption", "free_from_minor", models.BigIntegerField(null=True)),
        migrations.AddField("deliveryoption", "pickup_at", models.TextField(db_default="")),
        migrations.AddField(
            "deliveryoption",
            "kind",
            models.TextField(
                choices=[("delivery", "Delivery"), ("same_day", "Delivery today"), ("pickup", "Pickup")],
                db_default="delivery",
            ),
        ),
        migrations.AddConstraint(
            "deliveryoption",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ["delivery", "same_day", "pickup"])), name="delivery_option_kind"
            ),
        ),
    ]
