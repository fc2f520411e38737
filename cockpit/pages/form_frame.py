"""The frame of a page on which an object is changed by small forms: opened, tried, kept.

What the forms are and what the page shows comes in as a `Frame`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from cockpit.access.account import Actor
from cockpit.access.policy import Verb, may_at
from cockpit.pages import drafts
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import told
from cockpit.pages.calendar_changing import NotKept, at_fields, keep
from cockpit.pages.calendar_forms import Form
from cockpit.pages.calendar_operations import FormUnknown
from cockpit.pages.door import by_htmx, render
from cockpit.pages.drafts import item_of
from cockpit.pages.object_head import editor_head
from inventory.editing import EditingRefusal
from inventory.editing.values import Put, with_values

Puts: TypeAlias = tuple[list[Put], list[Any]]
"""What a form puts into the document, and the problems of its fields."""


class Frame(NamedTuple):
    """A page with forms.

    `folder` holds its templates, `kept` are the parts of its address that links repeat. `opened`
    and `sent` return the form that an address or a request means, `puts` what it changes, `shown`
    what the page shows of a draft, `preview` what a text would bring. `instead` may carry a request
    out in its own way; it tells whether the draft is kept now, None where it is not its matter.
    """

    kind: str
    folder: str
    kept: Sequence[str]
    opened: Callable[[HttpRequest, Actor, Any], Form | None]
    sent: Callable[[HttpRequest, Actor, Any], Form | None]
    puts: Callable[[HttpRequest, Actor, Any], Puts]
    shown: Callable[[HttpRequest, Actor, Any], dict[str, Any]]
    preview: Callable[[HttpRequest, Actor, Any, str], dict[str, Any]]
    instead: Callable[[HttpRequest, Actor, Any], bool | None] = lambda *_: None


class _Told(NamedTuple):
    """What is said about a form that was not kept, and the status of the answer."""

    problems: Sequence[Mapping[str, str]] = ()
    status: int = 200


_NOTHING = _Told()


def form_page(request: HttpRequest, actor: Actor, path: str, frame: Frame) -> HttpResponseBase:
    """Show an object, or carry out what a form of its page asks for."""
    if "source" in request.POST:
        return drafts.draft(request, kind=frame.kind, path=path)
    item = item_of(actor.account, frame.kind, path)
    if request.method != "POST":
        return _shown(request, actor, item, frame, _opened(request, actor, item, frame))
    if request.POST.get("act") == "try":
        return _tried(request, actor, item, frame)
    return _carried_out(request, actor, item, frame)


def _opened(request: HttpRequest, actor: Actor, item: Any, frame: Frame) -> Form | None:
    if not may_at(actor.account, Verb.EDIT, item.path):
        return None
    try:
        return frame.opened(request, actor, item)
    except FormUnknown:
        return None


def _carried_out(request: HttpRequest, actor: Actor, item: Any, frame: Frame) -> HttpResponse:
    form: Form | None = None
    try:
        form = frame.sent(request, actor, item)
        if _kept(request, actor, item, frame):
            return _done(request, actor, item.path, frame)
    except FormUnknown as unknown:
        said = _Told([{"text": str(unknown), "place": "", "level": "error"}], 409)
    except NotKept as refused:
        said = _Told(refused.problems, refused.status)
    else:
        said = _Told()
    item = item_of(actor.account, frame.kind, item.path)
    return _shown(request, actor, item, frame, form, said)


def _kept(request: HttpRequest, actor: Actor, item: Any, frame: Frame) -> bool:
    """Keep what a form says; return whether there was something to be kept.

    Raises:
        FormUnknown, NotKept: as they say.
    """
    done = frame.instead(request, actor, item)
    if done is not None:
        return done
    puts, problems = frame.puts(request, actor, item)
    if problems:
        raise NotKept(422, at_fields(problems))
    keep(request, actor, item, puts)
    return True


def _done(request: HttpRequest, actor: Actor, path: str, frame: Frame) -> HttpResponse:
    query = urlencode(_kept_query(request, frame))
    back = object_at(frame.kind, path) + (f"?{query}" if query else "")
    if not by_htmx(request):
        return told(request, "The draft is kept.", back_to=back)
    response = _shown(request, actor, item_of(actor.account, frame.kind, path), frame, None)
    response["HX-Push-Url"] = back
    return response


def _tried(request: HttpRequest, actor: Actor, item: Any, frame: Frame) -> HttpResponse:
    """Answer what the form would bring, keeping nothing."""
    note, source = "", item.source
    try:
        puts, problems = frame.puts(request, actor, item)
        note = " ".join(dict.fromkeys(p.sentence for p in problems))
        source = with_values(source, puts)
    except (FormUnknown, EditingRefusal) as unfit:
        note = str(unfit)
    context = {
        **frame.preview(request, actor, item, source),
        **_place(request, item, frame),
        "tried": source != item.source,
        "note": note,
    }
    return render(request, actor, f"{frame.folder}/preview.html", context)


def _shown(
    request: HttpRequest,
    actor: Actor,
    item: Any,
    frame: Frame,
    form: Form | None,
    said: _Told = _NOTHING,
) -> HttpResponse:
    context = {
        **editor_head(actor.account, item),
        **frame.shown(request, actor, item),
        **frame.preview(request, actor, item, item.source),
        **_place(request, item, frame),
        "form": form,
        "form_problems": said.problems,
    }
    return render(request, actor, f"{frame.folder}/{_part(request)}.html", context, said.status)


def _part(request: HttpRequest) -> str:
    """Return which template is asked for: a part, or the whole page."""
    part = {"day": "checked", "preview": "preview"}.get(request.GET.get("part", ""))
    if part:
        return part
    is_part = by_htmx(request)
    whole = "HX-History-Restore-Request" in request.headers or not is_part
    return "page" if whole else "editor"


def _place(request: HttpRequest, item: Any, frame: Frame) -> dict[str, Any]:
    """Return where the page is, with the parts of its address that links keep."""
    kept = _kept_query(request, frame, "day")
    return {"here": object_at(item.kind, item.path), "kept": kept, "query": urlencode(kept)}


def _kept_query(request: HttpRequest, frame: Frame, *more: str) -> dict[str, str]:
    names = (*frame.kept, *more)
    return {name: str(value) for name, value in request.GET.items() if name in names}
