"""The register of agents."""

from django.core.exceptions import ValidationError
from django.db import models


class Agent(models.Model):
    """A machine's worker that runs jobs, known by its id in job documents.

    Written by people (admin, API) and by joining. `link_key` is what authenticates both directions
    of its link; it is made when the agent joins with its one-time token.
    """

    id = models.CharField(primary_key=True, max_length=100)
    title = models.CharField(max_length=200, blank=True)
    enabled = models.BooleanField(default=True)
    process_limit = models.PositiveIntegerField(null=True, blank=True)
    token_key = models.BinaryField(null=True, editable=False)
    link_key = models.BinaryField(null=True, editable=False)
    public_key = models.BinaryField(null=True, editable=False)
    join_answer = models.BinaryField(null=True, editable=False)
    joined_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.id


class AgentCluster(models.Model):
    """A named set of agents: jobs name it like an agent, and one of the set gets each of them."""

    name = models.CharField(primary_key=True, max_length=100)
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name that an agent has: documents could mean either."""
        if Agent.objects.filter(pk=self.name).exists():
            raise ValidationError({"name": f"There is an agent {self.name} already."})


class AgentClusterMember(models.Model):
    """An agent in a cluster; those of the highest priority that are there share the work."""

    cluster = models.ForeignKey(AgentCluster, models.CASCADE, related_name="members")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships")
    priority = models.IntegerField(default=0)

    class Meta:
        ordering = ["cluster", "-priority", "agent"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "agent"], name="member_of_cluster")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.cluster_id}"
