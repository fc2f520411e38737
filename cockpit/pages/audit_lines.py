"""Entries of the audit log as pages show them. Knows no request."""

import json
from typing import NamedTuple

from django.db.models import Q

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.models import AuditEntry
from cockpit.pages.addresses import agent_at, object_at, order_at

MOST = 200
SHOWN_OBJECTS = 5


class Named(NamedTuple):
    """An object of an entry and where its page is, empty where it has none."""

    text: str
    href: str


class Line(NamedTuple):
    """An entry with what is named in it; `before` and `after` are laid-out JSON."""

    entry: AuditEntry
    objects: list[Named]
    more: int
    before: str
    after: str
    answer: str
    look: str


_LOOKS = {
    "done": "finished",
    "accepted": "finished",
    "partly": "suspended",
    "refused": "failed",
    "": "waiting",
}


def lines_of(entries: list[AuditEntry]) -> list[Line]:
    """Return the entries as lines."""
    return [
        Line(
            entry,
            [Named(name, _href(entry.kind, name)) for name in entry.objects_named[:SHOWN_OBJECTS]],
            max(0, len(entry.objects_named) - SHOWN_OBJECTS),
            _laid_out(entry.before),
            _laid_out(entry.after),
            _laid_out(entry.answer) if entry.answer not in (None, "[]") else "",
            _LOOKS.get(entry.result, "unknown"),
        )
        for entry in entries
    ]


def entries_about(account: Account, kind: str, name: str) -> list[Line]:
    """Return the newest entries about one object, as far as the account may see the audit log."""
    itself = Q(kind=kind, objects_named__contains=[name])
    deployed = Q(kind="deployment", objects_named__contains=[f"{kind}:{name}"])
    found = rows(AuditEntry, account).filter(itself | deployed)
    return lines_of(list(found.order_by("-id")[:MOST]))


def _href(kind: str, name: str) -> str:
    if kind == "order":
        return order_at(name)
    if kind == "agent":
        return agent_at(name)
    if kind == "deployment":
        kind, _, name = name.partition(":")
    return object_at(kind, name) if kind == "workflow" and name else ""


def _laid_out(text: str | None) -> str:
    if text is None:
        return ""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
