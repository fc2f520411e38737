"""Checks AddOrder."""

from collections.abc import Iterator

from engine.position import PositionUnreadable, from_parts
from engine.workflow.checks.here import Here
from engine.workflow.checks.names import label_problems, tag_problems, variable_name_problems
from engine.workflow.checks.references import reference_problems
from engine.workflow.checks.values import number_problems
from engine.workflow.model import AddOrder
from engine.workflow.problem import Path, Problem, problem

HIGHEST_PRIORITY = 2**31 - 1


def add_order_problems(here: Here, add: AddOrder) -> Iterator[Problem]:
    """Yield what is wrong with an AddOrder. Positions are of another workflow: only their form."""
    path = here.path
    yield from reference_problems(
        (*path, "workflowName"), add.workflow_name, "workflow", here.known
    )
    for name in add.arguments:
        yield from variable_name_problems((*path, "arguments", name), name)
    yield from _position_problems((*path, "startPosition"), add.start_position)
    for i, position in enumerate(add.end_positions):
        yield from _position_problems((*path, "endPositions", i), position)
    yield from _block_problems((*path, "blockPosition"), add.block_position)
    yield from number_problems(
        (*path, "priority"), add.priority, least=-HIGHEST_PRIORITY, most=HIGHEST_PRIORITY
    )
    for i, tag in enumerate(add.tags):
        yield from tag_problems((*path, "tags", i), tag)


def _position_problems(path: Path, given: object) -> Iterator[Problem]:
    match given:
        case None:
            return
        case str():
            yield from label_problems(path, given)
        case tuple() | list():
            yield from _parts_problems(path, tuple(given))
        case _:
            yield _no_position(path, "A position is a label or a list")


def _block_problems(path: Path, given: str | tuple[object, ...] | None) -> Iterator[Problem]:
    """A block is named by the branch that leads into it: its position ends with a branch."""
    if isinstance(given, str) or given is None:
        yield from _position_problems(path, given)
    else:
        yield from _parts_problems(path, (*given, 0))


def _parts_problems(path: Path, parts: tuple[object, ...]) -> Iterator[Problem]:
    try:
        from_parts(parts)
    except PositionUnreadable:
        yield _no_position(path, "A position alternates index and branch")


def _no_position(path: Path, sentence: str) -> Problem:
    return problem(path, "position-invalid", f'{sentence}, as in [0, "then", 1].')
