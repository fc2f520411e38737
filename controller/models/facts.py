"""What the controller knows besides orders, as rows: facts, and who waits for them.

Most turns touch none of them. The controller alone writes them; others may read.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate


class Fact(models.Model):
    """A lock, notice, workflow, plan or throttle that somebody has touched, see `engine.facts`.

    One that is the default value of its kind has no row. `due_us` is when the clock changes it,
    `unfinished` while orders that wait for it are still to be looked at.
    """

    pk = models.CompositePrimaryKey("controller", "kind", "name", "key")
    controller = models.TextField()
    kind = models.TextField()
    name = models.TextField()
    key = models.TextField()
    body = models.BinaryField()
    due_us = models.BigIntegerField(null=True)
    unfinished = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["controller", "due_us"], name="fact_due", condition=Q(due_us__isnull=False)
            ),
            models.Index(
                fields=["controller"], name="fact_unfinished", condition=Q(unfinished=True)
            ),
        ]


class Waiter(models.Model):
    """The place of an order in the queue of a fact.

    Queues go by negative priority, then by the number under which the order came.
    """

    pk = models.CompositePrimaryKey("controller", "order_id", "kind", "name", "key")
    controller = models.TextField()
    order_id = models.TextField()
    kind = models.TextField()
    name = models.TextField()
    key = models.TextField()
    negative_priority = models.BigIntegerField()
    no = models.BigIntegerField()

    class Meta:
        indexes = [
            # By code points, as the engine compares: a locale of the server may order otherwise.
            models.Index(
                "controller",
                "kind",
                "name",
                "key",
                "negative_priority",
                "no",
                Collate("order_id", "C"),
                name="waiter_queue",
            ),
        ]
