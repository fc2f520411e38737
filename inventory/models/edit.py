"""What was done in the editor: a log to go back in, and who is at work on a draft."""

from django.db import models

from inventory.models.item import Item


class DraftEdit(models.Model):
    """One operation on a draft, as the piece of text that it changed.

    `number` counts the edits of a draft. `begin`, `removed` and `added` lead from the text before
    to the text after and back; the digests name both, so that nothing is applied to another text.
    `edit_no` is the number that the draft got by this, or by taking it back.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="edits")
    number = models.PositiveBigIntegerField()
    account = models.TextField()
    made_at = models.DateTimeField()
    operation = models.JSONField()
    words = models.TextField()
    at = models.TextField(blank=True)
    begin = models.PositiveBigIntegerField()
    removed = models.TextField(blank=True)
    added = models.TextField(blank=True)
    digest_before = models.TextField()
    digest_after = models.TextField()
    edit_no = models.PositiveBigIntegerField()
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="edit_of_draft")]

    def __str__(self) -> str:
        return f"{self.account} {self.words}"


class DraftHold(models.Model):
    """Who is at work on a draft; it ends by itself when nothing is heard of them."""

    item = models.OneToOneField(Item, models.CASCADE, related_name="hold")
    account = models.TextField()
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account} at {self.item_id}"
