"""Renaming, copying and putting away one object of the inventory, with what would follow."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api import answers
from cockpit.api.inventory.audited import record_changes
from cockpit.api.inventory.deployments import record_deployment
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.drafts import item_of, listed, problems_in
from inventory import edit
from inventory.change import Change
from inventory.copying import copy_object
from inventory.errors import InventoryRefusal
from inventory.models import Item
from inventory.queries import present_items
from inventory.redeploying import PORTABLE, rename_deployed
from inventory.references.users import outside_users
from inventory.renaming import preview_rename, rename_everywhere

_MOVES = {"rename": "Rename", "copy": "Copy", "trash": "Move to trash"}


@page(Verb.EDIT)
def move_draft(request: HttpRequest, actor: Actor, kind: str, path: str, verb: str) -> HttpResponse:
    """Show the dialog of a verb on an object with what would follow, or carry the verb out."""
    item = item_of(actor.account, kind, path)
    problems: list[dict[str, str]] = []
    given = request.POST if request.method == "POST" else request.GET
    to = given.get("to", f"{path}-copy" if verb == "copy" else path).strip()
    if request.method == "POST":
        for place in {path, to}:
            require_at(actor.account, Verb.EDIT, place)
        try:
            return _move(request, actor, item, verb, to)
        except InventoryRefusal as refused:
            problems = problems_in(refused)
    context = {"page_title": f"{_MOVES[verb]} {path}", "item": item, "verb": verb, "to": to,
               "problems": listed(problems), "action": object_at(kind, path, verb),
               "submit_text": _MOVES[verb], "danger": verb == "trash",
               "back": own_address(request.GET.get("next", ""), object_at(kind, path)),
               "redeploys": verb == "rename" and _redeploys(item),
               **_foreseen(actor, item, verb, to)}  # fmt: skip
    in_dialog = by_htmx(request)
    template = "inventory/move_dialog.html" if in_dialog else "inventory/move_page.html"
    return render(request, actor, template, context, 422 if problems else 200)


def _move(request: HttpRequest, actor: Actor, item: Any, verb: str, to: str) -> HttpResponse:
    if verb == "rename" and _redeploys(item):
        return _redeploy(request, actor, item, to)
    with transaction.atomic():
        record_changes(actor, _changes(actor, item, verb, to), reason_of(request))
    back_to = "/inventory/" if verb == "trash" else object_at(item.kind, to)
    return told(request, f"{_MOVES[verb]}: {item.path} is done.", back_to=back_to)


def _changes(actor: Actor, item: Item, verb: str, to: str) -> tuple[Change, ...]:
    who = actor.account.name
    match verb:
        case "trash":
            return (edit.trash(item.kind, item.path, account=who),)
        case "copy":
            return copy_object(item.kind, item.path, to, account=who)
        case _:
            return rename_everywhere(item.kind, item.path, to, account=who)


def _redeploys(item: Any) -> bool:
    """Tell whether the object is deployed and can move with its deployment."""
    return item.deployed_version is not None and item.kind in PORTABLE


def _redeploy(request: HttpRequest, actor: Actor, item: Item, to: str) -> HttpResponse:
    for place in (item.path, to):
        require_at(actor.account, Verb.DEPLOY, place)
    reason = reason_of(request)
    with transaction.atomic():
        done = rename_deployed(
            item.kind, item.path, to, account=actor.account.name, comment=reason.comment
        )
        record_changes(actor, done.changes, reason)
        record_deployment(actor, "deploy", done.deployment, reason)
    answer = answers.wait(done.deployment.command)
    if answer is not None:
        audit.note_answer(done.deployment.command, answer)
    return leave_to(request, f"/deployments/{done.deployment.pk}/")


def _foreseen(actor: Actor, item: Item, verb: str, to: str) -> dict[str, Any]:
    if verb == "trash":
        items = restrict(present_items(), actor.account)
        return {"users": outside_users([(item.kind, item.path)], items)[:20]}
    if verb == "copy" or to == item.path:
        return {}
    try:
        found = preview_rename(item.kind, item.path, to)
    except InventoryRefusal:
        return {}
    return {
        "edits": [(each, each.diff.splitlines()) for each in found.edits],
        "kept": found.problems,
    }
