"""From the commands of a case to requests to the controller, and from answers to a word."""

from collections.abc import Callable
from typing import Any

from engine.order import requests as rq
from engine.position import to_text

Fields = dict[str, Any]


def request_of(name: str, fields: Fields, moment_us: Callable[[str], int]) -> rq.Request:
    """Return the request of a command; `moment_us` reads `+10s` and written moments."""
    if name == "add_order":
        return rq.AddOrders((_new_order(fields, moment_us),))
    if name in _CONTROLS:
        return _control(name, fields)
    if name not in _REQUESTS:
        raise AssertionError(f"a command that no runner knows: {name}")
    return _REQUESTS[name](fields)


def _resume(fields: Fields) -> rq.ResumeOrders:
    rest = {k: v for k, v in fields.items() if k not in ("order", "position")}
    return rq.ResumeOrders((fields["order"],), position=_place(fields.get("position")), **rest)


_REQUESTS: dict[str, Callable[[Fields], rq.Request]] = {
    "cancel": lambda f: rq.CancelOrders(**{**f, "orders": tuple(f["orders"])}),
    "suspend": lambda f: rq.SuspendOrders(**{**f, "orders": tuple(f["orders"])}),
    "resume": _resume,
    "continue": lambda f: rq.ContinueOrders((f["order"],)),
    "confirm": lambda f: rq.ConfirmPrompts((f["order"],)),
    "set_priority": lambda f: rq.ChangePriority((f["order"],), f["priority"]),
    "transfer": lambda f: rq.TransferOrders(f["workflow"]),
    "post_notice": lambda f: rq.PostNotice(**f),
    "delete_notice": lambda f: rq.DeleteNotice(**f),
}
_CONTROLS = {
    "suspend_workflow": "suspend",
    "resume_workflow": "resume",
    "skip_label": "skip",
    "unskip_label": "unskip",
    "stop_position": "stop",
    "unstop_position": "unstop",
}


def _control(name: str, fields: dict[str, Any]) -> rq.ControlWorkflow:
    position = _place(fields.get("position"))
    return rq.ControlWorkflow(
        fields["workflow"],
        _CONTROLS[name],  # type: ignore[arg-type]
        labels=(fields["label"],) if "label" in fields else (),
        positions=(position,) if position is not None else (),
    )


def _new_order(fields: dict[str, Any], moment_us: Callable[[str], int]) -> rq.NewOrder:
    scheduled = fields.get("scheduled_for")
    return rq.NewOrder(
        id=fields["id"],
        workflow=fields["workflow"],
        arguments=fields.get("arguments", {}),
        scheduled_us=moment_us(scheduled) if scheduled else None,
        priority=fields.get("priority", 0),
        start_position=_place(fields.get("start_position")),
        stop_positions=tuple(_place(s) or "" for s in fields.get("stop_positions", ())),
        block_position=_place(fields.get("block_position")),
        plan=fields.get("plan"),
        force_admission=fields.get("force_admission", False),
    )


def _place(given: str | list[int | str] | None) -> str | None:
    return to_text(tuple(given)) if isinstance(given, list) else given


def answer_text(answer: rq.Answer | None) -> str:
    """Return an answer as cases write it."""
    if answer is None:
        return "none"
    if answer.ok:
        return "accepted"
    return "conflict" if any(a.code == "order-exists" for a in answer.answers) else "refused"
