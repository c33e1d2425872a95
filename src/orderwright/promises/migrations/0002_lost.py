from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('promises', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='promise',
            name='reason',
            field=models.TextField(choices=[('in_stock', 'In stock'), ('in_work', 'In work'), ('receipt', 'Expected'), ('lead_time', 'To be ordered'), ('on_its_way', 'On its way'), ('lost', 'Its parcel was lost'), ('unknown', 'Nobody can say yet')]),
        ),
        migrations.RemoveConstraint(model_name='promise', name='promise_reason'),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['in_stock', 'in_work', 'receipt', 'lead_time', 'on_its_way', 'lost', 'unknown'])), name='promise_reason'),
        ),
    ]
