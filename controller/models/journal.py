"""The journal: what happened, in the order of its numbers. Written by the one fenced writer."""

from django.db import models


class JournalBatch(models.Model):
    """The events of one turn, in one row.

    The primary key is the compare-and-swap: two writers that believe in the same last number
    cannot both commit. `body` is a zstd frame of msgpack, see `controller.journal`.
    """

    pk = models.CompositePrimaryKey("controller", "first_no")
    controller = models.TextField()
    first_no = models.BigIntegerField()
    last_no = models.BigIntegerField()
    batch = models.UUIDField(unique=True)
    term = models.BigIntegerField()
    at_us = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["controller", "last_no"], name="journal_last_no")
        ]


class JournalIndex(models.Model):
    """Which turns speak of an order: for look-ups by order id."""

    pk = models.CompositePrimaryKey("controller", "order_id", "first_no")
    controller = models.TextField()
    order_id = models.TextField()
    first_no = models.BigIntegerField()
