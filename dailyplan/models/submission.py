"""What was handed to the controller or taken back, by whom, and what came of it."""

import uuid

from django.db import models


class Submission(models.Model):
    """One act of the planner or of a person: rows and orders concerned, and how it went.

    `verb` is `submit`, `cancel` or `copy`, or `not planned` of a day that passed while no planner
    ran (`dailyplan.unplanned`). `day` is null where several days were concerned.
    """

    at = models.DateTimeField()
    account = models.TextField()
    verb = models.TextField()
    day = models.DateField(null=True)
    asked = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    comment = models.TextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["day", "-id"], name="plan_submission_day")]

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"


class SubmissionPart(models.Model):
    """One request to the controller; `settled` once its answer is in the rows."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="parts")
    command = models.UUIDField(unique=True, default=uuid.uuid4)
    verb = models.TextField()
    settled = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="plan_part_open", condition=models.Q(settled=False))
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.command}"


class Intent(models.Model):
    """What becomes of a submitted row once the controller has cancelled its order.

    `then` is `hold` (planned, and nobody submits it but a person), `renew` (planned and submitted
    again, with the parameterisation and start given here) or `gone` (deleted). Where the order
    has started instead, the intent is dropped.
    """

    pk = models.CompositePrimaryKey("day", "origin")
    day = models.DateField()
    origin = models.BigIntegerField()
    then = models.TextField()
    parameterisation = models.IntegerField()
    start_at = models.DateTimeField()
    flags = models.SmallIntegerField()
    submit = models.BooleanField()
    part = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.origin}: {self.then}"
