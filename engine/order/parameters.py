"""Whether arguments fit what a workflow declares."""

import re
from typing import Any

from engine.workflow.model import Parameter
from engine.workflow.program import Program

_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Number": (int, float),
    "Boolean": (bool,),
    "List": (list,),
    "Map": (dict,),
}


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
