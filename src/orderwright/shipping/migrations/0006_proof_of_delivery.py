from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipping", "0005_terms")]

    operations = [
        migrations.AddField("scan", "taken_by", models.TextField(db_default="")),
        migrations.AddField("scan", "left_where", models.TextField(db_default="")),
    ]
