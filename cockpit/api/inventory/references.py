"""`-/references/`: what a draft names, and which drafts name it."""

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.inventory.drafts import DraftView
from cockpit.api.problem import as_json
from inventory.models import Item
from inventory.references.users import Use, users_of, uses_of

MOST_USERS = 1_000
"""Users that one answer lists."""


class ReferenceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object that is named. `path` is null where there is no draft of it; agents have none.

    `role` says how: `locks`, `boards_posted`, `boards_expected`, `boards_consumed`,
    `workflows_added`, `workflows`, `job_resources`, `agents`, `subagent_clusters`,
    `include_scripts`, `job_templates`, `calendars` or `non_working_day_calendars`.
    """

    type: str
    name: str
    path: str | None
    role: str
    positions: list[str]


class ReferencesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft names, and who names it; `complete` is false where there are more users."""

    uses: list[ReferenceSeen]
    used_by: list[ReferenceSeen]
    complete: bool


class DraftReferences(DraftView):
    """What a draft names and who names it."""

    @told(answers={200: ReferencesSeen})
    def get(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Tell what a draft refers to and which drafts refer to it."""
        item = self.item(kind, path)
        return as_json(references_seen(self.items(), item))


def references_seen(items: QuerySet[Item], item: Item) -> ReferencesSeen:
    """Return the references of a draft and those to it, among the drafts that one may see."""
    users = users_of(item.kind, item.path, items, most=MOST_USERS + 1)
    return ReferencesSeen(
        uses=[_seen(use) for use in uses_of(item, items)],
        used_by=[_seen(user) for user in users[:MOST_USERS]],
        complete=len(users) <= MOST_USERS,
    )


def _seen(use: Use) -> ReferenceSeen:
    return ReferenceSeen(
        type=use.type, name=use.name, path=use.path, role=use.role, positions=list(use.positions)
    )
