"""From what somebody posts to what the controller is asked: ids, moments, positions, arguments."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cockpit.api.moments import microseconds, moment_problems
from cockpit.api.orders.bodies import OrderBody
from cockpit.api.problem import FieldProblem
from engine.order.add import id_problems
from engine.order.notice_key import DAILY_PLAN
from engine.order.requests import NewOrder
from engine.position import PositionUnreadable, from_parts, to_text

_DEEPEST = 100
_PLAIN = frozenset({str, float, bool, type(None)})


def new_orders(
    bodies: Sequence[OrderBody],
    made_id: Callable[[str, str], str],
    *,
    now: datetime,
    zone: ZoneInfo,
    place: str = "orders[{}].",
) -> tuple[list[NewOrder], list[FieldProblem]]:
    """Return the orders to ask for, and everything that is wrong with what was given.

    Args:
        bodies: what was posted.
        made_id: makes an id of a day and a name.
        now: the moment of the request.
        zone: where a day begins for ids that are made here.
        place: how a field is found in the request, with the order's index for `{}`.
    """
    problems: list[FieldProblem] = []
    today = now.astimezone(zone).date().isoformat()
    orders = []
    for n, body in enumerate(bodies):
        found = list(_problems(body))
        if found:
            at = place.format(n)
            problems += [FieldProblem(f"{at}{field}", sentence) for field, sentence in found]
        else:
            orders.append(_new_order(body, made_id, today, zone))
    return orders, problems


def _new_order(
    body: OrderBody, made_id: Callable[[str, str], str], today: str, zone: ZoneInfo
) -> NewOrder:
    scheduled = body.scheduled_for
    order_id = body.id
    plan = plan_id(body.plan) if body.plan else None
    planned = day_of(plan) if plan else None
    if order_id is None:
        day = planned or (scheduled.astimezone(zone).date().isoformat() if scheduled else today)
        order_id = made_id(day, body.name or body.workflow.rpartition("/")[2])
    return NewOrder(
        id=order_id,
        workflow=body.workflow,
        arguments=body.arguments,
        scheduled_us=microseconds(scheduled) if scheduled else None,
        priority=body.priority,
        order_date=planned,
        start_position=position_text(body.start_position),
        stop_positions=tuple(position_text(p) or "" for p in body.stop_positions),
        block_position=position_text(body.block_position),
        tags=tuple(body.tags),
        plan=plan,
        force_admission=body.force_admission,
        remain=body.remain,
    )


def plan_id(given: str) -> str:
    """Return the id of a plan: a day alone is the daily plan's."""
    return given if "|" in given else f"{DAILY_PLAN}{given}"


def day_of(plan: str) -> str | None:
    """Return the day of a daily plan, None for any other plan."""
    return plan.removeprefix(DAILY_PLAN) if plan.startswith(DAILY_PLAN) else None


def position_text(place: str | list[int | str] | None) -> str | None:
    """Return a position or label as text.

    Raises:
        PositionUnreadable: a list that is no position.
    """
    return to_text(from_parts(place)) if isinstance(place, list) else place


def _problems(body: OrderBody) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if body.id is not None:
        found += [("id", sentence.partition(": ")[2]) for sentence in id_problems(body.id)]
    elif body.name is not None and "|" in body.name:
        found.append(("name", "It must not contain |, which separates a child from its parent."))
    if body.arguments:
        found += value_problems(body.arguments, "arguments")
    if body.scheduled_for is not None:
        found += moment_problems(body.scheduled_for, "scheduled_for")
    if body.plan is not None:
        found += plan_problems(body.plan)
    if body.start_position or body.block_position or body.stop_positions:
        found += _position_problems(body)
    return found


def plan_problems(given: str, field: str = "plan") -> list[tuple[str, str]]:
    """Return what is wrong with the id of a plan."""
    schema, _, key = plan_id(given).partition("|")
    if not schema or not key:
        return [(field, "It must be a day, or written as DailyPlan|2026-01-31.")]
    day = day_of(plan_id(given))
    if day is None:
        return []
    try:
        fits = date.fromisoformat(day).isoformat() == day
    except ValueError:
        fits = False
    return [] if fits else [(field, f"{day} is no day of the calendar.")]


def _position_problems(body: OrderBody) -> list[tuple[str, str]]:
    given = [("start_position", body.start_position), ("block_position", body.block_position)]
    given += [(f"stop_positions[{n}]", p) for n, p in enumerate(body.stop_positions)]
    return [found for field, place in given for found in place_problems(field, place)]


def place_problems(field: str, place: str | list[int | str] | None) -> list[tuple[str, str]]:
    """Return what is wrong with a position as it was given."""
    if isinstance(place, str) and any(ord(c) < 32 or ord(c) == 127 for c in place):
        return [(field, "It must not contain control characters.")]
    try:
        position_text(place)
    except PositionUnreadable as unreadable:
        return [(field, f"{unreadable}.")]
    return []


def value_problems(values: dict[str, Any], place: str) -> list[tuple[str, str]]:
    """Return what is wrong with given variables: numbers nobody can hold, and too deep nesting."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        if type(value) not in _PLAIN and (why := _unfit(value, 0)):
            found.append((f"{place}.{name}", why))
    return found


def _unfit(value: Any, depth: int) -> str:
    if isinstance(value, int):
        fits = -(2**63) <= value < 2**63
        return "" if fits else "It is a whole number of more than 64 bits; give it as a text."
    if depth > _DEEPEST:
        return f"It is nested more than {_DEEPEST} deep."
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((why for v in inner if (why := _unfit(v, depth + 1))), "")
