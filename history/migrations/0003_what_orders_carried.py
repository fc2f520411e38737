"""What an order was asked to do, what it carried, and how each step of its way came to an end.

Of rows that are there already nobody knows what jobs returned and orders carried: they become
empty, where null says that there was nothing more to keep. A default that exists for a moment does
that without writing the rows.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

# Rows that are there already: what their notes tell for certain.
KNOWN_OUTCOMES = """
    UPDATE history_orderrunstate SET outcome = CASE state WHEN 'Finished' THEN 'failed'
                                                          ELSE 'skipped' END
     WHERE state = 'Finished' AND note IS NOT NULL
        OR note IN ('skipped: by its label', 'skipped: no admission on the order''s day',
                    'skipped: nobody will post the notice')"""


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0002_warnings_of_job_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='jobrun',
            name='returned',
            field=models.BinaryField(db_default=b'', null=True),
        ),
        migrations.AlterField(
            model_name='jobrun',
            name='returned',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='block_position',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='file_name',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='file_source',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='force_admission',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='plan',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='remain',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='orderrun',
            name='stop_positions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='orderrunstate',
            name='carried',
            field=models.BinaryField(db_default=b'', null=True),
        ),
        migrations.AlterField(
            model_name='orderrunstate',
            name='carried',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='orderrunstate',
            name='outcome',
            field=models.TextField(null=True),
        ),
        migrations.RunSQL(KNOWN_OUTCOMES, migrations.RunSQL.noop),
    ]
