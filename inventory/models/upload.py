"""Archives that were uploaded and wait for somebody to agree to what they would do."""

from django.db import models


class UploadedArchive(models.Model):
    """An archive between its preview and its import, which another cockpit member may carry out.

    Belongs to the account that brought it; goes with the import, else after a day.
    """

    key = models.UUIDField(unique=True)
    account = models.TextField()
    name = models.TextField(blank=True)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="uploaded_at")]

    def __str__(self) -> str:
        return self.name
