"""`-/references/`: what a draft names, and which drafts name it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.inventory.drafts import DraftView
from cockpit.api.problem import as_json
from engine.objects.include import included_names
from engine.objects.model import IncludeScript
from engine.objects.read import read_object
from engine.objects.template import Template
from engine.position import to_text
from engine.workflow.model import ShellScript, Workflow
from engine.workflow.read import read_workflow
from engine.workflow.relations import relations
from engine.world import names_of
from inventory.models import Item
from inventory.source import values_of

MOST_USERS = 1_000
"""Drafts that are read to find who names an object."""

_KIND_OF = {
    "locks": "lock",
    "boards_posted": "noticeboard",
    "boards_expected": "noticeboard",
    "boards_consumed": "noticeboard",
    "workflows_added": "workflow",
    "job_resources": "jobresource",
    "agents": "agent",
    "subagent_clusters": "agent-cluster",
    "include_scripts": "includescript",
}
_TEMPLATES = "job_templates"


class Named(NamedTuple):
    """A name in a document: of which type, in which role, and at which positions."""

    type: str
    name: str
    role: str
    positions: tuple[str, ...] = ()


class ReferenceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object that is named. `path` is null where there is no draft of it; agents have none.

    `role` says how: `locks`, `boards_posted`, `boards_expected`, `boards_consumed`,
    `workflows_added`, `job_resources`, `agents`, `subagent_clusters`, `include_scripts` or
    `job_templates`.
    """

    type: str
    name: str
    path: str | None
    role: str
    positions: list[str]


class ReferencesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft names, and who names it; `complete` is false where too many had to be read."""

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
    named = list(names_in(item.kind, item.source))
    users, complete = _users(items, item)
    return ReferencesSeen(uses=_resolved(items, named), used_by=users, complete=complete)


def names_in(kind: str, source: str) -> Iterator[Named]:
    """Yield what a draft names; nothing where it cannot be read."""
    data = values_of(source).data
    if data is None:
        return
    if kind == "workflow":
        workflow = read_workflow(data).workflow
        if workflow is not None:
            yield from _of_workflow(workflow)
        return
    found = read_object(kind, data).object
    if isinstance(found, Template):
        yield from (Named("jobresource", n, "job_resources") for n in found.job_resource_names)
        if isinstance(found.executable, ShellScript):
            yield from _includes(found.executable.script)
    elif isinstance(found, IncludeScript):
        yield from _includes(found.script)


def _of_workflow(workflow: Workflow) -> Iterator[Named]:
    known = relations(workflow)
    for role, kind in _KIND_OF.items():
        for name, positions in getattr(known, role).items():
            yield Named(kind, name, role, tuple(map(to_text, positions)))
    templates = (job.job_template for job in workflow.jobs.values() if job.job_template)
    for name in dict.fromkeys(template.name for template in templates):
        yield Named("jobtemplate", name, _TEMPLATES)


def _includes(script: str) -> Iterator[Named]:
    return (Named("includescript", name, "include_scripts") for name in included_names(script))


def _resolved(items: QuerySet[Item], named: Iterable[Named]) -> list[ReferenceSeen]:
    found = list(named)
    names = {one.name for one in found}
    there = items.filter(Q(path__in=names) | Q(name__in=names)).order_by("path")
    paths: dict[tuple[str, str], str] = {}
    for kind, path in there.values_list("kind", "path"):
        paths[kind, path] = path
        paths.setdefault((kind, path.rpartition("/")[2]), path)
    return [_seen(one, one.type, one.name, paths.get((one.type, one.name))) for one in found]


def _users(items: QuerySet[Item], item: Item) -> tuple[list[ReferenceSeen], bool]:
    """Return who names an object. The text is searched first: reading all drafts takes long."""
    names = names_of(item.path)
    found = items.filter(source__contains=names[-1]).exclude(pk=item.pk).order_by("path", "kind")
    candidates = list(found[: MOST_USERS + 1])
    users = [
        _seen(one, user.kind, user.name, user.path)
        for user in candidates[:MOST_USERS]
        for one in names_in(user.kind, user.source)
        if one.type == item.kind and one.name in names
    ]
    return users, len(candidates) <= MOST_USERS


def _seen(one: Named, kind: str, name: str, path: str | None) -> ReferenceSeen:
    return ReferenceSeen(
        type=kind, name=name, path=path, role=one.role, positions=list(one.positions)
    )
