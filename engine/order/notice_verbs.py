"""What people ask of notices and plans, turned into events or a refusal."""

from typing import Any

from engine.errors import CommandRefused, EngineError, NotLoaded
from engine.expression import DictScope, compile_expression
from engine.expression.symbols import CLOCKS
from engine.objects.model import NoticeBoard
from engine.order.notice_key import (
    LONGEST_KEY,
    BoardUnknown,
    as_posted,
    board_named,
    in_words,
    is_plannable,
    planned_key,
)
from engine.order.object_events import (
    NoticeDeleted,
    NoticePosted,
    PlanChanged,
    subject,
)
from engine.world import Step, World

MILLISECOND_US = 1_000


def post_notice(
    world: World,
    board: str,
    key: str,
    *,
    plan: str | None = None,
    arguments: dict[str, Any] | None = None,
    end_of_life_us: int | None = None,
    now_us: int,
) -> list[Step]:
    """Return the event that posts a notice as if a workflow did.

    `board` is a path or its last part, `plan` belongs to plannable boards. Without
    `end_of_life_us` the board's own expression counts, if it needs no order.

    Raises:
        CommandRefused: `board-unknown`, `plan-closed` or `invalid`.
        NotLoaded: load what is missing and ask again.
    """
    path, document = _board(world, board)
    kept = _key(document, key, plan)
    if plan is not None and world.plan(plan).closed:
        raise CommandRefused("plan-closed", f"Plan {plan} is closed: open it to post notices.")
    end_us = end_of_life_us
    if end_us is not None and end_us <= now_us:
        raise CommandRefused("invalid", "end_of_life: It is past: the notice would go at once.")
    if end_us is None and document.end_of_life is not None and not is_plannable(document):
        end_us = _end_of_life_us(path, document.end_of_life, now_us)
    notice = as_posted((path, document), kept, end_us, arguments or {})
    return [(subject("board", path), NoticePosted(notice, now_us))]


def delete_notice(world: World, board: str, key: str, *, plan: str | None = None) -> list[Step]:
    """Return the event that deletes a notice: at once, or when its last consumer has ended.

    Nothing where it is deleted and only waits for its last consumer.

    Raises:
        CommandRefused: `board-unknown`, `notice-unknown` or `invalid`.
        NotLoaded: load what is missing and ask again.
    """
    path, document = _board(world, board)
    kept = _key(document, key, plan)
    state = world.notice(path, kept)
    if state.present is not None:
        return [(subject("board", path), NoticeDeleted(path, kept, "deleted by a person"))]
    newest = state.instances[-1] if state.instances else None
    if newest is not None and newest.holders:
        return []
    raise CommandRefused(
        "notice-unknown", f"There is no {in_words(key, plan).removeprefix('the ')} at {path}."
    )


def change_plan(world: World, plan: str, *, closed: bool) -> list[Step]:
    """Return the event that opens or closes a plan, nothing where it is so already.

    Raises:
        CommandRefused: `invalid`, this cannot be the id of a plan.
        NotLoaded: load what is missing and ask again.
    """
    schema, _, key = plan.partition("|")
    if not schema or not key:
        raise CommandRefused("invalid", "plan: It is written as DailyPlan|2026-03-02.")
    if world.plan(plan).closed == closed:
        return []
    return [(subject("plan", plan), PlanChanged(plan, closed))]


def _board(world: World, name: str) -> tuple[str, NoticeBoard]:
    try:
        return board_named(world, name)
    except BoardUnknown as unknown:
        raise CommandRefused("board-unknown", str(unknown)) from None


def _key(board: NoticeBoard, key: str, plan: str | None) -> str:
    least = 0 if is_plannable(board) else 1
    if not least <= len(key) <= LONGEST_KEY or not key.isprintable():
        sentence = f"key: It needs {least} to {LONGEST_KEY} printable characters."
        raise CommandRefused("invalid", sentence)
    if not is_plannable(board):
        if plan is not None:
            raise CommandRefused("invalid", "plan: The notices of a GLOBAL board have no plan.")
        return key
    if not plan:
        raise CommandRefused("invalid", "plan: The notices of a PLANNABLE board belong to a plan.")
    return planned_key(plan, key)


def _end_of_life_us(path: str, text: str, now_us: int) -> int:
    clocks = {name: now_us // unit_us for name, unit_us in CLOCKS.items()}
    try:
        return end_of_life_us(compile_expression(text).evaluate(DictScope(clocks, now_us=now_us)))
    except NotLoaded:
        raise
    except EngineError:
        raise CommandRefused(
            "invalid", f"end_of_life: Board {path} makes it out of an order; give a moment."
        ) from None


def end_of_life_us(value: object) -> int:
    """Return the moment of a value in milliseconds since 1970.

    Raises:
        EndOfLifeUnusable: it is no number.
    """
    try:
        return int(value) * MILLISECOND_US  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        raise EndOfLifeUnusable(
            f"endOfLife is {value!r}, no number of milliseconds since 1970."
        ) from None


class EndOfLifeUnusable(EngineError):
    """The end of a notice's life is no moment."""
