from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('kernel', '0002_throttle'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(models.F('id'), condition=models.Q(('actor__startswith', 'staff:')), name='event_acts'),
        ),
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(models.F('actor'), models.F('id'), condition=models.Q(('actor__startswith', 'staff:')), name='event_acts_of'),
        ),
    ]
