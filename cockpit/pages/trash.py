"""`/inventory/-/trash/`: what was put away, to be taken out again or deleted for good."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api.inventory.audited import record_changes
from cockpit.pages.addresses import with_query
from cockpit.pages.asking import reason_of, told
from cockpit.pages.chosen_objects import refs_in
from cockpit.pages.door import page, render
from cockpit.pages.drafts import listed, problems_in
from cockpit.pages.kind_words import WORDS
from inventory.change import Change
from inventory.deployed import Ref
from inventory.errors import InventoryRefusal
from inventory.queries import trashed_items
from inventory.trashing import delete_from_trash, restore_as

ROWS = 200
_HERE = "/inventory/-/trash/"


@page()
def trash(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the trash, last trashed first; take out or delete what is chosen."""
    problems: list[dict[str, str]] = []
    chosen = refs_in(request.POST.getlist("objects"))
    if request.method == "POST":
        for _, path in chosen:
            require_at(actor.account, Verb.EDIT, path)
        try:
            return _carry_out(request, actor, chosen)
        except InventoryRefusal as refused:
            problems = problems_in(refused)
    skip = int(request.GET.get("skip", "0")) if request.GET.get("skip", "0").isdecimal() else 0
    found = restrict(trashed_items(), actor.account).defer("source", "problems")
    rows = list(found[skip : skip + ROWS + 1])
    context = {
        "page_title": "Trash",
        "lines": [(item, WORDS[item.kind]) for item in rows[:ROWS]],
        "older": with_query({"skip": str(skip + ROWS)}) if len(rows) > ROWS else "",
        "newest": "?" if skip else "",
        "problems": listed(problems),
    }
    return render(request, actor, "inventory/trash.html", context, 422 if problems else 200)


def _carry_out(request: HttpRequest, actor: Actor, refs: list[Ref]) -> HttpResponse:
    deleting = request.POST.get("act") == "delete"
    with transaction.atomic():
        changes = delete_from_trash(refs) if deleting else _restored(refs, actor.account.name)
        record_changes(actor, changes, reason_of(request))
    word = "deleted for good" if deleting else "taken out of the trash"
    return told(request, f"{len(refs)} {word}.", back_to=_HERE)


def _restored(refs: list[Ref], account: str) -> tuple[Change, ...]:
    return tuple(restore_as(kind, path, path, account=account) for kind, path in refs)
