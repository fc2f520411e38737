"""The present forecast: one for the whole installation, replaced as a whole in one transaction."""

from django.db import models
from django.db.models import Q


class Forecast(models.Model):
    """What the forecast rests on: one row.

    It was made at `made_at` of what stood at `since` and reaches to `until`. `body` is
    `dailyplan.forecast_values.Basis`.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    made_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"of {self.since}"


class ForecastOrder(models.Model):
    """What becomes of an order, a child or one that an instruction adds.

    `day` is that of a planned order. `ends_at` is null where it does not end within the forecast,
    `why` says so then. `ends_late_at`: with durations that one run in twenty exceeds. `late`: it
    misses its deadline, or starts later than planned by more than the plan tolerates.
    `body` holds its spans, see `dailyplan.forecast_values.Told`.
    """

    order_id = models.TextField(primary_key=True)
    workflow = models.TextField()
    day = models.DateField(null=True)
    child = models.BooleanField(default=False)
    planned_at = models.DateTimeField(null=True)
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ends_late_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    failed = models.BooleanField(default=False)
    why = models.TextField(default="", blank=True)
    body = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["day", "begins_at"], name="forecast_by_day"),
            models.Index(fields=["workflow", "begins_at"], name="forecast_by_workflow"),
            models.Index(fields=["begins_at"], name="forecast_late", condition=Q(late=True)),
        ]

    def __str__(self) -> str:
        return self.order_id


class ForecastNotice(models.Model):
    """A notice that an order is going to post; the first posting of each key."""

    pk = models.CompositePrimaryKey("board", "key")
    board = models.TextField()
    key = models.TextField()
    order_id = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key} of {self.board}"
