"""The controller's state as rows. The controller alone writes them; others may read.

Bodies are msgpack in `bytea`, because `jsonb` refuses the NUL character that jobs may write.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate


class OrderRow(models.Model):
    """An order as it is now: the whole value without results in `body`, look-ups in columns."""

    pk = models.CompositePrimaryKey("controller", "order_id")
    controller = models.TextField()
    order_id = models.TextField()
    run = models.BigIntegerField()
    workflow = models.TextField()
    version = models.TextField()
    state = models.TextField()
    group = models.TextField()
    position = models.TextField()
    parent = models.TextField(null=True)  # noqa: DJ001  # null is "no parent", and its index is partial
    agent = models.TextField(null=True)  # noqa: DJ001  # null is "with the controller"
    due_us = models.BigIntegerField(null=True)
    changed_no = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(
                fields=["controller", "due_us"], name="order_due", condition=Q(due_us__isnull=False)
            ),
            models.Index(
                fields=["controller", "agent"], name="order_agent", condition=Q(agent__isnull=False)
            ),
            models.Index(
                fields=["controller", "parent"],
                name="order_parent",
                condition=Q(parent__isnull=False),
            ),
            # By code points, as the engine compares ids: orders of a workflow are read in slices.
            models.Index(
                "controller", "workflow", Collate("order_id", "C"), name="order_of_workflow"
            ),
        ]


class OrderResult(models.Model):
    """Named values that an instruction left, beside the order so that its row stays narrow."""

    pk = models.CompositePrimaryKey("controller", "order_id", "ordinal")
    controller = models.TextField()
    order_id = models.TextField()
    ordinal = models.IntegerField()
    body = models.BinaryField()


class Command(models.Model):
    """What somebody asks of the controller, and its durable answer.

    Written by a cockpit member or the command line with the audit intent; answered by the active
    controller in the transaction of the turn that carried it out. `lane`: 0 for people, 1 for bulk.
    """

    id = models.UUIDField(primary_key=True)
    controller = models.TextField()
    key = models.TextField(null=True, unique=True)  # noqa: DJ001  # the idempotency key, where given
    lane = models.SmallIntegerField(default=0)
    body = models.BinaryField()
    account = models.TextField(default="")
    made_at = models.DateTimeField()
    cursor = models.IntegerField(default=0, db_default=0)
    partial = models.BinaryField(null=True)
    answer = models.BinaryField(null=True)
    answered_no = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["controller", "lane", "made_at"],
                name="command_pending",
                condition=Q(answer__isnull=True),
            ),
        ]


class DeployedItem(models.Model):
    """A signed version of an inventory object that the controller has verified and taken over."""

    pk = models.CompositePrimaryKey("controller", "kind", "path", "version")
    controller = models.TextField()
    kind = models.TextField()
    path = models.TextField()
    version = models.TextField()
    document = models.BinaryField()
    signature = models.BinaryField()
    current = models.BooleanField(default=True)
    taken_no = models.BigIntegerField()


class Link(models.Model):
    """The two numbered streams between the controller and one agent.

    `seen_at` is when any controller has heard it last. `host`, `version` and `processes` are what
    the agent says of its machine, its software and its own limit, `ahead_us` by how much its clock
    is ahead of the controller's; empty before that.
    """

    pk = models.CompositePrimaryKey("controller", "agent")
    controller = models.TextField()
    agent = models.TextField()
    run = models.TextField(default="")
    nonce = models.TextField(default="")
    stream = models.UUIDField()
    next_n = models.BigIntegerField(default=1)
    taken_n = models.BigIntegerField(default=0)
    state = models.TextField(default="fresh")
    problem = models.TextField(default="")
    host = models.TextField(default="", db_default="")
    version = models.TextField(default="", db_default="")
    processes = models.IntegerField(default=0, db_default=0)
    ahead_us = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(null=True)


class Outbox(models.Model):
    """A message to an agent, written in the turn that caused it, deleted once acknowledged."""

    pk = models.CompositePrimaryKey("controller", "agent", "n")
    controller = models.TextField()
    agent = models.TextField()
    n = models.BigIntegerField()
    body = models.BinaryField()
