"""The dialogs that post and delete a notice."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from msgspec.structs import replace

from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api.moments import microseconds, moment_problems
from cockpit.api.orders.adding import plan_id, plan_problems, value_problems
from cockpit.api.problem import FieldProblem
from cockpit.api.resources.board_views import named
from cockpit.api.resources.boards import BoardSeen, board_seen, notice_seen
from cockpit.api.resources.forcing import forced, users_of
from cockpit.audit import Deed
from cockpit.pages.addresses import board_at
from cockpit.pages.asking import ask, operation_at, told
from cockpit.pages.board_lines import PLANNABLE
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.moments import EXAMPLES, MomentUnreadable, moment_of
from cockpit.pages.parameters import lines_of
from cockpit.pages.zones import ZoneUnknown, offered, zone_named
from engine.order.notice_key import in_words
from engine.order.requests import DeleteNotice, PostNotice

_WORDS = {
    "post": ("Post a notice", "Post"),
    "delete": ("Delete a notice", "Delete"),
}
_FIELDS = ("key", "plan", "end_of_life")
MOST_USERS = 50


@page(Verb.OPERATE)
def change_notice(request: HttpRequest, actor: Actor, path: str, verb: str) -> HttpResponse:
    """Show the form of a notice, or ask for its posting or deletion."""
    require_at(actor.account, Verb.OPERATE, path)
    board = board_seen(actor.account, path)
    given = request.POST if request.method == "POST" else request.GET
    back_to = own_address(given.get("next", ""), board_at(path))
    problems: list[FieldProblem] = []
    status = 200
    if request.method == "POST":
        asked, problems = _read(verb, path, board, given)
        status = 422
        if asked is not None:
            by_force = isinstance(asked, DeleteNotice) and asked.force
            if isinstance(asked, DeleteNotice) and by_force:
                asked = _forced(actor, asked, given)
            deed = Deed(verb=f"{verb}-notice", kind="notice", objects=[named(asked)],
                        after=asked if verb == "post" or by_force else None)  # fmt: skip
            command, answer = ask(request, actor, asked, deed=deed)
            if answer is None:
                return leave_to(request, operation_at(command, back_to))
            if answer.ok:
                text = f"{_told(asked)} {_done(actor, asked)}."
                return told(request, text, back_to=back_to)
            problems, status = [_problem(answer.answers[0].sentence)], 409
    context = _context(verb, path, board, given, back_to)
    if verb == "delete":
        context |= _users(actor, path, board, given)
    context["problems"] = [{"text": p.sentence, "place": p.field} for p in problems]
    in_dialog = by_htmx(request)
    template = "parts/form_dialog.html" if in_dialog else "parts/form_page.html"
    return render(request, actor, template, context, status)


def _context(verb: str, path: str, board: BoardSeen, given: Any, back_to: str) -> dict[str, Any]:
    site = settings.STELLWERK_TIME_ZONE
    title, submit = _WORDS[verb]
    return {
        "page_title": f"{title}: {path}",
        "verb": verb,
        "path": path,
        "board": board,
        "is_plannable": board.type == PLANNABLE,
        "action": f"{board_at(path)}-/{verb}/",
        "submit_text": submit,
        "danger": verb == "delete",
        "given": given,
        "zones": offered(site),
        "form_zone": given.get("zone") or site,
        "examples": EXAMPLES,
        "back": back_to,
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
        "fields": "cockpit/resources/notice_fields.html",
    }


def _read(
    verb: str, path: str, board: BoardSeen, given: Any
) -> tuple[PostNotice | DeleteNotice | None, list[FieldProblem]]:
    """Return what a form asks for, or everything that is wrong with it."""
    key, problems = given.get("key", "").strip(), list[FieldProblem]()
    if not key and board.type != PLANNABLE:  # else the plan alone may tell it apart
        problems.append(FieldProblem("key", "A notice needs a key."))
    plan = _plan(board, given, problems)
    if verb == "delete":
        force = given.get("force") == "1"
        return (None, problems) if problems else (DeleteNotice(path, key, plan, force), [])
    arguments, unreadable = lines_of(given.get("more", ""))
    problems += unreadable
    found = value_problems(arguments, "arguments")
    problems += [FieldProblem(field, sentence) for field, sentence in found]
    end_us = _end_us(given, problems)
    if problems:
        return None, problems
    return PostNotice(path, key, plan, arguments, end_us), []


def _forced(actor: Actor, asked: DeleteNotice, given: Any) -> DeleteNotice:
    """Return a request that lets nobody fail but those whom the dialog has shown."""
    now, shown = forced(actor.account, asked), given.getlist("user")
    return replace(now, users=tuple(i for i in now.users or () if i in shown))


def _users(actor: Actor, path: str, board: BoardSeen, given: Any) -> dict[str, Any]:
    """Return who uses the notice of a form now, and what force would do to them."""
    asked, _ = _read("delete", path, board, given)
    if not isinstance(asked, DeleteNotice):
        return {"users": [], "hidden": 0}
    users, hidden = users_of(actor.account, [asked])
    return {
        "users": users[:MOST_USERS],
        "user_ids": [one.order for one in users],
        "more_users": max(0, len(users) - MOST_USERS),
        "hidden": hidden,
        "may_force": bool(users) and not hidden and all(one.code != "forbidden" for one in users),
    }


def _plan(board: BoardSeen, given: Any, problems: list[FieldProblem]) -> str | None:
    if board.type != PLANNABLE:
        return None
    text = given.get("plan", "").strip()
    if not text:
        problems.append(FieldProblem("plan", "The notices of this board belong to a plan."))
        return None
    found = plan_problems(text)
    problems += [FieldProblem(field, sentence) for field, sentence in found]
    return plan_id(text)


def _end_us(given: Any, problems: list[FieldProblem]) -> int | None:
    text, now = given.get("end_of_life", "").strip(), datetime.now(UTC)
    if not text:
        return None
    try:
        zone = zone_named(given.get("zone"), ZoneInfo(settings.STELLWERK_TIME_ZONE))
        at = moment_of(text, now, zone) or now
        problems += [FieldProblem(*found) for found in moment_problems(at, "end_of_life")]
        return microseconds(at)
    except MomentUnreadable as unreadable:
        problems.append(FieldProblem("end_of_life", str(unreadable)))
    except ZoneUnknown as unknown:
        problems.append(FieldProblem("zone", str(unknown)))
    return None


def _problem(sentence: str) -> FieldProblem:
    field, colon, rest = sentence.partition(": ")
    return FieldProblem(field, rest) if colon and field in _FIELDS else FieldProblem("", sentence)


def _told(asked: PostNotice | DeleteNotice) -> str:
    what = in_words(asked.key, asked.plan)
    return f"{what[0].upper()}{what[1:]}"


def _done(actor: Actor, asked: PostNotice | DeleteNotice) -> str:
    """Return what has become of a notice: orders that use it keep one that is deleted."""
    if isinstance(asked, PostNotice):
        return "is posted"
    seen = notice_seen(actor.account, asked.board, asked.key, asked.plan)
    if seen is None or not any(one.consuming for one in seen.others):
        return "is deleted"
    if asked.force:
        return "goes as soon as the orders that use it have failed"
    return "goes when the last order that uses it has left"
