"""The tables of leases, nodes and background services, as the cockpit reads them.

Rows are written by `cluster.statements`, `cluster.nodes` and `cluster.service` only. The columns
`changed_at` and `at` are for people: nothing is decided by them.
"""

from django.db import models
from django.db.models.functions import Now

from cluster.lease import EventKind, Phase
from cluster.service import RunState


class Lease(models.Model):
    """Who may act for a role. Written by the holder's beats and by take-overs."""

    role = models.TextField(primary_key=True)
    term = models.BigIntegerField(db_default=0)
    holder = models.TextField(null=True)  # noqa: DJ001 - NULL is "never held", which '' is not
    beat = models.BigIntegerField(db_default=0)
    phase = models.TextField(
        choices=[(phase.value, phase.value) for phase in Phase], db_default=Phase.RELEASED.value
    )
    intended = models.TextField(null=True)  # noqa: DJ001 - NULL is "nobody named"
    note = models.TextField(db_default="")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cluster_lease"

    def __str__(self) -> str:
        return f"{self.role}: term {self.term} of {self.holder or 'nobody'}"


class Node(models.Model):
    """A process that can hold a role, alive while `beat` rises. Written by that process."""

    role = models.TextField()
    node = models.TextField()
    incarnation = models.TextField(db_default="")
    """Empty after a clean stop: the name is free."""
    coupled_no = models.BigIntegerField(null=True)
    """The last journal number this node has seen, if it follows the journal."""
    url = models.TextField(db_default="")
    version = models.TextField(db_default="")
    beat = models.BigIntegerField(db_default=0)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cluster_node"
        constraints = [models.UniqueConstraint(fields=["role", "node"], name="cluster_node_name")]

    def __str__(self) -> str:
        return f"{self.role}: {self.node}"


class LeaseEvent(models.Model):
    """What happened to a role: take-overs, switch-overs, releases. Never changed."""

    role = models.TextField()
    term = models.BigIntegerField()
    kind = models.TextField(choices=[(kind.value, kind.value) for kind in EventKind])
    who = models.TextField()
    detail = models.JSONField(db_default={})
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cluster_lease_event"
        indexes = [models.Index(fields=["role", "-id"], name="cluster_event_role")]

    def __str__(self) -> str:
        return f"{self.role}: {self.kind} in term {self.term}"


class ServiceRun(models.Model):
    """One occurrence of a background service; its key makes a second run impossible."""

    service = models.TextField()
    planned_at = models.DateTimeField()
    term = models.BigIntegerField()
    holder = models.TextField()
    state = models.TextField(choices=[(state.value, state.value) for state in RunState])
    counts = models.JSONField(db_default={})
    problem = models.TextField(db_default="")
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cluster_service_run"
        constraints = [
            models.UniqueConstraint(fields=["service", "planned_at"], name="cluster_run_key")
        ]

    def __str__(self) -> str:
        return f"{self.service} of {self.planned_at:%Y-%m-%d %H:%M:%S}: {self.state}"
