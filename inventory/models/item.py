"""What people write: the draft of an object, and the versions frozen from it."""

from django.db import models
from django.db.models import Q

from inventory.form import Form
from inventory.models.folder import Folder, InFolders


class Item(models.Model):
    """The draft of an inventory object, as its author wrote it; it may be invalid.

    `edit_no` rises with every change and guards against lost updates. `digest` is that of the
    canonical document, empty while the draft is invalid. An item in the trash keeps its path but
    does not hold it.
    """

    kind = models.TextField()
    path = models.TextField(db_index=True)
    name = models.TextField()
    folder = models.ForeignKey(Folder, models.PROTECT, null=True, blank=True, related_name="items")
    title = models.TextField(blank=True)
    form = models.TextField(choices=[(form.value, form.value) for form in Form])
    source = models.TextField(blank=True)
    valid = models.BooleanField()
    digest = models.TextField(blank=True)
    problems = models.JSONField(default=list, blank=True)
    edit_no = models.PositiveBigIntegerField(default=1)
    changed_by = models.TextField()
    changed_at = models.DateTimeField()
    trashed_at = models.DateTimeField(null=True, blank=True)

    objects = InFolders["Item"].as_manager()

    class Meta:
        ordering = ["path", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name"],
                condition=Q(trashed_at__isnull=True),
                name="item_name",
                violation_error_message="Another object of this kind has this name.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class Version(models.Model):
    """A document frozen at a deployment; never changed, and it outlives its draft.

    `version` is the digest of `document`, so deploying the same content again gives the same
    version. `source` is what its author had written, `draft_digest` the digest that the draft had
    then: another one where include scripts were put into the document.
    """

    kind = models.TextField()
    path = models.TextField()
    version = models.TextField()
    document = models.BinaryField()
    draft_digest = models.TextField(blank=True)
    form = models.TextField(choices=[(form.value, form.value) for form in Form])
    source = models.TextField()
    made_by = models.TextField()
    made_at = models.DateTimeField()
    comment = models.TextField(blank=True)

    objects = InFolders["Version"].as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "path", "version"], name="version_of_item")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.path} {self.version[:12]}"
