"""Big requests go on behind a cursor, with their answers so far."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """New columns with defaults; the previous release runs on them."""

    dependencies = [("controller", "0002_storage")]
    operations = [
        migrations.AddField("command", "cursor", models.IntegerField(default=0, db_default=0)),
        migrations.AddField("command", "partial", models.BinaryField(null=True)),
    ]
