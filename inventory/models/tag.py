"""Tags: words by which people find objects across folders."""

from django.db import models

from inventory.models.item import Item


class Tag(models.Model):
    """A word, and the group that it belongs to for people; the group may be empty."""

    name = models.TextField(unique=True)
    group = models.TextField(blank=True)
    items = models.ManyToManyField(Item, through="ItemTag", related_name="tags")

    class Meta:
        ordering = ["group", "name"]

    def __str__(self) -> str:
        return f"{self.group}: {self.name}" if self.group else self.name


class ItemTag(models.Model):
    """A tag on an object. It stays while the object is in the trash."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "item"], name="tag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.item_id}"
