"""Folders that are kept in Git: where the repository is, and how far the drafts follow it."""

from django.db import models

from inventory.models.folder import InFolders


class Repository(models.Model):
    """A folder bound to a branch of a repository.

    `path` is the folder in the inventory, `directory` the one in the repository. `commit` is what
    the drafts were last brought in step with, empty before the first time; with it both sides
    are compared. `credentials` is a name, never a secret.
    """

    path = models.TextField(unique=True)
    address = models.TextField()
    branch = models.TextField()
    directory = models.TextField(blank=True)
    credentials = models.TextField(blank=True)
    commit = models.TextField(blank=True)
    changed_by = models.TextField()
    changed_at = models.DateTimeField()

    objects = InFolders["Repository"].as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return f"{self.path} in {self.address}"
