"""From the commands of a case to requests to the controller, and from answers to a word."""

from collections.abc import Callable
from typing import Any

from engine.order import requests as rq
from engine.position import to_text


def request_of(name: str, fields: dict[str, Any], moment_us: Callable[[str], int]) -> rq.Request:
    """Return the request of a command; `moment_us` reads `+10s` and written moments."""
    match name:
        case "add_order":
            return rq.AddOrders((_new_order(fields, moment_us),))
        case "cancel":
            return rq.CancelOrders(**{**fields, "orders": tuple(fields["orders"])})
        case "suspend":
            return rq.SuspendOrders(**{**fields, "orders": tuple(fields["orders"])})
        case "resume":
            position = fields.get("position")
            rest = {k: v for k, v in fields.items() if k not in ("order", "position")}
            return rq.ResumeOrders(
                (fields["order"],), position=to_text(tuple(position)) if position else None, **rest
            )
        case "continue":
            return rq.ContinueOrders((fields["order"],))
        case "set_priority":
            return rq.ChangePriority((fields["order"],), fields["priority"])
        case _:
            raise AssertionError(f"a command that no runner knows: {name}")


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
