"""Folders: the tree in which people keep what they write."""

from collections.abc import Iterable
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

M = TypeVar("M", bound=models.Model)


class InFolders(models.QuerySet[M]):
    """Rows with a `path`, which can be narrowed to what somebody may see."""

    def within(self, folders: Iterable[str]) -> Self:
        """Return the rows at or below one of the folders; the root is all, no folder is nothing."""
        wanted = Q(pk__in=[])
        for folder in folders:
            if not folder:
                return self.all()
            wanted |= Q(path=folder) | Q(path__startswith=f"{folder}/")
        return self.filter(wanted)


class Folder(models.Model):
    """A folder, known by its whole path; so no folder can be within itself.

    The root is no row. A unique text column brings the index for prefixes with it.
    """

    path = models.TextField(unique=True)

    objects = InFolders["Folder"].as_manager()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path
