"""`/resources/boards/`: the notice boards with their notices and who expects them."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.policy import Verb, may_at
from cockpit.api.resources.boards import board_seen, notice_page
from cockpit.pages.addresses import board_at, object_at, with_query, workflow_at
from cockpit.pages.board_lines import KIND, PLANNABLE, board_lines, notices
from cockpit.pages.door import page, render
from cockpit.pages.lock_lines import deployed
from cockpit.pages.orders import upto
from cockpit.pages.resources import listed
from engine.objects.model import Policy

ROWS = 100
NOTICES = 50
POLICIES: Mapping[Policy, str] = {
    Policy.ANY_SUCCESS: "when its last user has left and one has succeeded",
    Policy.ALL_SUCCESS: "when its last user has left and all have succeeded",
    Policy.LAST_FINISHER: "when its last user has left with success",
    Policy.CLOSE_ON_FIRST_SUCCESS: "for others as soon as one user has succeeded",
}
"""When a notice that was consumed goes, in words of pages."""


@page()
def boards(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the notice boards that are deployed."""
    heard = upto(actor.account)
    found = listed(request, deployed(actor.account, KIND), ROWS)
    context = {
        "page_title": "Notice boards",
        "lines": board_lines(actor.account, found.rows),
        "q": found.text,
        "next": found.next,
        "first": found.first,
        "upto": heard,
    }
    return render(request, actor, "resources/boards.html", context)


@page()
def board(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Show one board: its notices, who uses them, who expects them and who would post them."""
    account, heard = actor.account, upto(actor.account)
    seen = board_seen(account, path)
    asked = {name: request.GET.get(name, "").strip().replace("\0", "") for name in ("plan", "key")}
    after = request.GET.get("after", "").replace("\0", "")
    found = notice_page(
        account, path, plan=asked["plan"], text=asked["key"], cursor=after, limit=NOTICES
    )
    context = {
        "page_title": path,
        "path": path,
        "seen": seen,
        "policy": POLICIES[Policy(seen.consumption_policy)],
        "is_plannable": seen.type == PLANNABLE,
        "notices": notices(account, found.notices),
        **asked,
        "here": board_at(path, **asked),
        "post_href": f"{board_at(path)}-/post/",
        "delete_href": f"{board_at(path)}-/delete/",
        "next": with_query({**asked, "after": found.older}) if found.older else "",
        "first": (with_query(asked) or "?") if after else "",
        "posters": _linked(seen.posted_by),
        "expecters": _linked(seen.expected_by),
        "edit_href": object_at(KIND, path),
        "may_operate": may_at(account, Verb.OPERATE, path),
        "upto": heard,
    }
    return render(request, actor, "resources/board.html", context)


def _linked(workflows: list[str]) -> list[tuple[str, str]]:
    return [(path, workflow_at(path)) for path in workflows]
