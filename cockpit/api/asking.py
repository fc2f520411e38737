"""Asking the controller about one workflow, board or plan, and its answer as a refusal."""

import uuid
from typing import Any

import msgspec
from django.http import HttpRequest

from cockpit.access.account import Actor
from cockpit.api import answers, slices
from cockpit.api.orders import answering
from cockpit.audit import Deed, Reason
from engine.order.requests import Answer, ObjectRequest, Request


def ask(
    request: ObjectRequest, deed: Deed, *, actor: Actor, reason: Reason, asked_in: HttpRequest
) -> tuple[uuid.UUID, Answer | None]:
    """Return the operation and the controller's answer, None while there is none."""
    command = answers.command(
        request,
        lambda command: named(deed, command),
        actor=actor,
        reason=reason,
        asked_in=asked_in,
    )
    return command, answers.wait(command)


def ask_all(
    requests: list[Request], deed: Deed, *, actor: Actor, reason: Reason, asked_in: HttpRequest
) -> tuple[uuid.UUID, Answer | None]:
    """Return the operation of several requests and all their answers, None while one is missing."""
    operation = slices.ask(
        requests,
        lambda request, command: named(deed, command, given_of(request)),
        actor=actor,
        reason=reason,
        asked_in=asked_in,
        objects=len(requests),
    )
    return operation, slices.wait(operation)


def named(deed: Deed, command: uuid.UUID, after: Any = None) -> Deed:
    """Return a deed with the request that carries it out."""
    return Deed(
        verb=deed.verb,
        kind=deed.kind,
        objects=deed.objects,
        before=deed.before,
        after=deed.after if after is None else after,
        command=command,
    )


def given_of(request: Request) -> dict[str, Any]:
    """Return what a request says besides its kind, for the audit log."""
    return {k: v for k, v in msgspec.to_builtins(request).items() if k != "type"}


def refuse(answer: Answer) -> None:
    """Let an answer about one object pass.

    Raises:
        Refusal: the controller refused it; with its code and place.
    """
    for told in answer.answers[:1]:
        if not told.ok:
            raise answering.refusal(told)
