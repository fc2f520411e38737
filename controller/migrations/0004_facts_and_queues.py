"""Locks, notices and queues as rows; orders of a workflow are read in slices, by code points."""

import django.db.models.functions.comparison
from django.db import migrations, models


SET = """
ALTER TABLE controller_fact SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 1000);
ALTER TABLE controller_waiter SET (autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 1000);
"""
RESET = """
ALTER TABLE controller_fact RESET (fillfactor, autovacuum_vacuum_scale_factor,
  autovacuum_vacuum_threshold);
ALTER TABLE controller_waiter RESET (autovacuum_vacuum_scale_factor,
  autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    """New tables and an index in place of another; the previous release runs on them."""

    dependencies = [
        ('controller', '0003_big_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'kind', 'name', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('controller', models.TextField()),
                ('kind', models.TextField()),
                ('name', models.TextField()),
                ('key', models.TextField()),
                ('body', models.BinaryField()),
                ('due_us', models.BigIntegerField(null=True)),
                ('unfinished', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Waiter',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'order_id', 'kind', 'name', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('controller', models.TextField()),
                ('order_id', models.TextField()),
                ('kind', models.TextField()),
                ('name', models.TextField()),
                ('key', models.TextField()),
                ('negative_priority', models.BigIntegerField()),
                ('no', models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name='orderrow',
            name='order_workflow',
        ),
        migrations.AddIndex(
            model_name='orderrow',
            index=models.Index(models.F('controller'), models.F('workflow'), django.db.models.functions.comparison.Collate('order_id', 'C'), name='order_of_workflow'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('due_us__isnull', False)), fields=['controller', 'due_us'], name='fact_due'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('unfinished', True)), fields=['controller'], name='fact_unfinished'),
        ),
        migrations.AddIndex(
            model_name='waiter',
            index=models.Index(models.F('controller'), models.F('kind'), models.F('name'), models.F('key'), models.F('negative_priority'), models.F('no'), django.db.models.functions.comparison.Collate('order_id', 'C'), name='waiter_queue'),
        ),
        migrations.RunSQL(SET, RESET),
    ]
