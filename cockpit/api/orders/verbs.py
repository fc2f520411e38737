"""The verbs on orders: the bodies that each takes, and the request that it becomes."""

from collections.abc import Callable
from typing import Any

import msgspec

from cockpit.api.moments import microseconds, moment_problems
from cockpit.api.orders import verb_bodies as b
from cockpit.api.orders.adding import place_problems, position_text, value_problems
from cockpit.api.orders.verb_bodies import VerbBody
from cockpit.api.problem import FieldProblem
from engine.order import requests as rq
from engine.order.commands import Verb

__all__ = ["VERBS", "VerbBody", "VerbKind", "body_problems"]


class VerbKind(msgspec.Struct, frozen=True):
    """A verb: its bodies for one and for many orders, and how a body becomes a request.

    `ended`: it is for orders that have ended and stayed.
    """

    body: type[VerbBody]
    bulk: type[VerbBody]
    request: Callable[[Any, tuple[str, ...]], Verb]
    ended: bool = False


def _cancel(body: b.CancelBody, ids: tuple[str, ...]) -> rq.CancelOrders:
    return rq.CancelOrders(ids, kill=body.kill, deep=body.deep)


def _suspend(body: b.SuspendBody, ids: tuple[str, ...]) -> rq.SuspendOrders:
    return rq.SuspendOrders(ids, kill=body.kill, reset=body.reset, deep=body.deep)


def _resume(body: b.ResumeBody, ids: tuple[str, ...]) -> rq.ResumeOrders:
    position = position_text(body.position)
    return rq.ResumeOrders(
        ids, position, body.label, body.variables, force=body.force, deep=body.deep
    )


def _continue(_body: b.ContinueBody, ids: tuple[str, ...]) -> rq.ContinueOrders:
    return rq.ContinueOrders(ids)


def _confirm(_body: b.ConfirmBody, ids: tuple[str, ...]) -> rq.ConfirmPrompts:
    return rq.ConfirmPrompts(ids)


def _priority(body: b.PriorityBody, ids: tuple[str, ...]) -> rq.ChangePriority:
    return rq.ChangePriority(ids, body.priority)


def _start(body: b.StartBody, ids: tuple[str, ...]) -> rq.ChangeStart:
    return rq.ChangeStart(ids, microseconds(body.scheduled_for))


def _parameters(body: b.ParametersBody, ids: tuple[str, ...]) -> rq.ChangeArguments:
    return rq.ChangeArguments(ids, body.arguments, tuple(body.remove))


def _remove(_body: b.RemoveBody, ids: tuple[str, ...]) -> rq.RemoveOrders:
    return rq.RemoveOrders(ids)


VERBS: dict[str, VerbKind] = {
    "cancel": VerbKind(b.CancelBody, b.BulkCancel, _cancel),
    "suspend": VerbKind(b.SuspendBody, b.BulkSuspend, _suspend),
    "resume": VerbKind(b.ResumeBody, b.BulkResume, _resume),
    "continue": VerbKind(b.ContinueBody, b.BulkContinue, _continue),
    "confirm": VerbKind(b.ConfirmBody, b.BulkConfirm, _confirm),
    "priority": VerbKind(b.PriorityBody, b.BulkPriority, _priority),
    "start-time": VerbKind(b.StartBody, b.BulkStart, _start),
    "parameters": VerbKind(b.ParametersBody, b.BulkParameters, _parameters),
    "remove": VerbKind(b.RemoveBody, b.BulkRemove, _remove, ended=True),
}


def body_problems(body: VerbBody) -> list[FieldProblem]:
    """Return what is wrong with a body beyond the types of its fields."""
    found: list[tuple[str, str]] = []
    if isinstance(body, b.ResumeBody):
        found += place_problems("position", body.position)
        found += value_problems(body.variables or {}, "variables")
        if body.position is not None and body.label is not None:
            found.append(("label", "Give a position or a label, not both."))
        if body.deep and (body.position or body.label or body.variables):
            found.append(("deep", "With deep, orders go on where they stand, unchanged."))
    elif isinstance(body, b.ParametersBody):
        found += value_problems(body.arguments, "arguments")
        both = sorted(body.arguments.keys() & set(body.remove))
        found += [("remove", f"{name} is set as well.") for name in both]
        if not body.arguments and not body.remove:
            found.append(("arguments", "Nothing is to be changed."))
    elif isinstance(body, b.StartBody):
        found += moment_problems(body.scheduled_for, "scheduled_for")
    return [FieldProblem(field, sentence) for field, sentence in found]
