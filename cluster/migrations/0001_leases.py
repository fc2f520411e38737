"""Leases, nodes, the log of take-overs, and the runs of background services."""

import django.db.models.functions.datetime
from django.db import migrations, models


# Rows that are updated several times a second: half-empty pages keep every new version on the page
# of the old one (no index is touched), and vacuum must not wait for a share of a one-row table.
_BUSY = """
    ALTER TABLE {0} SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0,
                         autovacuum_vacuum_threshold = 500)"""
_CALM = """
    ALTER TABLE {0} RESET (fillfactor, autovacuum_vacuum_scale_factor,
                           autovacuum_vacuum_threshold)"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('role', models.TextField(primary_key=True, serialize=False)),
                ('term', models.BigIntegerField(db_default=0)),
                ('holder', models.TextField(null=True)),
                ('beat', models.BigIntegerField(db_default=0)),
                ('phase', models.TextField(choices=[('active', 'active'), ('draining', 'draining'), ('released', 'released'), ('shutdown', 'shutdown')], db_default='released')),
                ('intended', models.TextField(null=True)),
                ('note', models.TextField(db_default='')),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'cluster_lease',
            },
        ),
        migrations.CreateModel(
            name='LeaseEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.TextField()),
                ('term', models.BigIntegerField()),
                ('kind', models.TextField(choices=[('TookOver', 'TookOver'), ('SwitchedOver', 'SwitchedOver'), ('Draining', 'Draining'), ('Resumed', 'Resumed'), ('Released', 'Released'), ('ShutDown', 'ShutDown'), ('Deposed', 'Deposed'), ('GaveWay', 'GaveWay')])),
                ('who', models.TextField()),
                ('detail', models.JSONField(db_default={})),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'cluster_lease_event',
                'indexes': [models.Index(fields=['role', '-id'], name='cluster_event_role')],
            },
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.TextField()),
                ('node', models.TextField()),
                ('incarnation', models.TextField(db_default='')),
                ('coupled_no', models.BigIntegerField(null=True)),
                ('url', models.TextField(db_default='')),
                ('version', models.TextField(db_default='')),
                ('beat', models.BigIntegerField(db_default=0)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'cluster_node',
                'constraints': [models.UniqueConstraint(fields=('role', 'node'), name='cluster_node_name')],
            },
        ),
        migrations.CreateModel(
            name='ServiceRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service', models.TextField()),
                ('planned_at', models.DateTimeField()),
                ('term', models.BigIntegerField()),
                ('holder', models.TextField()),
                ('state', models.TextField(choices=[('running', 'running'), ('finished', 'finished'), ('failed', 'failed'), ('abandoned', 'abandoned')])),
                ('counts', models.JSONField(db_default={})),
                ('problem', models.TextField(db_default='')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'cluster_service_run',
                'constraints': [models.UniqueConstraint(fields=('service', 'planned_at'), name='cluster_run_key')],
            },
        ),
        migrations.RunSQL(_BUSY.format("cluster_lease"), _CALM.format("cluster_lease")),
        migrations.RunSQL(_BUSY.format("cluster_node"), _CALM.format("cluster_node")),
    ]
