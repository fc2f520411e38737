"""Tables of the history; those with a day are partitioned by it."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


class CreatePartitioned(migrations.CreateModel):
    """Creates the table of a model as one that is partitioned by its column `day`."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = plain + " PARTITION BY RANGE (day)"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='FollowerProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('follower', models.TextField()),
                ('controller', models.TextField()),
                ('no', models.BigIntegerField()),
                ('order_id', models.TextField()),
                ('event', models.TextField()),
                ('problem', models.TextField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='GroupCount',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'workflow', 'group', 'child', blank=True, editable=False, primary_key=True, serialize=False)),
                ('controller', models.TextField()),
                ('workflow', models.TextField()),
                ('group', models.TextField()),
                ('child', models.BooleanField()),
                ('count', models.BigIntegerField()),
            ],
        ),
        CreatePartitioned(
            name='LogChunk',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'attempt', 'last_no', 'n', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('controller', models.TextField()),
                ('attempt', models.TextField()),
                ('n', models.IntegerField()),
                ('stream', models.TextField()),
                ('length', models.IntegerField()),
                ('first_no', models.BigIntegerField()),
                ('last_no', models.BigIntegerField()),
                ('joined_bytes', models.IntegerField()),
                ('at', models.DateTimeField()),
                ('body', models.BinaryField()),
            ],
        ),
        CreatePartitioned(
            name='OrderRunState',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'run', 'no', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('controller', models.TextField()),
                ('run', models.BigIntegerField()),
                ('no', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('state', models.TextField()),
                ('suspended', models.BooleanField()),
                ('position', models.TextField()),
                ('note', models.TextField(null=True)),
            ],
        ),
        CreatePartitioned(
            name='JobRun',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'no', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('controller', models.TextField()),
                ('no', models.BigIntegerField()),
                ('run', models.BigIntegerField()),
                ('order_id', models.TextField()),
                ('workflow', models.TextField()),
                ('position', models.TextField()),
                ('label', models.TextField(null=True)),
                ('job', models.TextField()),
                ('agent', models.TextField()),
                ('attempt', models.TextField()),
                ('state', models.TextField(default='running')),
                ('lost', models.BooleanField(default=False)),
                ('return_code', models.IntegerField(null=True)),
                ('message', models.TextField(null=True)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['controller', 'started_at', 'no'], name='history_job_started'), models.Index(fields=['controller', 'run', 'no'], name='history_job_run'), models.Index(fields=['controller', 'workflow', 'started_at', 'no'], name='history_job_workflow'), models.Index(condition=models.Q(('state__in', ['failed', 'timedout', 'killed', 'disrupted'])), fields=['controller', 'started_at', 'no'], name='history_job_failed')],
            },
        ),
        migrations.CreateModel(
            name='Log',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'attempt', blank=True, editable=False, primary_key=True, serialize=False)),
                ('controller', models.TextField()),
                ('attempt', models.TextField()),
                ('day', models.DateField()),
                ('agent', models.TextField()),
                ('chunks', models.IntegerField()),
                ('lines', models.BigIntegerField()),
                ('out_bytes', models.BigIntegerField()),
                ('err_bytes', models.BigIntegerField()),
                ('open_stream', models.TextField()),
                ('open_bytes', models.IntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='history_log_day')],
            },
        ),
        CreatePartitioned(
            name='OrderRun',
            fields=[
                ('pk', models.CompositePrimaryKey('controller', 'run', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('controller', models.TextField()),
                ('run', models.BigIntegerField()),
                ('order_id', models.TextField()),
                ('parent', models.TextField(null=True)),
                ('workflow', models.TextField()),
                ('version', models.TextField()),
                ('state', models.TextField()),
                ('group', models.TextField()),
                ('suspended', models.BooleanField()),
                ('live', models.BooleanField()),
                ('position', models.TextField()),
                ('label', models.TextField(null=True)),
                ('reason', models.TextField(null=True)),
                ('until_at', models.DateTimeField(null=True)),
                ('outcome', models.TextField(null=True)),
                ('message', models.TextField(null=True)),
                ('return_code', models.IntegerField(null=True)),
                ('order_date', models.TextField(null=True)),
                ('scheduled_at', models.DateTimeField(null=True)),
                ('added_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('agent', models.TextField(null=True)),
                ('priority', models.IntegerField()),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('arguments', models.BinaryField()),
                ('job_no', models.BigIntegerField(null=True)),
                ('job_day', models.DateField(null=True)),
                ('changed_no', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['controller', 'added_at', 'run'], name='history_run_added'), models.Index(fields=['controller', 'group', 'added_at', 'run'], name='history_run_group'), models.Index(fields=['controller', 'workflow', 'added_at', 'run'], name='history_run_workflow'), models.Index(fields=['controller', 'order_id', 'run'], name='history_run_order', opclasses=['text_ops', 'text_pattern_ops', 'int8_ops']), models.Index(condition=models.Q(('parent__isnull', False)), fields=['controller', 'parent'], name='history_run_parent')],
            },
        ),
        # Bodies are compressed already: no second try, and no detour through the main table.
        migrations.RunSQL(
            "ALTER TABLE history_logchunk ALTER COLUMN body SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
