"""`/inventory/jobtemplate/PATH/-/jobs/`: jobs that are behind their template, and updating them."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.inventory.audited import record_changes
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import page, render
from cockpit.pages.drafts import item_of, listed, problems_in
from cockpit.pages.editor_template import keep_in
from cockpit.pages.object_head import object_head
from inventory.errors import InventoryRefusal, Located
from inventory.job_templates import KIND
from inventory.queries import present_items
from inventory.templating import Update, update_jobs, updates

SHOWN = 200
LONGEST_DIFF = 60


@page(Verb.EDIT)
def template_jobs(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Show what would change in the jobs that are behind, and update those of chosen drafts."""
    item = item_of(actor.account, KIND, path)
    given = request.POST if request.method == "POST" else request.GET
    problems: list[dict[str, str]] = []
    found: list[Update] = []
    chosen = [_numbered(text) for text in request.POST.getlist("objects")]
    if request.method == "POST" and not chosen:
        problems = [{"sentence": "Choose at least one draft.", "place": "", "severity": "error"}]
    try:
        if chosen:
            return _keep(request, actor, path, chosen)
    except InventoryRefusal as refused:
        problems = [_told(each) for each in refused.problems]
    try:
        items = restrict(present_items(), actor.account)
        found = updates(item, items, account=actor.account.name, keep=keep_in(given))
    except InventoryRefusal as refused:
        problems += problems_in(refused)
    context = {
        **object_head(actor.account, item, "references"),
        "found": [_shown(each, actor.account) for each in found[:SHOWN]], "all": len(found),
        "jobs": sum(len(each.jobs) for each in found), "given": given,
        "problems": listed(problems), "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""), "back": object_at(KIND, path, "references"),
    }  # fmt: skip
    return render(request, actor, "inventory/template_jobs.html", context, 422 if problems else 200)


def _keep(
    request: HttpRequest, actor: Actor, path: str, chosen: Sequence[tuple[str, int]]
) -> HttpResponse:
    for workflow, _ in chosen:
        require_at(actor.account, Verb.EDIT, workflow)
    with transaction.atomic():
        changes = update_jobs(
            path, chosen, account=actor.account.name,
            edit_no=_number(request.POST.get("edit_no", "")), keep=keep_in(request.POST),
        )  # fmt: skip
        record_changes(actor, changes, reason_of(request))
    some = "1 draft" if len(changes) == 1 else f"{len(changes)} drafts"
    text = f"The jobs of {some} are as the template has them; nothing is deployed yet."
    return told(request, text, back_to=object_at(KIND, path, "references"))


def _numbered(text: str) -> tuple[str, int]:
    """Return the workflow of `NO:PATH` with the number of its draft."""
    no, _, path = text.partition(":")
    return path.replace("\0", ""), _number(no)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _told(found: Located) -> dict[str, str]:
    problem = found.problem
    place = f"{found.kind} {found.path}"
    return {"sentence": problem.sentence, "place": place, "severity": problem.severity.value}


def _shown(found: Update, account: Account) -> dict[str, Any]:
    lines = found.diff.splitlines()
    may = may_at(account, Verb.EDIT, found.path)
    return {
        "each": found,
        "value": f"{found.edit_no}:{found.path}",
        "href": object_at("workflow", found.path),
        "names": ", ".join(job.job for job in found.jobs),
        "missing": [(job.job, ", ".join(job.missing)) for job in found.jobs if job.missing],
        "possible": found.possible and may,
        "may": may,
        "diff": lines[:LONGEST_DIFF],
        "more": max(0, len(lines) - LONGEST_DIFF),
        "errors": [p.problem.sentence for p in found.problems if p.problem.severity == "error"],
    }
