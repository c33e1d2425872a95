from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_finding'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='transfer_expires_seconds',
            field=models.IntegerField(null=True),
        ),
    ]
