"""Tables of the cockpit: the audit log, access tokens, and answers kept for repeated requests."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """Who changed what, written in the transaction of the change and never altered.

    Only `result` and `answer` follow later, where a controller had to carry the change out; the
    database refuses every other update. `before`, `after` and `answer` are JSON texts.
    """

    at = models.DateTimeField()
    account = models.TextField()
    through = models.TextField()
    request_id = models.TextField(blank=True)
    verb = models.TextField()
    kind = models.TextField()
    objects_named = ArrayField(models.TextField())
    before = models.TextField(null=True)  # noqa: DJ001  # null is "was not there"
    after = models.TextField(null=True)  # noqa: DJ001  # null is "is not there"
    comment = models.TextField(blank=True)
    ticket = models.TextField(blank=True)
    command = models.UUIDField(null=True)
    result = models.TextField(blank=True)
    answer = models.TextField(null=True)  # noqa: DJ001  # null is "not answered"

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            GinIndex(fields=["objects_named"], name="audit_objects"),
            models.Index(fields=["account", "-id"], name="audit_account"),
            models.Index(
                fields=["command"],
                name="audit_unanswered",
                condition=Q(result="", command__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.verb} {', '.join(self.objects_named[:3])}"


class AccessToken(models.Model):
    """A secret that lets a script act as a person; only its digest is stored.

    `prefix` is the visible beginning by which people tell tokens apart. `last_used_at` is coarse.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.BinaryField(unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` led to, so that its repetition changes nothing.

    `digest` tells the same request from another one with the same key. Either `command` names what
    the controller was asked, or `status` and `body` are the answer itself.
    """

    account = models.TextField()
    key = models.CharField(max_length=200)
    digest = models.BinaryField()
    command = models.UUIDField(null=True)
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="kept_answer_key")]
        indexes = [models.Index(fields=["made_at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return f"{self.account} {self.key}"


class PlanOperation(models.Model):
    """A verb on many planned orders, kept whole before the first of them is touched.

    `body` is the verb (`cockpit.plan_operations`), with secret values sealed; `told` is what the
    audit log says of it. `stopped_at`: a person has stopped it, so what is open stays undone.
    """

    id = models.UUIDField(primary_key=True)
    account = models.TextField()
    through = models.TextField()
    request_id = models.TextField(blank=True)
    verb = models.TextField()
    body = models.BinaryField()
    told = models.BinaryField()
    comment = models.TextField(blank=True)
    ticket = models.TextField(blank=True)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["made_at"], name="plan_operation_open", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"


class PlanOperationSlice(models.Model):
    """A part of an operation that is done in one transaction; `answers` is null until then."""

    operation = models.ForeignKey(PlanOperation, models.CASCADE, related_name="slices")
    no = models.IntegerField()
    targets = models.BinaryField()
    size = models.IntegerField()
    answers = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operation", "no"], name="plan_slice_no")]

    def __str__(self) -> str:
        return f"{self.operation_id} {self.no}"
