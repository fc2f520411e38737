"""What agents say of their machines; the previous release runs on these columns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns with defaults of the database."""

    dependencies = [
        ('controller', '0004_facts_and_queues'),
    ]

    operations = [
        migrations.AddField('link', 'host', models.TextField(db_default='', default='')),
        migrations.AddField('link', 'version', models.TextField(db_default='', default='')),
        migrations.AddField('link', 'processes', models.IntegerField(db_default=0, default=0)),
        migrations.AddField('link', 'ahead_us', models.BigIntegerField(null=True)),
    ]
