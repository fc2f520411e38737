"""What the documents of objects beside workflows must mean, each kind by its own rules."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.expression import ExpressionSyntax, compile_expression
from engine.objects.file_order_source import file_order_source_problems
from engine.objects.include import included_names
from engine.objects.model import (
    FileOrderSource,
    IncludeScript,
    JobResource,
    NoticeBoard,
    ResourceLock,
)
from engine.objects.template import Template, TemplateArgument, job_of
from engine.workflow.checks.functions import no_job_problems
from engine.workflow.checks.jobs import work_problems
from engine.workflow.checks.known import Known
from engine.workflow.checks.names import environment_name_problems, variable_name_problems
from engine.workflow.checks.parameters import declared_problems
from engine.workflow.checks.values import expression_problems, number_problems, value_problems
from engine.workflow.model import Executable, Parameter, ShellScript
from engine.workflow.problem import Path, Problem, place_text, problem, shown, warning

HIGHEST_LIMIT = 2**31 - 1

_TEMPLATE_TYPES = ("String", "Number", "Boolean")


def object_problems(found: object, known: Known) -> tuple[Problem, ...]:
    """Return everything that is wrong with the meaning of an object, errors and warnings."""
    return tuple(_BY_TYPE[type(found)](found, known))


def _lock_problems(lock: ResourceLock, _known: Known) -> Iterator[Problem]:
    yield from number_problems(("limit",), lock.limit, least=0, most=HIGHEST_LIMIT)
    if lock.limit == 0:
        yield warning(("limit",), "lock-closed", "With the limit 0 every order waits.")


def _board_problems(board: NoticeBoard, _known: Known) -> Iterator[Problem]:
    yield from expression_problems(("postOrderToNoticeId",), board.post_order_to_notice_id)
    yield from expression_problems(("expectOrderToNoticeId",), board.expect_order_to_notice_id)
    path: Path = ("maxBlockDuration",)
    yield from number_problems(path, board.max_block_duration, least=1)
    yield from no_job_problems(("postOrderToNoticeId",), board.post_order_to_notice_id)
    yield from no_job_problems(("expectOrderToNoticeId",), board.expect_order_to_notice_id)
    yield from no_job_problems(("endOfLife",), board.end_of_life)
    if board.end_of_life is None:
        return
    yield from expression_problems(("endOfLife",), board.end_of_life)
    if board.board_type == "PLANNABLE":
        sentence = "This has no effect: notices of a PLANNABLE board live as long as their plan."
        yield warning(("endOfLife",), "without-effect", sentence)


def _resource_problems(resource: JobResource, _known: Known) -> Iterator[Problem]:
    for name, value in resource.arguments.items():
        path: Path = ("arguments", name)
        yield from variable_name_problems(path, name)
        yield from value_problems(path, value)
        yield from _strange_variables(path, value, resource)
    for name, value in resource.env.items():
        path = ("env", name)
        yield from environment_name_problems(path, name)
        yield from value_problems(path, value)
        yield from _strange_variables(path, value, resource)


def _strange_variables(path: Path, value: object, resource: JobResource) -> Iterator[Problem]:
    """Warn of a variable that is no argument: the variables of orders are not seen here."""
    try:
        needs = compile_expression(value).needs if isinstance(value, str) else frozenset()
    except ExpressionSyntax:
        return
    for name in sorted(needs - resource.arguments.keys()):
        sentence = f"There is no argument {shown(name)}, and variables of orders are not seen here."
        yield warning(path, "variable-unknown", sentence)


def _include_problems(include: IncludeScript, _known: Known) -> Iterator[Problem]:
    if not include.script.strip():
        yield problem(("script",), "script-empty", "The script is empty.")
    for name in included_names(include.script):
        sentence = f"An include script cannot include another one, here {shown(name)}."
        yield problem(("script",), "include-nested", sentence)


def _template_problems(template: Template, known: Known) -> Iterator[Problem]:
    for name, argument in template.arguments.items():
        path: Path = ("arguments", name)
        yield from variable_name_problems(path, name)
        yield from _argument_problems(path, argument)
    told = {place_text(path) for path in _places_of_defaults(template)}
    for found in work_problems((), job_of(template), known):
        # What a built-in job needs may be given by the job that is made from the template.
        if found.code != "argument-missing" and found.place not in told:
            yield found


def _places_of_defaults(template: Template) -> Iterator[Path]:
    """Yield where a job has the defaults of declared arguments, which are checked at these."""
    executable: Executable = template.executable
    field: Path = ("defaultArguments",)
    given = template.default_arguments
    if not isinstance(executable, ShellScript):
        given, field = executable.arguments, ("executable", "arguments")
    for name, argument in template.arguments.items():
        if argument.default is not None and name not in given:
            yield (*field, name)


def _argument_problems(path: Path, argument: TemplateArgument) -> Iterator[Problem]:
    if argument.type not in _TEMPLATE_TYPES:
        sentence = f"{shown(argument.type)} is no type here: {', '.join(_TEMPLATE_TYPES)}."
        yield problem((*path, "type"), "choice-unknown", sentence)
        return
    parameter = Parameter(
        type=argument.type,
        default=argument.default,
        facet=argument.facet,
        list=argument.list,
        message=argument.message,
    )
    yield from declared_problems(path, parameter)


_BY_TYPE: Mapping[type, Callable[[Any, Known], Iterator[Problem]]] = {
    ResourceLock: _lock_problems,
    NoticeBoard: _board_problems,
    JobResource: _resource_problems,
    IncludeScript: _include_problems,
    Template: _template_problems,
    FileOrderSource: file_order_source_problems,
}
