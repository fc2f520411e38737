"""Under which board and key an order posts or expects a notice.

Keys of a plannable board belong to a plan: they are written `PLAN/KEY`.
"""

from typing import Any

from engine.errors import EngineError
from engine.objects.model import NoticeBoard, Policy
from engine.order.model import Order
from engine.order.object_events import PostedNotice
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.values import normalise, text_of
from engine.workflow.program import Program
from engine.world import World

KIND = "noticeboard"
DAILY_PLAN = "DailyPlan|"
LONGEST_KEY = 500
SECOND_US = 1_000_000


class BoardUnknown(EngineError):
    """A board that nobody has deployed."""


class KeyUnusable(EngineError):
    """A key that is no plain text, or empty where no plan stands before it, or without its plan."""


class PlanClosed(EngineError):
    """A notice was to be posted into a plan that is closed."""


def board_named(world: World, name: str) -> tuple[str, NoticeBoard]:
    """Return path and document of a board.

    Raises:
        BoardUnknown: there is none.
        NotLoaded: a partial world does not know.
    """
    found = world.object(KIND, name)
    if found is None or not isinstance(found[1], NoticeBoard):
        raise BoardUnknown(f"There is no notice board {name}.")
    return found[0], found[1]


def as_posted(
    found: tuple[str, NoticeBoard], key: str, end_us: int | None, arguments: dict[str, Any]
) -> PostedNotice:
    """Return a notice as it is posted now to a board, given by path and document."""
    path, board = found
    longest = board.max_block_duration
    longest_us = None if longest is None else longest * SECOND_US
    policy = Policy(board.consumption_policy)
    return PostedNotice(path, key, end_us, arguments, policy, longest_us)


def is_plannable(board: NoticeBoard) -> bool:
    """Tell whether the keys of a board belong to plans."""
    return board.board_type == "PLANNABLE"


def plan_of(order: Order) -> str | None:
    """Return the plan of an order: the one it was added to, else that of its date."""
    return plan_or_day(order.plan, order.order_date)


def plan_or_day(plan: str | None, order_date: str | None) -> str | None:
    """Return the plan that is said, else the daily plan of the order date."""
    return plan if plan is not None or order_date is None else f"{DAILY_PLAN}{order_date}"


def planned_key(plan: str, key: str) -> str:
    """Return a key as it is kept for a plannable board."""
    return f"{plan}/{key}"


def in_words(key: str, plan: str | None) -> str:
    """Return a notice in words, without its board; a plan alone may tell it apart."""
    if not plan:
        return f"notice {key}"
    return f"{f'notice {key}' if key else 'the notice'} of plan {plan}"


def posted_key(
    world: World, order: Order, program: Program, found: tuple[str, NoticeBoard], now_us: int
) -> tuple[str, str]:
    """Return (board, key) of the notice that an order posts.

    Raises:
        EngineError: the key cannot be made.
        PlanClosed: its plan takes no notices any more.
    """
    path, board = found
    key = _key(world, order, program, (board, board.post_order_to_notice_id), now_us)
    plan = plan_of(order)
    if is_plannable(board) and plan is not None and world.plan(plan).closed:
        raise PlanClosed(
            f"Plan {plan} is closed: no notice can be posted to {path}."
            " Open the plan, then resume the order."
        )
    return path, key


def expected_key(
    world: World, order: Order, program: Program, name: str, now_us: int
) -> tuple[str, str]:
    """Return (board, key) of the notice that an order expects from the board of this name.

    Raises:
        EngineError: there is no such board, or the key cannot be made.
    """
    path, board = board_named(world, name)
    return path, _key(world, order, program, (board, board.expect_order_to_notice_id), now_us)


def _key(
    world: World, order: Order, program: Program, given: tuple[NoticeBoard, str], now_us: int
) -> str:
    board, text = given
    key = text_of(normalise(evaluate(text, order, program, now_us, resources_in(world))))
    if not key and not is_plannable(board):
        raise KeyUnusable(f"{text} gives an empty key for the notice.")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise KeyUnusable(
            f"{text} gives a key that is not up to {LONGEST_KEY} printable characters."
        )
    if not is_plannable(board):
        return key
    plan = plan_of(order)
    if plan is None:
        raise KeyUnusable(f"Order {order.id} belongs to no plan, so it has no notice {key}.")
    return planned_key(plan, key)
