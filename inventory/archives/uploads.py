"""Archives between their preview and their import: kept where every cockpit member finds them."""

import datetime as dt
import uuid

from inventory.models import UploadedArchive

KEPT = dt.timedelta(days=1)


def keep_upload(name: str, content: bytes, *, account: str, now: dt.datetime) -> UploadedArchive:
    """Return the archive as kept; those that nobody has come back to are deleted."""
    UploadedArchive.objects.filter(made_at__lt=now - KEPT).delete()
    return UploadedArchive.objects.create(
        key=uuid.uuid4(), account=account, name=name[:255], content=content, made_at=now
    )


def upload_of(key: str, *, account: str) -> UploadedArchive | None:
    """Return an archive that this account has brought, None where there is none any more."""
    try:
        found = uuid.UUID(key)
    except ValueError:
        return None
    return UploadedArchive.objects.filter(key=found, account=account).first()
