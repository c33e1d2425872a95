from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('catalog', '0002_lead_days'),
    ]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            model_name='product',
            index=GinIndex(OpClass('name', name='gin_trgm_ops'), name='product_words'),
        ),
        AddIndexConcurrently(
            model_name='sku',
            index=GinIndex(OpClass('code', name='gin_trgm_ops'), OpClass('name', name='gin_trgm_ops'), name='sku_words'),
        ),
    ]
