"""Asking the controller from a page: the request with its audit row, the answer as a way on."""

import uuid
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.api import answers
from cockpit.audit import Deed, Reason
from cockpit.pages.door import close_dialog, is_part, leave_to
from engine.order.requests import Answer, Request

_LONGEST_COMMENT = 2_000


def reason_of(request: HttpRequest) -> Reason:
    """Return why somebody does it, as the dialog's form says."""
    comment = request.POST.get("comment", "").strip()[:_LONGEST_COMMENT]
    return Reason(comment, request.POST.get("ticket", "").strip()[:200])


def ask(
    request: HttpRequest, actor: Actor, asked: Request, *, deed: Deed, objects: int = 1
) -> tuple[uuid.UUID, Answer | None]:
    """Return the id of a request to the controller and its answer, None while there is none."""

    def named(command: uuid.UUID) -> Deed:
        return Deed(
            verb=deed.verb,
            kind=deed.kind,
            objects=deed.objects,
            before=deed.before,
            after=deed.after,
            command=command,
        )

    command = answers.command(
        asked, named, actor=actor, reason=reason_of(request), asked_in=request, objects=objects
    )
    return command, answers.wait(command)


def told(request: HttpRequest, text: str, *, back_to: str, level: str = "success") -> HttpResponse:
    """Return the way back with a result to be shown.

    From a dialog over a list only the dialog closes, for the rows behind it are live; `stay` in the
    form says so. Otherwise the page is read again.
    """
    if is_part(request) and request.POST.get("stay"):
        return close_dialog(text, level)
    say = {"success": messages.success, "warning": messages.warning, "error": messages.error}
    say[level](request, text)
    return leave_to(request, back_to)


def operation_at(command: uuid.UUID, back_to: str) -> str:
    """Return the address of the page that waits for an answer, or shows it per object."""
    return f"/operations/{command}/?back={quote(back_to, safe='/')}"
