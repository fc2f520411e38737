"""`/inventory/-/replace/` and `/inventory/-/problems/`: the texts of many drafts at once."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Account, Verb
from cockpit.api.inventory.audited import record_changes
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import page, render
from cockpit.pages.drafts import listed, problems_in
from cockpit.pages.kind_words import WORDS
from inventory.deployed import Ref
from inventory.errors import InventoryRefusal
from inventory.models import Item
from inventory.queries import present_items
from inventory.replacing import Replacement, replace_in, replacements
from inventory.substituting import Pattern
from inventory.validating import validate

SHOWN = 200
LONGEST_DIFF = 60


@page(Verb.EDIT)
def replace(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what would be replaced in each draft, and replace it in those that are chosen."""
    given = request.POST if request.method == "POST" else request.GET
    pattern = pattern_in(given)
    problems: list[dict[str, str]] = []
    found: list[Replacement] = []
    try:
        if request.method == "POST" and "keep" in request.POST:
            return _keep(request, actor, pattern)
        if pattern.text:
            found = replacements(_items(actor.account, given), pattern)
    except InventoryRefusal as refused:
        problems = problems_in(refused)
    context = {
        "page_title": "Find and replace", "pattern": pattern, "folder": _folder(given),
        "kind": given.get("kind", ""), "words": WORDS.values(), "problems": listed(problems),
        "hits": sum(each.count for each in found), "all": len(found),
        "found": [_shown(each) for each in found[:SHOWN]], "asked": bool(pattern.text),
        "comment": given.get("comment", ""), "ticket": given.get("ticket", ""),
    }  # fmt: skip
    return render(request, actor, "inventory/replace.html", context, 422 if problems else 200)


@page()
def problems(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show everything that is wrong at and below a folder."""
    folder = _folder(request.GET)
    done = validate(_items(actor.account, request.GET))
    context = {
        "page_title": "Problems" + (f" in {folder}" if folder else ""),
        "folder": folder,
        "done": done,
        "lines": [(each, object_at(each.kind, each.path)) for each in done.problems[:1_000]],
        "back": "/inventory/" + with_query({"folder": folder}),
    }
    return render(request, actor, "inventory/problems.html", context)


def pattern_in(given: QueryDict) -> Pattern:
    """Return what a form asks to replace; an empty text asks for nothing yet."""
    return Pattern(
        text=given.get("text", "").replace("\r\n", "\n"),
        replacement=given.get("replacement", "").replace("\r\n", "\n"),
        regex="regex" in given,
        ignore_case="ignore_case" in given,
    )


def _keep(request: HttpRequest, actor: Actor, pattern: Pattern) -> HttpResponse:
    numbered = [_numbered(text) for text in request.POST.getlist("objects")]
    for (_, path), _ in numbered:
        require_at(actor.account, Verb.EDIT, path)
    with transaction.atomic():
        changes = replace_in(numbered, pattern, account=actor.account.name)
        record_changes(actor, changes, reason_of(request))
    return told(request, f"Replaced in {len(changes)} drafts.", back_to="/inventory/")


def _numbered(text: str) -> tuple[Ref, int]:
    """Return the object of `NO:KIND:PATH` with the number of its draft."""
    no, _, rest = text.partition(":")
    kind, _, path = rest.partition(":")
    return (kind, path), int(no) if no.isdecimal() and len(no) < 19 else 0


def _items(account: Account, given: QueryDict) -> QuerySet[Item]:
    items = restrict(present_items(), account)
    if given.get("kind"):
        items = items.filter(kind=given["kind"])
    folder = _folder(given)
    return items.within([folder]) if folder else items  # type: ignore[attr-defined]


def _folder(given: QueryDict) -> str:
    return given.get("folder", "").strip("/").replace("\0", "")


def _shown(found: Replacement) -> dict[str, Any]:
    lines = found.diff.splitlines()
    return {
        "each": found,
        "value": f"{found.edit_no}:{found.kind}:{found.path}",
        "href": object_at(found.kind, found.path),
        "diff": lines[:LONGEST_DIFF],
        "more": max(0, len(lines) - LONGEST_DIFF),
        "errors": [p.problem.sentence for p in found.problems if p.problem.severity == "error"],
    }
