"""Deployments: what was asked of the controller, and what came of it."""

from django.db import models

from inventory.models.folder import InFolders


class DeploymentState(models.TextChoices):
    """How far a deployment is."""

    REQUESTED = "requested"  # committed; the controller's answer leads out of it
    DONE = "done"  # final: the controller has taken everything over
    REFUSED = "refused"  # final: the controller has taken nothing over


class Deployment(models.Model):
    """An all-or-nothing request to take over versions or to revoke them.

    `command` is the id of the request to the controller, `answer` its sentences per object. The
    daily plan takes changed schedules over from `update_plan_from` on, None means from the day of
    the deployment; `include_late` lets it plan starts that are past already.
    """

    account = models.TextField()
    comment = models.TextField(blank=True)
    made_at = models.DateTimeField()
    state = models.TextField(choices=DeploymentState, default=DeploymentState.REQUESTED)
    command = models.UUIDField(unique=True)
    answer = models.JSONField(default=list, blank=True)
    update_plan_from = models.DateField(null=True, blank=True)
    include_late = models.BooleanField(default=False)
    commit = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"deployment {self.pk}: {self.state}"


class DeploymentObject(models.Model):
    """An object of a deployment; an empty `version` means that it was revoked."""

    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="objects_of")
    kind = models.TextField()
    path = models.TextField()
    version = models.TextField(blank=True)

    objects = InFolders["DeploymentObject"].as_manager()

    class Meta:
        ordering = ["kind", "path"]
        indexes = [models.Index(fields=["kind", "path", "-deployment"], name="deployment_of_item")]

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"
