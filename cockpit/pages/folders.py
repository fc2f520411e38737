"""Dialogs on folders: made, renamed or moved with what names them, copied, put into the trash."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api.inventory.audited import record_changes
from cockpit.pages.addresses import with_query
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import is_part, page, render
from cockpit.pages.drafts import listed, problems_in
from inventory.change import Change
from inventory.copying import copies_of, copy_folder
from inventory.errors import InventoryRefusal
from inventory.folders import make_folder
from inventory.paths import folder_of
from inventory.queries import present_items
from inventory.renaming import Renaming, move_folder_everywhere, preview_move
from inventory.trashing import trash_folder

_TITLES = {
    "make": "New folder",
    "move": "Rename or move the folder",
    "copy": "Copy the folder",
    "trash": "Move the folder to the trash",
}
_SUBMITS = {"make": "Make", "move": "Move", "copy": "Copy", "trash": "Move to trash"}
_SHOWN = 200


@page(Verb.EDIT)
def change_folder(request: HttpRequest, actor: Actor, verb: str) -> HttpResponse:
    """Show the dialog of a verb on a folder, with what would change, or carry the verb out."""
    given = request.POST if request.method == "POST" else request.GET
    folder = given.get("folder", "").strip("/").replace("\0", "")
    if verb != "make" and not folder:
        raise Http404("No folder is named.")
    to = given.get("to", _suggested(verb, folder)).strip().strip("/")
    affixes = {"prefix": given.get("prefix", ""), "suffix": given.get("suffix", "")}
    problems: list[dict[str, str]] = []
    if request.method == "POST" and "look" not in request.POST:
        try:
            return _carry_out(request, actor, verb, folder, to, affixes)
        except InventoryRefusal as refused:
            problems = problems_in(refused)
    context = {
        "page_title": _TITLES[verb], "verb": verb, "folder": folder, "to": to, **affixes,
        "problems": listed(problems), "submit_text": _SUBMITS[verb], "danger": verb == "trash",
        "action": f"/inventory/-/folder/{verb}/", "back": _list_at(folder),
        "fields": "cockpit/inventory/folder_fields.html",
        "objects": restrict(present_items(), actor.account).within([folder]).count(),  # type: ignore[attr-defined]
        **_foreseen(verb, folder, to, affixes),
    }  # fmt: skip
    name = "form_dialog" if is_part(request) else "form_page"
    return render(request, actor, f"parts/{name}.html", context, 422 if problems else 200)


def _suggested(verb: str, folder: str) -> str:
    if verb == "make":
        return f"{folder}/" if folder else ""
    return f"{folder}-copy" if verb == "copy" else folder


def _carry_out(
    request: HttpRequest, actor: Actor, verb: str, folder: str, to: str, affixes: dict[str, str]
) -> HttpResponse:
    who = actor.account.name
    verbs: dict[str, Callable[[], Iterable[Change]]] = {
        "make": lambda: (make_folder(to),),
        "move": lambda: move_folder_everywhere(folder, to, account=who),
        "copy": lambda: copy_folder(folder, to, account=who, **affixes),
        "trash": lambda: trash_folder(folder, account=who),
    }
    for path in {folder, to} - {""}:
        require_at(actor.account, Verb.EDIT, path)
    with transaction.atomic():
        changes = tuple(verbs[verb]())
        record_changes(actor, changes, reason_of(request))
    back = _list_at(folder_of(folder) if verb == "trash" else to)
    return told(request, f"{_SUBMITS[verb]}: {folder or to} is done.", back_to=back)


def _foreseen(verb: str, folder: str, to: str, affixes: dict[str, str]) -> dict[str, Any]:
    """Return what moving or copying would change, where the new path is one."""
    try:
        if verb == "move" and to != folder:
            return _shown(preview_move(folder, to))
        if verb == "copy":
            return _shown(Renaming(tuple(copies_of(folder, to, **affixes)), ()))
    except InventoryRefusal:
        pass
    return {}


def _shown(renaming: Renaming) -> dict[str, Any]:
    return {
        "moves": renaming.moves[:_SHOWN],
        "more_moves": max(0, len(renaming.moves) - _SHOWN),
        "edits": [(edit, edit.diff.splitlines()) for edit in renaming.edits[:_SHOWN]],
    }


def _list_at(folder: str) -> str:
    return "/inventory/" + with_query({"folder": folder})
