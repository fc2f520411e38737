"""The register of agents."""

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
