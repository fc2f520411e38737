"""Making a job of the workflow editor from a template: what it would fill in, and doing it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import restrict
from cockpit.access.policy import Account, Verb
from cockpit.pages.addresses import object_at
from cockpit.pages.door import page
from cockpit.pages.drafts import item_of
from cockpit.pages.editor_fields import Reads, Spec, text_of
from cockpit.pages.editor_rows import specs_in
from cockpit.pages.editor_specs import job_specs
from engine.objects.template import (
    Keep,
    Sync,
    Template,
    apply_template,
    sync_state,
)
from engine.workflow.canonical import canonical
from engine.workflow.model import Job
from inventory.editing.errors import EditingRefusal, OperationUnfit, PlaceGone
from inventory.editing.operations import MakeJob
from inventory.editing.places import Places
from inventory.editing.reading import places_of
from inventory.job_templates import KIND, missing_in, templates_named
from inventory.queries import present_items
from inventory.workflow_difference import struct_fields

_SYNC = {
    Sync.NONE: "This job was made from no template.",
    Sync.IN_SYNC: "This job is as its template has it now.",
    Sync.OUT_OF_SYNC: "The template has changed since this job was made from it.",
    Sync.DELETED: "The template of this job is gone.",
    Sync.UNREADABLE: "The template of this job has mistakes at present.",
}
_MOST_LETTERS = 300


class Filled(NamedTuple):
    """A field that the template changes: its name, what stands in it now, and what then."""

    label: str
    now: str
    then: str


@page(Verb.EDIT)
def template_dialog(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Show the templates that there are, and what the chosen one would fill in."""
    item = item_of(actor.account, "workflow", path)
    name = request.GET.get("job", "")
    try:
        places = places_of(item.source)
        job = _job(places, name)
    except EditingRefusal as refused:
        raise NotThere(str(refused)) from refused
    names = _names(actor.account)
    own = job.job_template.name if job.job_template else ""
    chosen = request.GET.get("template") or own or (names[0] if names else "")
    known = _templates(actor.account, own, chosen)
    template = known.get(chosen)
    context: dict[str, Any] = {
        "job": name, "names": names, "chosen": chosen, "own": own,
        "sync": _SYNC[sync_state(job, known)], "address": object_at("workflow", path, "template"),
    }  # fmt: skip
    if template:
        made = _made(template, chosen, job, request.GET)
        context |= {"filled": list(_filled(job, made)), "template": template,
                    "missing": missing_in(places.workflow, name, template)}  # fmt: skip
    return render(request, "cockpit/inventory/editor_template.html", context)


def template_operation(account: Account, source: str, given: Mapping[str, Any]) -> MakeJob:
    """Return the operation that makes a job from a template.

    Raises:
        EditingRefusal: there is no such job or template.
    """
    name, chosen = str(given.get("job", "")), str(given.get("template", ""))
    job, template = _job(places_of(source), name), _templates(account, chosen).get(chosen)
    if template is None:
        raise OperationUnfit(f"There is no job template {chosen} that can be read.")
    made = _made(template, chosen, job, given)
    return MakeJob(name, chosen, json.loads(canonical(made)))


def _job(places: Places, name: str) -> Job:
    found = places.workflow.jobs.get(name)
    if found is None:
        raise PlaceGone(f"There is no job {name} any more.")
    return found


def _made(template: Template, name: str, job: Job, given: Mapping[str, Any]) -> Job:
    """Return the job from the template; what it keeps of its own is asked for."""
    return apply_template(template, name, job, keep_in(given))


def keep_in(given: Mapping[str, Any]) -> Keep:
    """Return what a form says that jobs keep of their own."""
    return Keep(bool(given.get("keep_notification")), bool(given.get("keep_admission")))


def _names(account: Account) -> list[str]:
    items = restrict(present_items(), account).filter(kind=KIND)
    return list(items.order_by("name").values_list("name", flat=True))


def _templates(account: Account, *names: str) -> Mapping[str, Template | None]:
    return templates_named(filter(None, names), restrict(present_items(), account))


def _filled(job: Job, made: Job) -> Iterator[Filled]:
    now, then = json.loads(canonical(job)), json.loads(canonical(made))
    specs = [spec for specs in job_specs(now).values() for spec in specs_in(specs)]
    known = {".".join(map(str, spec.path)): spec for spec in specs}
    for field in struct_fields(job, made):
        if field.startswith("jobTemplate"):
            continue
        spec = known.get(field) or Spec(tuple(field.split(".")), field)
        yield Filled(spec.label, _shown(spec, field, now), _shown(spec, field, then))


def _shown(spec: Spec, field: str, document: Any) -> str:
    for part in field.split("."):
        document = document.get(part) if isinstance(document, Mapping) else None
    is_plain = isinstance(document, Mapping) and spec.reads not in (Reads.PAIRS, Reads.VALUE)
    text = json.dumps(document) if is_plain else text_of(spec, document)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
