"""`/inventory/-/git/`: which folders are in Git, how they stand, pull, deploy and push."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict

from agents.site_key import SiteKeyUnusable
from cockpit.access.account import Actor
from cockpit.access.gate import require, require_at, rows
from cockpit.access.policy import Verb
from cockpit.api.inventory.audited import record_changes
from cockpit.api.inventory.deployments import record_deployment
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import leave_to, page, render
from cockpit.pages.kind_words import WORDS
from inventory.deployed import Ref
from inventory.errors import InventoryRefusal, Located
from inventory.models import Repository
from inventory.repositories.binding import bind, unbind
from inventory.repositories.pulling import Pulled, deploy_commit, pull
from inventory.repositories.pushing import push
from inventory.repositories.standing import Status, status
from inventory.repositories.three_way import Row, Side, Standing

SHOWN = 300
LONGEST_DIFF = 60
_HERE = "/inventory/-/git/"
_LOOKS = {
    Standing.THEIRS: ("draft", "changed there"),
    Standing.OURS: ("deployed", "changed here"),
    Standing.BOTH: ("suspended", "changed on both sides"),
}


@page()
def git_folders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show which folders are in Git, or bring one into it."""
    problems: list[dict[str, str]] = []
    given = request.POST
    if request.method == "POST":
        # Whoever names credentials decides where a secret goes.
        require(actor.account, Verb.ADMINISTER)
        try:
            return _bind(request, actor)
        except InventoryRefusal as refused:
            problems = [_told(found) for found in refused.problems]
    context = {
        "page_title": "Folders in Git", "problems": problems, "given": given,
        "lines": [(each, _at(each.path)) for each in rows(Repository, actor.account)],
        "folder": given.get("folder", request.GET.get("folder", "")),
    }  # fmt: skip
    return render(request, actor, "inventory/git.html", context, 422 if problems else 200)


@page()
def git_folder(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show how a folder stands against its repository, or bring the two together."""
    given = request.POST if request.method == "POST" else request.GET
    folder = given.get("folder", "").strip("/").replace("\0", "")
    require_at(actor.account, Verb.LOOK, folder)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            return _carry_out(request, actor, folder)
        except InventoryRefusal as refused:
            problems = [_told(found) for found in refused.problems]
        except SiteKeyUnusable as unusable:
            problems = [{"text": str(unusable), "place": "", "level": "error"}]
    found: Status | None = None
    try:
        found = status(folder, fetch="stale" not in given)
    except InventoryRefusal as refused:
        problems += [_told(each) for each in refused.problems]
    return _shown(request, actor, folder, found, problems)


def _shown(
    request: HttpRequest,
    actor: Actor,
    folder: str,
    found: Status | None,
    problems: list[dict[str, str]],
) -> HttpResponse:
    context: dict[str, Any] = {
        "page_title": f"{folder or 'All folders'} in Git", "folder": folder, "here": _at(folder),
        "repository": rows(Repository, actor.account).filter(path=folder).first(),
        "problems": problems, "given": request.POST,
    }  # fmt: skip
    if found is not None:
        context |= {
            "found": found,
            "lines": [_line(row) for row in found.rows[:SHOWN]],
            "all": len(found.rows),
            "problems": problems + [_told(each) for each in found.problems],
            "to_push": found.of(Standing.OURS),
            "may_push": found.head == found.commit,
        }
    status_code = 422 if problems and request.method == "POST" else 200
    return render(request, actor, "inventory/git_folder.html", context, status_code)


def _bind(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = request.POST
    folder = given.get("folder", "").strip("/ ")
    with transaction.atomic():
        done = bind(
            folder, given.get("address", ""), account=actor.account.name,
            branch=given.get("branch", "").strip() or "main",
            directory=given.get("directory", "").strip("/ "),
            credentials=given.get("credentials", "").strip(),
        )  # fmt: skip
        record_changes(actor, [done], reason_of(request))
    return leave_to(request, _at(folder))


def _carry_out(request: HttpRequest, actor: Actor, folder: str) -> HttpResponse:
    act = request.POST.get("act", "")
    verb = {"unbind": Verb.ADMINISTER, "deploy": Verb.DEPLOY}.get(act, Verb.EDIT)
    for needed in {verb, Verb.EDIT}:
        require_at(actor.account, needed, folder)
    match act:
        case "unbind":
            with transaction.atomic():
                record_changes(actor, [unbind(folder)], reason_of(request))
            return told(request, "The folder is no longer in Git.", back_to=_HERE)
        case "push":
            return _push(request, actor, folder)
        case "deploy":
            return _deploy(request, actor, folder)
        case _:
            return _pull(request, actor, folder)


def _pull(request: HttpRequest, actor: Actor, folder: str) -> HttpResponse:
    reason = reason_of(request)
    done = pull(
        folder, account=actor.account.name, choices=choices_in(request.POST),
        seen=request.POST.get("seen", ""),
        note=lambda pulled: record_changes(actor, pulled.changes, reason),
    )  # fmt: skip
    return told(request, f"The drafts are at {done.commit[:12]}.", back_to=_at(folder))


def _deploy(request: HttpRequest, actor: Actor, folder: str) -> HttpResponse:
    reason = reason_of(request)

    def note(pulled: Pulled) -> None:
        record_changes(actor, pulled.changes, reason)
        if pulled.deployment is not None:
            record_deployment(actor, "deploy", pulled.deployment, reason)

    done = deploy_commit(
        folder, account=actor.account.name, comment=reason.comment,
        choices=choices_in(request.POST), seen=request.POST.get("seen", ""), note=note,
    )  # fmt: skip
    made = done.deployment
    return leave_to(request, f"/deployments/{made.pk}/" if made else _at(folder))


def _push(request: HttpRequest, actor: Actor, folder: str) -> HttpResponse:
    reason = reason_of(request)
    done = push(
        folder, account=actor.account.name, message=request.POST.get("message", ""),
        deployed=request.POST.get("edition") == "deployed",
        note=lambda pushed: record_changes(actor, [pushed.change], reason),
    )  # fmt: skip
    said = f"{len(done.objects)} objects were pushed as {done.commit[:12]}."
    return told(request, said, back_to=_at(folder))


def choices_in(given: QueryDict) -> dict[Ref, Side]:
    """Return which side somebody has chosen, from fields `side:KIND:PATH`."""
    found: dict[Ref, Side] = {}
    for name, value in given.items():
        mark, _, ref = name.partition(":")
        kind, _, path = ref.partition(":")
        if mark == "side" and kind in WORDS and value in set(Side):
            found[kind, path] = Side(str(value))
    return found


def _at(folder: str) -> str:
    # A trailing parameter, so that the root is a folder, too.
    return f"{_HERE}folder/{with_query({'folder': folder})}"


def _line(row: Row) -> dict[str, Any]:
    diff = row.diff.splitlines()
    look, word = _LOOKS[row.standing]
    gone = {"theirs": row.theirs is None, "ours": row.ours is None}.get(row.standing.value, False)
    return {
        "row": row, "look": look, "word": f"removed {word.split()[-1]}" if gone else word,
        "words": WORDS[row.kind], "field": f"side:{row.kind}:{row.path}",
        "href": "" if row.ours is None else object_at(row.kind, row.path),
        "diff": diff[:LONGEST_DIFF], "more": max(0, len(diff) - LONGEST_DIFF),
    }  # fmt: skip


def _told(found: Located) -> dict[str, str]:
    place = f"{found.path}: {found.problem.place}".strip().removesuffix(":")
    return {"text": found.problem.sentence, "place": place, "level": found.problem.severity.value}
