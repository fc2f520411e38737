"""Audit rows of what the verbs of the inventory have changed: one for each object."""

from collections.abc import Iterable

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.audit import Deed, Reason
from inventory.change import Change


def record_changes(actor: Actor, changes: Iterable[Change], reason: Reason) -> None:
    """Write the rows, within the transaction of the changes.

    Raises:
        Forbidden: one of the objects is where the account may not edit; nothing remains then.
    """
    for change in changes:
        for path in paths_of(change):
            if change.kind != "tag":
                require_at(actor.account, Verb.EDIT, path)
        if change.changed:
            audit.record(actor, deed_of(change), reason)


def deed_of(change: Change) -> Deed:
    """Return what the audit log says about a change of the inventory."""
    return Deed(
        verb=change.verb,
        kind=change.kind,
        objects=paths_of(change),
        before=change.before,
        after=change.after,
    )


def paths_of(change: Change) -> list[str]:
    """Return the path of what was changed, and behind it the one that it has now if another."""
    now = change.path if change.after is None else change.after.get("path", change.path)
    return [change.path] if now == change.path else [change.path, now]
