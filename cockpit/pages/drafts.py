"""`/inventory/TYPE/PATH/`: a draft as text, with its problems, picture and difference."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from agents.site_key import SiteKeyUnusable
from cockpit import audit, diagram
from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import require_at, restrict, rows
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.inventory.references import references_seen
from cockpit.audit import Deed
from cockpit.pages.addresses import object_at, source_tab
from cockpit.pages.asking import reason_of, told
from cockpit.pages.deploying import deployed_with_audit
from cockpit.pages.door import leave_to, page, render
from cockpit.pages.jobs_of_template import jobs_of_template
from cockpit.pages.kind_words import WORDS, live_at
from cockpit.pages.object_head import object_head
from engine.workflow.read import read_workflow
from inventory import dangling, edit, operating
from inventory.change import Change
from inventory.check import Examined, examine, problems_as_json
from inventory.errors import EditedMeanwhile, InventoryRefusal
from inventory.kinds import KINDS
from inventory.known import known_names
from inventory.models import Item, Version
from inventory.queries import difference, item_at, present_items, versions_of
from inventory.source import storable_problems

LARGEST_PICTURE = 400_000


@page()
def draft(request: HttpRequest, actor: Actor, kind: str, path: str) -> HttpResponse:
    """Show a draft, keep a changed one, or keep and deploy it."""
    item = item_of(actor.account, kind, path)
    if request.method != "POST":
        return _editor(request, actor, item, item.source, dangling.told(item).problems)
    require_at(actor.account, Verb.EDIT, path)
    source = _given(request)
    try:
        _keep(request, actor, kind, path, source, _edit_no(request))
    except InventoryRefusal as refused:
        status = 409 if isinstance(refused, EditedMeanwhile) else 422
        return _editor(request, actor, item, source, problems_in(refused), status)
    if "deploy" in request.POST:
        return _deploy(request, actor, kind, path)
    item = item_of(actor.account, kind, path)
    word = "The draft is kept." if item.valid else "The draft is kept; it cannot be deployed yet."
    return told(
        request, word, back_to=object_at(kind, path), level="success" if item.valid else "warning"
    )


@page(Verb.EDIT)
def new_draft(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """Show the form of a new object, or make it."""
    _known_kind(kind)
    given = request.POST if request.method == "POST" else request.GET
    folder = given.get("folder", "").strip("/")
    path = given.get("path", f"{folder}/" if folder else "").strip()
    source = _given(request) if request.method == "POST" else WORDS[kind].starter
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        require_at(actor.account, Verb.EDIT, path)
        try:
            _keep(request, actor, kind, path, source, edit.ABSENT)
        except InventoryRefusal as refused:
            problems = problems_in(refused)
        else:
            return told(request, f"{path} is made.", back_to=object_at(kind, path))
    words = WORDS[kind]
    context = {"page_title": f"New {words.title.lower()}", "kind": kind, "words": words,
               "path": path, "source": source, "problems": listed(problems),
               "comment": given.get("comment", ""), "ticket": given.get("ticket", "")}  # fmt: skip
    return render(request, actor, "inventory/new.html", context, 422 if problems else 200)


@page()
def check(request: HttpRequest, actor: Actor, kind: str, path: str) -> HttpResponse:
    """Answer what is wrong with a text and how it looks, keeping nothing."""
    _known_kind(kind)
    source = _given(request)
    unfit = storable_problems(source)
    examined = None if unfit else examine(kind, source, known_names())
    problems = problems_as_json(unfit if examined is None else examined.frozen.problems)
    context = {"problems": listed(problems), "svg": picture(kind, examined),
               "is_pictured": kind == "workflow", "checked": True}  # fmt: skip
    return render(request, actor, "inventory/findings.html", context)


def _editor(
    request: HttpRequest,
    actor: Actor,
    item: Any,
    source: str,
    problems: list[dict[str, str]],
    status: int = 200,
) -> HttpResponse:
    known = not storable_problems(source)
    examined = examine(item.kind, source, known_names()) if known else None
    old = _deployed(actor.account, item)
    account = actor.account
    context = {
        **object_head(account, item, source_tab(item.kind)),
        "source": source,
        "problems": listed(problems),
        "svg": picture(item.kind, examined),
        "is_pictured": item.kind == "workflow",
        "references": references_seen(restrict(present_items(), account), item),
        **jobs_of_template(account, item),
        "old": old,
        "new": item,
        "diff": _difference(old, examined),
        "live_href": live_at(item.kind, item.path) if item.deployed_version else "",
        "may_deploy": may_at(account, Verb.DEPLOY, item.path),
        "comment": request.POST.get("comment", ""),
        "ticket": request.POST.get("ticket", ""),
    }
    return render(request, actor, "inventory/editor.html", context, status)


def picture(kind: str, examined: Examined | None) -> SafeString | None:
    """Return the diagram of a workflow's draft that can be read; other kinds have none."""
    if kind != "workflow" or examined is None or examined.frozen.document is None:
        return None
    if len(examined.frozen.document) > LARGEST_PICTURE:
        return None
    workflow = read_workflow(examined.frozen.document).workflow
    # The diagram escapes every text of the workflow itself.
    return mark_safe(diagram.draw(workflow)) if workflow else None  # noqa: S308


