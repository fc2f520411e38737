"""Computes who names whom for what is kept already."""

from django.db import migrations

from inventory.references.named import names_in


def fill(apps, schema_editor):
    """Write the rows of references for drafts and versions."""
    for model, rows, owner in (
        (apps.get_model("inventory", "Item"), apps.get_model("inventory", "Reference"), "item"),
        (apps.get_model("inventory", "Version"),
         apps.get_model("inventory", "VersionReference"), "version"),
    ):
        for each in model.objects.order_by("pk").iterator(chunk_size=200):
            rows.objects.bulk_create(
                rows(**{owner: each}, type=n.type, name=n.name, role=n.role,
                     positions=list(n.positions))
                for n in names_in(each.kind, each.source)
            )


class Migration(migrations.Migration):

    dependencies = [
        ("inventory", "0002_references_and_tags"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
