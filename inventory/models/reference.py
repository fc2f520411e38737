"""Who names whom: rows made from the text of a draft or version, in the transaction that keeps it.

Nobody edits them: `inventory.references.rows` computes them, and can compute them all anew.
"""

from django.db import models

from inventory.models.item import Item, Version


class _Naming(models.Model):
    """A name in a text. `type` may also be `agent` or `agent-cluster`; `role` says what for."""

    type = models.TextField()
    name = models.TextField()
    role = models.TextField()
    positions = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.role}: {self.type} {self.name}"


class Reference(_Naming):
    """What a draft names."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="references")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["type", "name"], name="reference_to")]


class VersionReference(_Naming):
    """What a frozen version names, as its author had written it."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="references")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["type", "name"], name="version_reference_to")]
