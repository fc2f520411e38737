"""Variables that an order has already: fields to change them, and what a form has changed. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cockpit.api.problem import FieldProblem
from cockpit.pages.parameters import (
    Field,
    ValueUnreadable,
    field_of,
    lines_of,
    text_of,
    type_of,
    value_of,
)
from engine.order.parameters import argument_problems
from engine.order.secret import is_sealed
from engine.workflow.model import Parameter
from engine.workflow.program import Program

PREFIX = "var."
MOST = 60


class Changed(NamedTuple):
    """What a form changes: values by name, names to be taken away, and what cannot be read."""

    values: dict[str, Any]
    removed: list[str]
    problems: list[FieldProblem]


def fields_to_change(
    program: Program | None, values: Mapping[str, Any], given: Mapping[str, str]
) -> list[Field]:
    """Return the fields for variables, as far as a form has room; `given` is what was typed."""
    return [
        field_of(
            name,
            parameter,
            given.get(PREFIX + name, _shown(parameter, values, name)),
            is_set=name in values,
        )
        for name, parameter in _parameters(program, values).items()
    ]


def changes_in(
    program: Program | None,
    values: Mapping[str, Any],
    given: Mapping[str, str],
    *,
    field: str,
    takes_away: bool = False,
) -> Changed:
    """Return what a form changes.

    Args:
        program: the workflow, for the types that it declares.
        values: the variables as they are.
        given: the form.
        field: how problems name the variables, such as `arguments`.
        takes_away: whether an emptied field takes its variable away.
    """
    changed = Changed({}, [], [])
    for name, parameter in _parameters(program, values).items():
        text = given.get(PREFIX + name)
        if text is None or text == _shown(parameter, values, name):
            continue  # an empty field of a secret variable leaves it as it is
        if text == "" and takes_away:
            changed.removed.append(name)
            continue
        try:
            changed.values[name] = value_of(parameter.type, text)
        except ValueUnreadable as unreadable:
            changed.problems.append(FieldProblem(f"{field}.{name}", str(unreadable)))
    more, unreadable_lines = lines_of(given.get("more", ""))
    changed.values.update(more)
    changed.problems.extend(unreadable_lines)
    changed.problems.extend(_undeclarable(program, values, changed, field))
    return changed


def _parameters(program: Program | None, values: Mapping[str, Any]) -> dict[str, Parameter]:
    preparation = program.workflow.order_preparation if program else None
    declared = preparation.parameters if preparation else {}
    found = {name: p for name, p in declared.items() if p.final is None}
    others = [name for name in values if name not in declared][:MOST]
    return found | {
        name: Parameter(type=type_of(values[name]), default="", secret=is_sealed(values[name]))
        for name in others
    }


def _shown(parameter: Parameter, values: Mapping[str, Any], name: str) -> str:
    if parameter.secret:
        return ""
    return text_of(parameter.type, values[name]) if name in values else ""


def _undeclarable(
    program: Program | None, values: Mapping[str, Any], changed: Changed, field: str
) -> list[FieldProblem]:
    """Return what the workflow's declaration refuses of the changed variables."""
    if program is None:
        return []
    unreadable = {problem.field for problem in changed.problems}
    wanted = {k: v for k, v in {**values, **changed.values}.items() if k not in changed.removed}
    concerned = {*changed.values, *changed.removed}
    found = []
    for line in argument_problems(program, wanted, before_sealing=True):
        place, _, sentence = line.partition(": ")
        name = place.removeprefix("arguments.")
        at = f"{field}.{name}"
        if name in concerned and at not in unreadable:
            found.append(FieldProblem(at, sentence))
    return found
