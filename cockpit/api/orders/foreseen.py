"""What the controller would refuse of a new order, told all at once and by field.

Only what can be known without it: the workflow's declared arguments, and its positions and labels.
The controller has the last word.
"""

from collections.abc import Callable, Iterator

from cockpit.access.policy import Account
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.problem import FieldProblem, Refusal, invalid
from engine.errors import CommandRefused
from engine.order.add import argument_problems
from engine.order.places import read_block, read_position
from engine.order.requests import NewOrder
from engine.workflow.program import Program


def foreseen(account: Account, order: NewOrder) -> list[FieldProblem]:
    """Return what is wrong with an order for its workflow; nothing where that is unknown."""
    version = current_version(account, order.workflow)
    program = program_at(account, order.workflow, version) if version else None
    if program is None:
        return []
    return [*_arguments(order, program), *_positions(order, program)]


def refusal_of(problems: list[FieldProblem]) -> Refusal:
    """Return the refusal with all problems, under their own code where they have one in common."""
    refused = invalid(problems)
    code = problems[0].code
    if any(problem.code != code for problem in problems):
        return refused
    return Refusal(422, code, refused.detail, problems=problems)


def _arguments(order: NewOrder, program: Program) -> Iterator[FieldProblem]:
    for line in argument_problems(program, order.arguments, before_sealing=True):
        field, _, sentence = line.partition(": ")
        yield FieldProblem(field, sentence, "invalid")


def _positions(order: NewOrder, program: Program) -> Iterator[FieldProblem]:
    given: list[tuple[str, str | None, Callable[[Program, str], object]]] = [
        ("start_position", order.start_position, read_position),
        ("block_position", order.block_position, read_block),
    ]
    given += [
        (f"stop_positions[{n}]", text, read_position) for n, text in enumerate(order.stop_positions)
    ]
    for field, text, read in given:
        try:
            if text:
                read(program, text)
        except CommandRefused as refused:
            yield FieldProblem(field, refused.sentence, refused.code)