def _difference(old: Version | None, examined: Examined | None) -> list[str]:
    if old is None or examined is None or examined.frozen.document is None:
        return []
    new = Version(kind=old.kind, path=old.path, version="draft", document=examined.frozen.document)
    return difference(old, new).splitlines()


def _deployed(account: Account, item: Any) -> Version | None:
    found = restrict(versions_of(item.kind, item.path), account)
    return found.filter(version=item.deployed_version or "").first()


def _deploy(request: HttpRequest, actor: Actor, kind: str, path: str) -> HttpResponse:
    require_at(actor.account, Verb.DEPLOY, path)
    item = item_of(actor.account, kind, path)
    try:
        made = deployed_with_audit(request, actor, [(kind, path)])
    except InventoryRefusal as refused:
        return _editor(request, actor, item, item.source, problems_in(refused), 422)
    except SiteKeyUnusable as unusable:
        problem = {"sentence": str(unusable), "place": "", "severity": "error"}
        return _editor(request, actor, item, item.source, [problem], 503)
    if made.state == "done":
        return told(request, f"{path} is {WORDS[kind].done}.", back_to=object_at(kind, path))
    return leave_to(request, f"/deployments/{made.pk}/")


def _keep(
    request: HttpRequest, actor: Actor, kind: str, path: str, source: str, edit_no: int | None
) -> None:
    with transaction.atomic():
        done = _put(kind, path, source, actor.account.name, edit_no)
        if done.changed:
            deed = Deed(
                verb=done.verb, kind=kind, objects=[path], before=done.before, after=done.after
            )
            audit.record(actor, deed, reason_of(request))


def _put(kind: str, path: str, source: str, account: str, edit_no: int | None) -> Change:
    """Keep a text; that of a workflow that is there already as an edit that can be taken back."""
    if kind == operating.KIND and edit_no != edit.ABSENT:
        return operating.keep_text(path, source, account=account, edit_no=edit_no).change
    return edit.put_draft(kind, path, source, account=account, edit_no=edit_no)


def item_of(account: Account, kind: str, path: str) -> Any:
    """Return a draft with its deployed version.

    Raises:
        NotThere: there is none, or the account may not see it.
    """
    items = restrict(present_items(), account)
    found = None if "\0" in kind + path else item_at(items, kind, path)
    if found is None:
        trashed = (
            "\0" not in kind + path
            and rows(Item, account).filter(kind=kind, path=path, trashed_at__isnull=False).exists()
        )
        where = " It is in the trash." if trashed else ""
        raise NotThere(f"There is no {kind} {path}.{where}")
    return found


def deed_of(done: Change) -> Deed:
    """Return what the audit log says about a change of the inventory."""
    named = [done.path]
    if done.after is not None and done.after["path"] != done.path:
        named.append(done.after["path"])
    return Deed(verb=done.verb, kind=done.kind, objects=named, before=done.before, after=done.after)


def _known_kind(kind: str) -> None:
    if kind not in KINDS:
        raise Http404(f"There is no type {kind}; there are: {', '.join(KINDS)}.")


def _given(request: HttpRequest) -> str:
    """Return the text of the form with the line ends of documents; forms send those of networks."""
    return request.POST.get("source", "").replace("\r\n", "\n")


def _edit_no(request: HttpRequest) -> int | None:
    text = request.POST.get("edit_no", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def problems_in(refused: InventoryRefusal) -> list[dict[str, str]]:
    """Return what a refusal says, as problems are kept beside a draft."""
    return [
        {"sentence": found.problem.sentence, "place": found.problem.place,
         "severity": found.problem.severity.value}
        for found in refused.problems
    ]  # fmt: skip


def listed(problems: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return kept problems as the part that lists problems wants them."""
    return [{"text": p["sentence"], "place": p["place"], "level": p["severity"]} for p in problems]
