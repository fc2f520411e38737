"""Renaming an object of the inventory, and putting it into the trash."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import own_address, page, render
from cockpit.pages.drafts import deed_of, item_of, listed, problems_in
from inventory import edit
from inventory.errors import InventoryRefusal
from inventory.models import Item


@page(Verb.EDIT)
def move_draft(request: HttpRequest, actor: Actor, kind: str, path: str, verb: str) -> HttpResponse:
    """Show the dialog that renames an object or puts it into the trash, or do so."""
    item = item_of(actor.account, kind, path)
    problems: list[dict[str, str]] = []
    to = request.POST.get("to", path).strip()
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
               "back": own_address(request.GET.get("next", ""), object_at(kind, path))}  # fmt: skip
    in_dialog = request.headers.get("HX-Request") == "true"
    template = "inventory/move_dialog.html" if in_dialog else "inventory/move_page.html"
    return render(request, actor, template, context, 422 if problems else 200)


_MOVES = {"rename": "Rename", "trash": "Move to trash"}


def _move(request: HttpRequest, actor: Actor, item: Item, verb: str, to: str) -> HttpResponse:
    who = actor.account.name
    with transaction.atomic():
        if verb == "trash":
            done = edit.trash(item.kind, item.path, account=who)
        else:
            done = edit.rename(item.kind, item.path, to, account=who)
        audit.record(actor, deed_of(done), reason_of(request))
    back_to = object_at(item.kind, to) if verb == "rename" else "/inventory/"
    return told(request, f"{_MOVES[verb]}: {item.path} is done.", back_to=back_to)
