"""What planning remembers: how far each schedule is planned and from what, and its settings."""

from django.db import models


class PlannedSchedule(models.Model):
    """How far a released schedule is planned. The planner alone writes it, each time guarded.

    `digest` is that of all that its plan follows from, `planned_to` the last day planned with it,
    empty and null before the first time. `no` rises with each change. `problem` is why it could
    not be planned.
    """

    name = models.TextField(primary_key=True)
    path = models.TextField()
    version = models.TextField()
    digest = models.BinaryField(default=b"")
    planned_to = models.DateField(null=True)
    automatic = models.BooleanField(default=False)
    no = models.BigIntegerField(default=0)
    problem = models.TextField(default="", blank=True)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class PlanSettings(models.Model):
    """The settings of the daily plan: one row, changed by guarded updates alone.

    `closed_to` is the last day whose plan was closed automatically.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    edit_no = models.BigIntegerField(default=1)
    body = models.JSONField(default=dict)
    closed_to = models.DateField(null=True)

    def __str__(self) -> str:
        return f"edit {self.edit_no}"


class ProjectedMonth(models.Model):
    """How many orders a schedule would have on each day of a month, kept because it costs time.

    `digest` is that of what the numbers follow from, `body` msgpack of {day of month: orders}.
    """

    pk = models.CompositePrimaryKey("digest", "month")
    digest = models.BinaryField()
    month = models.DateField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return str(self.month)
