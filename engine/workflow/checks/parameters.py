"""Checks the declared variables of orders."""

import re
from collections.abc import Iterator, Mapping

from engine.workflow.allowed import allowed_values, constant
from engine.workflow.checks.functions import no_job_problems
from engine.workflow.checks.names import variable_name_problems
from engine.workflow.checks.secrets import declaration_problems
from engine.workflow.checks.values import value_problems
from engine.workflow.model import ListParameter, Parameter, Workflow
from engine.workflow.problem import Path, Problem, problem, shown

# What a plain value of each type is in JSON; a text is an expression and of any type.
_PLAIN: Mapping[str, tuple[type, ...]] = {
    "String": (),
    "Number": (int, float),
    "Boolean": (bool,),
    "List": (list,),
    "Map": (dict,),
}
_WITH_COLUMNS = frozenset({"List", "Map"})


def parameter_problems(workflow: Workflow) -> Iterator[Problem]:
    """Yield what is wrong with `orderPreparation`, in document order."""
    if workflow.order_preparation is None:
        return
    for name, parameter in workflow.order_preparation.parameters.items():
        path: Path = ("orderPreparation", "parameters", name)
        yield from variable_name_problems(path, name)
        if parameter.type in _PLAIN:
            yield from declared_problems(path, parameter)
            # Conditions may ask for it, which the controller evaluates.
            yield from no_job_problems((*path, "default"), parameter.default)
            yield from no_job_problems((*path, "final"), parameter.final)
            yield from declaration_problems(path, parameter)
        else:
            yield _type_unknown(path, parameter.type, _PLAIN)


def declared_problems(path: Path, parameter: Parameter) -> Iterator[Problem]:
    """Yield what is wrong with a declaration whose type is known."""
    if parameter.final is not None and parameter.default is not None:
        sentence = "A parameter has a default or a final value, not both."
        yield problem((*path, "default"), "default-and-final", sentence)
    yield from _given_problems((*path, "default"), parameter.type, parameter.default)
    yield from _given_problems((*path, "final"), parameter.type, parameter.final)
    yield from _facet_problems((*path, "facet"), parameter)
    yield from _list_problems(path, parameter)
    yield from _column_problems((*path, "listParameters"), parameter)


def _given_problems(path: Path, type_: str, value: object) -> Iterator[Problem]:
    if value is None:
        return
    if isinstance(value, str) or _is_plain(type_, value):
        yield from value_problems(path, value)
    else:
        sentence = (
            f"This is no value of type {type_}. Texts are expressions: \"'x'\" is the text x."
        )
        yield problem(path, "wrong-type", sentence)


def _is_plain(type_: str, value: object) -> bool:
    if isinstance(value, bool):
        return type_ == "Boolean"
    return isinstance(value, _PLAIN[type_])


def _facet_problems(path: Path, parameter: Parameter) -> Iterator[Problem]:
    if parameter.facet is None:
        return
    try:
        re.compile(parameter.facet)
    except (re.error, OverflowError, RecursionError) as e:
        yield problem(path, "pattern-invalid", f"This is no regular expression: {e}.")
    if parameter.type != "String":
        yield problem(path, "facet-misplaced", "Only a parameter of type String has a facet.")


def _list_problems(path: Path, parameter: Parameter) -> Iterator[Problem]:
    allowed = allowed_values(parameter)
    if allowed is None:
        return
    if not allowed:
        yield problem((*path, "list"), "list-empty", "The list allows no value at all.")
    default = constant(parameter.default)
    if parameter.default is not None and default is not None and default not in allowed:
        sentence = f"The default {shown(str(default))} is not in the list of allowed values."
        yield problem((*path, "default"), "default-not-allowed", sentence)


def _column_problems(path: Path, parameter: Parameter) -> Iterator[Problem]:
    if parameter.list_parameters is None:
        return
    if parameter.type not in _WITH_COLUMNS:
        sentence = "Only a parameter of type List or Map has listParameters."
        yield problem(path, "columns-misplaced", sentence)
    for name, column in parameter.list_parameters.items():
        yield from variable_name_problems((*path, name), name)
        yield from _one_column_problems((*path, name), column)


def _one_column_problems(path: Path, column: ListParameter) -> Iterator[Problem]:
    if column.type in _PLAIN:
        yield from _given_problems((*path, "default"), column.type, column.default)
    else:
        yield _type_unknown(path, column.type, _PLAIN)


def _type_unknown(path: Path, given: str, types: Mapping[str, object]) -> Problem:
    sentence = f"{shown(given)} is no type of a parameter: {', '.join(types)}."
    return problem((*path, "type"), "choice-unknown", sentence)
