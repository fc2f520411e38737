"""Changes made in Django's admin, written to the audit log in their own transaction."""

from typing import Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry

from cockpit import audit
from cockpit.access.account import Actor, account_of
from cockpit.audit import Deed

_VERBS = {ADDITION: "add", DELETION: "remove"}


def note_admin_change(
    sender: type[LogEntry], instance: LogEntry, *, created: bool, **given: Any
) -> None:
    """Write an audit row for an entry of the admin's log."""
    if not created:
        return
    kind = instance.content_type.model if instance.content_type else "object"
    deed = Deed(
        verb=_VERBS.get(instance.action_flag, "change"),
        kind=kind,
        # A new row's key is still what the model has, a number for accounts.
        objects=[str(instance.object_id or instance.object_repr)],
        after={"shown": instance.object_repr, "change": instance.get_change_message()},
    )
    audit.record(Actor(account_of(instance.user), "admin"), deed)
