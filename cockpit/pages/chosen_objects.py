"""Verbs on the objects that are selected in the inventory: into the trash, tags."""

from collections.abc import Iterable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api.inventory.audited import record_changes
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import is_part, own_address, page, render
from cockpit.pages.drafts import listed, problems_in
from inventory.change import Change
from inventory.deployed import Ref
from inventory.errors import InventoryRefusal
from inventory.queries import present_items
from inventory.references.users import outside_users
from inventory.tagging import all_tags, tag_objects
from inventory.trashing import trash_all

_TITLES = {"trash": "Move to trash", "tag": "Tag"}
MOST = 2_000


@page(Verb.EDIT)
def change_chosen(request: HttpRequest, actor: Actor, verb: str) -> HttpResponse:
    """Show the dialog of a verb on the selected objects, or carry the verb out."""
    given = request.POST if request.method == "POST" else request.GET
    refs = refs_in(given.getlist("objects"))
    back = own_address(given.get("next", ""), "/inventory/")
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            return _carry_out(request, actor, verb, refs, back)
        except InventoryRefusal as refused:
            problems = problems_in(refused)
    items = restrict(present_items(), actor.account)
    context = {
        "page_title": f"{_TITLES[verb]}: {len(refs)} object{'' if len(refs) == 1 else 's'}",
        "verb": verb, "refs": [f"{kind}:{path}" for kind, path in refs], "next": back,
        "add": given.get("add", ""), "remove": given.get("remove", ""),
        "known_tags": [name for _, name, _ in all_tags(items)] if verb == "tag" else [],
        "users": outside_users(refs, items)[:20] if verb == "trash" else [],
        "problems": listed(problems), "submit_text": _TITLES[verb], "danger": verb == "trash",
        "action": f"/inventory/-/many/{verb}/", "back": back,
        "fields": "cockpit/inventory/chosen_fields.html",
    }  # fmt: skip
    name = "form_dialog" if is_part(request) else "form_page"
    return render(request, actor, f"parts/{name}.html", context, 422 if problems else 200)


def refs_in(names: Iterable[str]) -> list[Ref]:
    """Return kind and path of `KIND:PATH`, each once; what is malformed is left out."""
    parts = (name.partition(":") for name in names if "\0" not in name)
    return list(dict.fromkeys((kind, path) for kind, _, path in parts if kind and path))[:MOST]


def _carry_out(
    request: HttpRequest, actor: Actor, verb: str, refs: list[Ref], back: str
) -> HttpResponse:
    for _, path in refs:
        require_at(actor.account, Verb.EDIT, path)
    with transaction.atomic():
        changes = _changes(request, actor, verb, refs)
        record_changes(actor, changes, reason_of(request))
    return told(request, f"{_TITLES[verb]}: {len(changes)} done.", back_to=back)


def _changes(request: HttpRequest, actor: Actor, verb: str, refs: list[Ref]) -> tuple[Change, ...]:
    if verb == "trash":
        return trash_all(refs, account=actor.account.name)
    return tag_objects(
        refs, add=_words(request.POST.get("add", "")), remove=_words(request.POST.get("remove", ""))
    )


def _words(text: str) -> list[str]:
    """Return the tags of a field, which commas part."""
    return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
