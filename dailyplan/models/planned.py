"""Planned orders, narrow because there may be a million a day, and what they have in common."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dailyplan.state import PlanState


class Parameterisation(models.Model):
    """What orders of a schedule are given; many planned orders share one. Never changed.

    `workflow` is a path, or the bare name where no such workflow is deployed. `body` is
    `dailyplan.given.Given`, `digest` that of everything here.
    """

    digest = models.BinaryField(unique=True)
    schedule = models.TextField()
    schedule_path = models.TextField()
    workflow = models.TextField()
    order_name = models.TextField()
    priority = models.IntegerField()
    tags = ArrayField(models.TextField())
    body = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["schedule"], name="plan_param_schedule")]

    def __str__(self) -> str:
        return f"{self.order_name} of {self.workflow}"


class PlannedOrder(models.Model):
    """One order of a day, or one cyclic period of it: `repeat_s` is set then.

    `origin` follows from what the row is planned from (`dailyplan.origin`), `flags` are
    `dailyplan.state.Flag`. `submit`: the planner submits it when its day is near. `part` is the
    request by which it was submitted last. A cyclic row stands for `count` starts: `start_at` and
    every `repeat_s` before `end_at`, but for those `left_out` (microseconds); `next_at` is the
    first of them that is not submitted yet. `problem` says why the
    controller refused it, or why a person could not have what was asked.
    """

    pk = models.CompositePrimaryKey("day", "origin")
    origin = models.BigIntegerField()
    start_at = models.DateTimeField()
    day = models.DateField()
    parameterisation = models.IntegerField()
    state = models.SmallIntegerField(choices=[(s.value, s.name.lower()) for s in PlanState])
    flags = models.SmallIntegerField(default=0)
    submit = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    repeat_s = models.IntegerField(null=True)
    count = models.IntegerField(null=True)
    part = models.BigIntegerField(null=True)
    end_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    left_out = ArrayField(models.BigIntegerField(), null=True)
    problem = models.TextField(null=True)  # noqa: DJ001  # null is "none"

    class Meta:
        indexes = [
            models.Index(fields=["day", "state", "start_at", "origin"], name="plan_by_state"),
            models.Index(
                fields=["parameterisation", "day", "start_at", "origin"], name="plan_by_parameters"
            ),
            models.Index(
                fields=["day", "start_at", "origin"], name="plan_late", condition=Q(late=True)
            ),
            models.Index(
                fields=["day", "origin"],
                name="plan_to_submit",
                condition=Q(submit=True, state=PlanState.PLANNED.value),
            ),
            models.Index(
                fields=["next_at"],
                name="plan_rolling",
                condition=Q(state=PlanState.SUBMITTED.value, next_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.origin}"


class SubmittedStart(models.Model):
    """One start of a cyclic period that was handed to the controller."""

    pk = models.CompositePrimaryKey("day", "origin", "start_at")
    day = models.DateField()
    origin = models.BigIntegerField()
    start_at = models.DateTimeField()
    state = models.SmallIntegerField(choices=[(s.value, s.name.lower()) for s in PlanState])
    part = models.BigIntegerField()
    late = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField(null=True)  # noqa: DJ001  # null is "none"

    def __str__(self) -> str:
        return f"{self.origin} {self.start_at}"
