"""Indexes texts for the search.

Without the extension pg_trgm, or the right to make it, the search reads all texts.
"""

from django.db import DatabaseError, migrations, transaction

COLUMNS = ("path", "title", "source")


def index(apps, schema_editor):
    """Make the indexes that find a part of a text, where the database can have them."""
    with schema_editor.connection.cursor() as cursor:
        try:
            with transaction.atomic(using=schema_editor.connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            return
        for column in COLUMNS:
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS item_{column}_part ON inventory_item"
                f" USING gin (upper({column}) gin_trgm_ops) WITH (fastupdate = off)"
            )


def unindex(apps, schema_editor):
    """Take the indexes away."""
    with schema_editor.connection.cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(f"DROP INDEX IF EXISTS item_{column}_part")


class Migration(migrations.Migration):

    dependencies = [
        ("inventory", "0003_fill_references"),
    ]

    operations = [
        migrations.RunPython(index, unindex),
    ]
