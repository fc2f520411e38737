"""Adding an order: everything that is checked before it exists."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.commands import first_tries, read_block, read_position
from engine.order.requests import NewOrder
from engine.position import START, Position, within
from engine.workflow.model import Parameter
from engine.workflow.program import Program
from engine.world import Step, World

ID_LENGTH = 250
_DATE = re.compile(r"^#(\d{4}-\d{2}-\d{2})#")
_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Number": (int, float),
    "Boolean": (bool,),
    "List": (list,),
    "Map": (dict,),
}


def add_order(world: World, new: NewOrder, now_us: int) -> list[Step]:
    """Return the event that adds the order.

    Raises:
        CommandRefused: with all problems in one sentence each; `order-exists` for a known id.
        NotLoaded: the world does not know the id or the workflow yet.
    """
    problems = id_problems(new.id)
    if problems:
        raise CommandRefused("invalid", " ".join(problems))
    if world.find(new.id) is not None:
        raise CommandRefused("order-exists", f"There is an order {new.id} already.")
    program = world.current_program(new.workflow)
    if program is None:
        raise CommandRefused("workflow-unknown", f"No workflow {new.workflow} is deployed.")
    problems = argument_problems(program, new.arguments)
    if problems:
        raise CommandRefused("invalid", " ".join(problems))
    return [(new.id, e.OrderAdded(_order(new, program, now_us)))]


def _order(new: NewOrder, program: Program, now_us: int) -> m.Order:
    block = read_block(program, new.block_position) if new.block_position else None
    return m.Order(
        id=new.id,
        workflow=program.path,
        version=program.version,
        position=_start(program, new, block),
        arguments=new.arguments,
        order_date=new.order_date or date_of(new, program.workflow.time_zone, now_us),
        scheduled_us=new.scheduled_us,
        priority=new.priority,
        stop_positions=tuple(read_position(program, s) for s in new.stop_positions),
        block=block,
        tags=new.tags,
        added_us=now_us,
    )


def _start(program: Program, new: NewOrder, block: Position | None) -> Position:
    first = (*block, 0) if block else START
    given = read_position(program, new.start_position) if new.start_position else first
    if not within(block, given):
        raise CommandRefused(
            "position-unreachable", "start_position: It lies outside of block_position."
        )
    return program.resolve(first_tries(given))


def date_of(new: NewOrder, zone: str, now_us: int) -> str:
    """Return the order's date: the one in its id, else the scheduled day in the workflow's zone."""
    found = _DATE.match(new.id)
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
    if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in order_id):
        problems.append("id: It must not contain control characters.")
    return problems


def argument_problems(program: Program, arguments: dict[str, Any]) -> list[str]:
    """Return what is wrong with the arguments of a new order, by the workflow's declaration."""
    preparation = program.workflow.order_preparation
    if preparation is None:
        return []
    problems = []
    for name in arguments:
        if name not in preparation.parameters and not preparation.allow_undeclared:
            known = ", ".join(preparation.parameters) or "none"
            problems.append(
                f"arguments.{name}: The workflow does not declare it (declared: {known})."
            )
    for name, parameter in preparation.parameters.items():
        problems += _parameter_problems(name, parameter, arguments)
    return problems


def _parameter_problems(name: str, parameter: Parameter, arguments: dict[str, Any]) -> list[str]:
    place = f"arguments.{name}"
    if parameter.final is not None:
        return [f"{place}: It is final and cannot be given."] if name in arguments else []
    if name not in arguments:
        return [] if parameter.default is not None else [f"{place}: It is required."]
    return _value_problems(place, parameter, arguments[name])


def _value_problems(place: str, parameter: Parameter, value: object) -> list[str]:
    types = _TYPES.get(parameter.type)
    if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
        return [f"{place}: It must be a {parameter.type}."]
    if parameter.facet and isinstance(value, str) and not re.fullmatch(parameter.facet, value):
        return [f"{place}: {parameter.message or f'It does not match {parameter.facet}.'}"]
    if parameter.list is not None and value not in parameter.list:
        return [f"{place}: {parameter.message or 'It is not among the allowed values.'}"]
    return []
