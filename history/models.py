"""What happened, as rows: runs of orders with their states, job runs, and logs.

`history.follow` writes orders and job runs, `history.logs` writes logs, nobody else. Tables with a
`day` are partitioned by it (`history.partitions`); a row stays in the partition it was born in.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class OrderRun(models.Model):
    """One life of an order, from being added to its end; ids may come again, runs never.

    Holds live and ended orders and children. `run` is `history.runs.run_of` the journal entry that
    made it. `live` ends when the order has left; `ended_at` is also set while it stands failed.
    `plan` is set where it is not the daily plan of its date. A child's `arguments` are its own;
    those of its parent come with them. `file_source` and `file_name` tell the file that it came of.
    """

    pk = models.CompositePrimaryKey("controller", "run", "day")
    day = models.DateField()
    controller = models.TextField()
    run = models.BigIntegerField()
    order_id = models.TextField()
    parent = models.TextField(null=True)  # noqa: DJ001  # null is "no parent"
    workflow = models.TextField()
    version = models.TextField()
    state = models.TextField()
    group = models.TextField()
    suspended = models.BooleanField()
    live = models.BooleanField()
    position = models.TextField()
    label = models.TextField(null=True)  # noqa: DJ001  # null is "no label"
    reason = models.TextField(null=True)  # noqa: DJ001  # null is "the plain way"
    until_at = models.DateTimeField(null=True)
    outcome = models.TextField(null=True)  # noqa: DJ001  # null is "nothing ended yet"
    message = models.TextField(null=True)  # noqa: DJ001  # null is "nothing to say"
    return_code = models.IntegerField(null=True)
    order_date = models.TextField(null=True)  # noqa: DJ001  # null is "not of a day"
    plan = models.TextField(null=True)  # noqa: DJ001  # null is "that of its date"
    scheduled_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    agent = models.TextField(null=True)  # noqa: DJ001  # null is "with the controller"
    priority = models.IntegerField()
    tags = ArrayField(models.TextField())
    arguments = models.BinaryField()
    stop_positions = ArrayField(models.TextField(), null=True)
    block_position = models.TextField(null=True)  # noqa: DJ001  # null is "the whole workflow"
    force_admission = models.BooleanField(db_default=False)
    remain = models.BooleanField(db_default=False)
    file_source = models.TextField(null=True)  # noqa: DJ001  # null is "not of a file"
    file_name = models.TextField(null=True)  # noqa: DJ001  # null is "not of a file"
    job_no = models.BigIntegerField(null=True)
    job_day = models.DateField(null=True)
    changed_no = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["controller", "added_at", "run"], name="history_run_added"),
            models.Index(
                fields=["controller", "group", "added_at", "run"], name="history_run_group"
            ),
            models.Index(
                fields=["controller", "workflow", "added_at", "run"], name="history_run_workflow"
            ),
            models.Index(
                fields=["controller", "order_id", "run"],
                opclasses=["text_ops", "text_pattern_ops", "int8_ops"],
                name="history_run_order",
            ),
            models.Index(
                fields=["controller", "parent"],
                name="history_run_parent",
                condition=Q(parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} ({self.run})"


class OrderRunState(models.Model):
    """One state or place of an order on its way; `no` is the journal entry that led there.

    Processed is left out: it lasts no time, and the job run tells it; only a join that left results
    has it. `outcome` is how what stood before came to an end, as `history.notes.outcome_of` tells
    it. `carried` are results that came with the state, of all but jobs, as `history.carried` packs
    them; empty, like `JobRun.returned`, where an earlier release wrote the row and kept none.
    """

    pk = models.CompositePrimaryKey("controller", "run", "no", "day")
    day = models.DateField()
    controller = models.TextField()
    run = models.BigIntegerField()
    no = models.BigIntegerField()
    at = models.DateTimeField()
    state = models.TextField()
    suspended = models.BooleanField()
    position = models.TextField()
    note = models.TextField(null=True)  # noqa: DJ001  # null is "nothing to say"
    outcome = models.TextField(null=True)  # noqa: DJ001  # null is "the plain way"
    carried = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.run} {self.state} {self.position}"


class JobRun(models.Model):
    """One execution of a job; `no` is the journal entry that says that it started.

    `warnings` is a list of sentences. `returned` are the values that it left behind, packed; null
    where these are the return code alone.
    """

    pk = models.CompositePrimaryKey("controller", "no", "day")
    day = models.DateField()
    controller = models.TextField()
    no = models.BigIntegerField()
    run = models.BigIntegerField()
    order_id = models.TextField()
    workflow = models.TextField()
    position = models.TextField()
    label = models.TextField(null=True)  # noqa: DJ001  # null is "no label"
    job = models.TextField()
    agent = models.TextField()
    attempt = models.TextField()
    state = models.TextField(default="running")
    lost = models.BooleanField(default=False)
    return_code = models.IntegerField(null=True)
    message = models.TextField(null=True)  # noqa: DJ001  # null is "nothing to say"
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    criticality = models.TextField(null=True)  # noqa: DJ001  # null is "normal"
    warnings = models.JSONField(null=True)
    returned = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["controller", "started_at", "no"], name="history_job_started"),
            models.Index(fields=["controller", "run", "no"], name="history_job_run"),
            models.Index(
                fields=["controller", "workflow", "started_at", "no"], name="history_job_workflow"
            ),
            models.Index(
                fields=["controller", "started_at", "no"],
                name="history_job_failed",
                condition=Q(state__in=["failed", "timedout", "killed", "disrupted"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} of {self.order_id} ({self.no})"


class GroupCount(models.Model):
    """How many runs of a workflow are in a group; kept in step with `OrderRun`, also by purging."""

    pk = models.CompositePrimaryKey("controller", "workflow", "group", "child")
    controller = models.TextField()
    workflow = models.TextField()
    group = models.TextField()
    child = models.BooleanField()
    count = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.workflow} {self.group}: {self.count}"


class Log(models.Model):
    """How much of an attempt's output is stored: its length per stream is what is acknowledged.

    `open_stream` and `open_bytes` say whether the last line lacks its end yet.
    """

    pk = models.CompositePrimaryKey("controller", "attempt")
    controller = models.TextField()
    attempt = models.TextField()
    day = models.DateField()
    agent = models.TextField()
    chunks = models.IntegerField()
    lines = models.BigIntegerField()
    out_bytes = models.BigIntegerField()
    err_bytes = models.BigIntegerField()
    open_stream = models.TextField()
    open_bytes = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="history_log_day")]

    def __str__(self) -> str:
        return self.attempt


class LogChunk(models.Model):
    """A piece of an attempt's output as a zstd frame, with the numbers of its first and last line.

    Line numbers run over both streams in order of arrival. `joined_bytes` of its first line stand
    in chunks before.
    """

    pk = models.CompositePrimaryKey("controller", "attempt", "last_no", "n", "day")
    day = models.DateField()
    controller = models.TextField()
    attempt = models.TextField()
    n = models.IntegerField()
    stream = models.TextField()
    length = models.IntegerField()
    first_no = models.BigIntegerField()
    last_no = models.BigIntegerField()
    joined_bytes = models.IntegerField()
    at = models.DateTimeField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.attempt} {self.first_no}-{self.last_no}"


class FollowerProblem(models.Model):
    """A journal entry that a follower could not take and passed by, for people to look at."""

    follower = models.TextField()
    controller = models.TextField()
    no = models.BigIntegerField()
    order_id = models.TextField()
    event = models.TextField()
    problem = models.TextField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.follower} {self.no}: {self.event}"
