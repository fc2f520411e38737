"""Adding an order: everything that is checked before it exists."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.announce import announced_by
from engine.order.notice_key import plan_of
from engine.order.parameters import argument_problems
from engine.order.places import first_tries, read_block, read_position
from engine.order.requests import NewOrder
from engine.order.resume import boundary
from engine.position import START, Position, place, within
from engine.workflow.program import Program
from engine.world import Step, World

__all__ = ["add_order", "argument_problems", "date_of", "id_problems"]

ID_LENGTH = 250
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DATE = re.compile(r"^#(\d{4}-\d{2}-\d{2})#")
_DAILY_PLAN = re.compile(r"^DailyPlan\|(\d{4}-\d{2}-\d{2})$")


def add_order(world: World, new: NewOrder, now_us: int) -> list[Step]:
    """Return the event that adds the order.

    Raises:
        CommandRefused: with all problems in one sentence each; `order-exists` for a known id.
        NotLoaded: the world does not know the id or the workflow yet.
    """
    problems = id_problems(new.id)
    program = world.current_program(new.workflow)
    if program is not None:
        problems = [*problems, *argument_problems(program, new.arguments)]
    if problems:
        raise CommandRefused("invalid", " ".join(problems))
    if world.find(new.id) is not None:
        raise CommandRefused("order-exists", f"There is an order {new.id} already.")
    if program is None:
        raise CommandRefused("workflow-unknown", f"No workflow {new.workflow} is deployed.")
    order = _order(new, program, now_us)
    _check_plan(world, order)
    announces = announced_by(world, order, program, now_us)
    return [(new.id, e.OrderAdded(replace(order, announces=announces)))]


def _check_plan(world: World, order: m.Order) -> None:
    """Refuse an order for a closed plan; what an order of the plan adds is part of its way on."""
    plan = plan_of(order)
    if plan is not None and order.adder is None and world.plan(plan).closed:
        raise CommandRefused("plan-closed", f"Plan {plan} is closed.")


def _order(new: NewOrder, program: Program, now_us: int) -> m.Order:
    block = _at("block_position", read_block, program, new.block_position)
    return m.Order(
        id=new.id,
        workflow=program.path,
        version=program.version,
        position=_start(program, new, block),
        arguments=new.arguments,
        order_date=new.order_date or date_of(new, program.workflow.time_zone, now_us),
        scheduled_us=new.scheduled_us,
        priority=new.priority,
        stop_positions=_stop_positions(program, new),
        block=block,
        tags=new.tags,
        added_us=now_us,
        plan=new.plan,
        force_admission=new.force_admission,
        remain=new.remain,
        adder=new.adder,
        external=new.external,
    )


def _start(program: Program, new: NewOrder, block: Position | None) -> Position:
    first = (*block, 0) if block else START
    given = _at("start_position", read_position, program, new.start_position) or first
    if not within(block, given):
        raise CommandRefused(
            "position-unreachable", "start_position: It lies outside of block_position."
        )
    inner = boundary(place(given))
    if len(inner) > len(block or ()):
        raise CommandRefused(
            "position-unreachable",
            "start_position: An order cannot start inside of a fork, a lock or consumed notices"
            " that it has not entered.",
        )
    return program.resolve(first_tries(given))


def _stop_positions(program: Program, new: NewOrder) -> tuple[Position, ...]:
    named = ((f"stop_positions[{i}]", text) for i, text in enumerate(new.stop_positions))
    return tuple(_at(field, read_position, program, text) or () for field, text in named)


def _at(
    field: str, read: Callable[[Program, str], Position], program: Program, text: str | None
) -> Position | None:
    """Return the position that a field of the request names, None where it is left out."""
    if not text:
        return None
    try:
        return read(program, text)
    except CommandRefused as refused:
        raise CommandRefused(refused.code, f"{field}: {refused.sentence}") from None


def date_of(new: NewOrder, zone: str, now_us: int) -> str:
    """Return the order's date: its plan's, else that in its id, else that of its start.

    The start counts as a day in the workflow's zone.
    """
    found = _DAILY_PLAN.match(new.plan or "") or _DATE.match(new.id)
    if found:
        return found[1]
    moment = datetime.fromtimestamp((new.scheduled_us or now_us) / 1e6, UTC)
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def id_problems(order_id: str) -> list[str]:
    """Return what is wrong with an order id; `|` separates a child from its parent."""
    if not order_id:
        return ["id: An order needs an id."]
    problems = []
    if len(order_id) > ID_LENGTH:
        problems.append(f"id: It has {len(order_id)} characters, at most {ID_LENGTH} are allowed.")
    if "|" in order_id:
        problems.append("id: It must not contain |, which separates a child order from its parent.")
    if _CONTROL.search(order_id):
        problems.append("id: It must not contain control characters.")
    return problems
