"""What people should look at in job runs that have ended."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0001_runs_and_logs'),
    ]

    operations = [
        migrations.AddField(
            model_name='jobrun',
            name='criticality',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='jobrun',
            name='warnings',
            field=models.JSONField(null=True),
        ),
    ]
