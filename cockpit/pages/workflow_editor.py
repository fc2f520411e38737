"""`/inventory/workflow/PATH/`: the workflow editor, and what its island asks for.

The page holds the plain form for the text as well, for browsers without script.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb, may_at
from cockpit.audit import Deed
from cockpit.pages.door import page, render
from cockpit.pages.drafts import draft, item_of
from cockpit.pages.editor_asking import operation_of
from cockpit.pages.editor_deployed import (
    as_written,
    deployed_version,
    draft_changes,
    marked_against,
)
from cockpit.pages.editor_fields import FieldUnreadable
from cockpit.pages.editor_look import look_of
from cockpit.pages.editor_offers import known_lists, palette, siblings
from cockpit.pages.editor_template import template_operation
from cockpit.pages.editor_view import (
    KIND,
    addresses,
    body_of,
    faces,
    panel_parts,
    parts_of,
    shown_face,
)
from cockpit.pages.kind_words import live_at
from cockpit.pages.object_head import object_head
from inventory import operating
from inventory.editing import EditingRefusal, Operation
from inventory.editing.fragment import copied
from inventory.editing.reading import document_of, places_of
from inventory.errors import EditedMeanwhile, InventoryRefusal
from inventory.operating import Operated
from inventory.presence import HeldBySomebody, hold, holder, leave, take_over


@page()
def workflow_editor(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Show the editor; the form for the text, which needs no script, posts here."""
    if request.method == "POST":
        return draft(request, kind=KIND, path=path)  # type: ignore[return-value]
    item = item_of(actor.account, KIND, path)
    face = shown_face(request.GET)
    look, old = look_of(request.GET), deployed_version(actor, item)
    parts = parts_of(item, look, actor.account.name, as_written(old))
    context = {
        **object_head(actor.account, item), "face": face, "parts": parts,
        "may_deploy": may_at(actor.account, Verb.DEPLOY, path),
        "live_href": live_at(KIND, path) if item.deployed_version else "",
        "asks": addresses(item), "palette": palette(),
        "known": known_lists(actor.account), "siblings": siblings(actor.account, item),
        "changes": draft_changes(item, old), "marks": look.marks,
        "lines": json.dumps(parts["lines"]),
    }  # fmt: skip
    return render(request, actor, "inventory/workflow_editor.html", context)


@page(Verb.EDIT)
def operate(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Do an operation and answer with all that it changed on the page."""
    given = body_of(request)
    try:
        item = item_of(actor.account, KIND, path)
        operation = _operation(actor, item.source, given.get("operation"))
    except (EditingRefusal, FieldUnreadable) as refused:
        return _refusal(str(refused), "operation-refused", 422)
    return _did(request, actor, item, given, partial(operating.operate, path, operation))


@page(Verb.EDIT)
def step(request: HttpRequest, actor: Actor, path: str, verb: str) -> HttpResponse:
    """Take the last edit back, or do it again."""
    act = operating.undo if verb == "undo" else operating.redo
    item, given = item_of(actor.account, KIND, path), body_of(request)
    return _did(request, actor, item, given, partial(act, path))


@page()
def look(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Answer what belongs to a place that is selected."""
    item = item_of(actor.account, KIND, path)
    return _answer(panel_parts(item, look_of(request.GET), actor.account.name))


@page()
def picture(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Answer diagram and outline, folded and opened as the address says."""
    item = item_of(actor.account, KIND, path)
    try:
        places = places_of(item.source)
    except EditingRefusal as refused:
        return HttpResponse(str(refused), status=409, content_type="text/plain")
    look = look_of(request.GET)
    response = HttpResponse(faces(item, places, look, marked_against(actor, item, look)))
    response["Cache-Control"] = "no-store"
    return response


@page()
def fragment(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Answer the instructions at some positions with their jobs, to be pasted elsewhere."""
    item = item_of(actor.account, KIND, path)
    try:
        found = copied(document_of(item.source), tuple(request.GET.getlist("at")))
    except EditingRefusal as refused:
        return _refusal(str(refused), "operation-refused", 409)
    return _answer(msgspec.to_builtins(found))


@page(Verb.EDIT)
def presence(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Go on holding the draft, take it over, or leave it; answers who is at work."""
    require_at(actor.account, Verb.EDIT, path)
    item, what = item_of(actor.account, KIND, path), request.GET.get("act", "")
    account = actor.account.name
    if request.method == "POST":
        if what == "leave":
            leave(item, account)
        elif what == "take":
            take_over(item, account)
        else:
            hold(item, account)
    found = holder(item)
    by = found.account if found and found.account != account else ""
    return _answer({"held_by": by, "edit_no": item.edit_no})


def _did(
    request: HttpRequest,
    actor: Actor,
    item: Any,
    given: dict[str, Any],
    act: Callable[..., Operated],
) -> HttpResponse:
    require_at(actor.account, Verb.EDIT, item.path)
    account, (edit_no, name) = actor.account.name, _numbered(given)
    try:
        with transaction.atomic():
            done = act(account=account, edit_no=edit_no, request=name)
            if done.change.changed:
                audit.record(actor, _deed(done))
    except InventoryRefusal as refused:
        now = item_of(actor.account, KIND, item.path)
        if edit_no is not None and operating.is_done(now, account, edit_no, name):
            return _parts(actor, now, given, moved=None, words="done already")
        return _refused(now, edit_no, refused)
    item = _as_deployed(done.item, item)
    return _parts(actor, item, given, at=done.at, moved=done.moved, words=done.words)


def _numbered(given: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return the number of the draft that somebody has seen, and the name of the request."""
    seen, name = given.get("edit_no"), given.get("request")
    return seen if isinstance(seen, int) else None, str(name or "")[:100]


def _parts(
    actor: Actor, item: Any, given: Mapping[str, Any], *, at: str = "", **told: Any
) -> HttpResponse:
    """Answer with all parts of the page, and what is told of the operation."""
    wanted = given.get("look")
    asked = look_of(wanted if isinstance(wanted, dict) else {})
    asked = asked._replace(at=at or asked.at)
    parts = parts_of(item, asked, actor.account.name, marked_against(actor, item, asked))
    return _answer({**parts, **told})


def _operation(actor: Actor, source: str, given: Any) -> Operation:
    if isinstance(given, dict) and given.get("do") == "take-template":
        return template_operation(actor.account, source, given)
    return operation_of(source, given)


def _as_deployed(item: Any, before: Any) -> Any:
    """Return a draft with what is deployed of it, which no operation changes."""
    item.deployed_version, item.deployed_draft = before.deployed_version, before.deployed_draft
    return item


def _deed(done: Operated) -> Deed:
    """Return the audit row: what was done, and the numbers of the draft; texts are in the log."""
    before, after = done.change.before or {}, done.change.after or {}
    return Deed(
        verb=done.change.verb,
        kind=KIND,
        objects=[done.change.path],
        before={"edit_no": before.get("edit_no"), "valid": before.get("valid")},
        after={
            "edit_no": after.get("edit_no"),
            "valid": after.get("valid"),
            "did": done.words,
        },
    )


def _refused(item: Any, edit_no: int | None, refused: InventoryRefusal) -> HttpResponse:
    sentence = " ".join(found.problem.sentence for found in refused.problems)
    status = 409 if isinstance(refused, EditedMeanwhile | HeldBySomebody) else 422
    did = operating.edits_since(item, edit_no) if edit_no is not None else []
    return _refusal(sentence, refused.code, status, did=did, by=item.changed_by)


def _refusal(sentence: str, code: str, status: int, **more: Any) -> HttpResponse:
    return _answer({"error": sentence, "code": code, **more}, status)


def _answer(found: dict[str, Any], status: int = 200) -> HttpResponse:
    return JsonResponse(found, status=status, headers={"Cache-Control": "no-store"})
