"""Whether arguments fit what a workflow declares."""

import re
from typing import Any

from engine.order.secret import HIDDEN, is_sealed, secret_names
from engine.workflow.allowed import allowed_values
from engine.workflow.model import Parameter
from engine.workflow.program import Program

_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Number": (int, float),
    "Boolean": (bool,),
    "List": (list,),
    "Map": (dict,),
}


def argument_problems(
    program: Program, arguments: dict[str, Any], *, before_sealing: bool = False
) -> list[str]:
    """Return what is wrong with the arguments of a new order, by the workflow's declaration.

    `before_sealing`: secret ones are still to be sealed; else they have to be sealed already.
    """
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
        problems += _parameter_problems(name, parameter, arguments, before_sealing=before_sealing)
    return problems


def secret_problems(
    program: Program, values: dict[str, Any], field: str, *, before_sealing: bool = False
) -> list[str]:
    """Return what is wrong with given values of secret variables, whatever else is declared."""
    preparation = program.workflow.order_preparation
    names = secret_names(program.workflow) & values.keys()
    if preparation is None or not names:
        return []
    found = (
        _secret_problems(
            f"{field}.{name}",
            preparation.parameters[name],
            values[name],
            before_sealing=before_sealing,
        )
        for name in values
        if name in names
    )
    return [line for lines in found for line in lines]


def _parameter_problems(
    name: str, parameter: Parameter, arguments: dict[str, Any], *, before_sealing: bool
) -> list[str]:
    place = f"arguments.{name}"
    if parameter.final is not None:
        return [f"{place}: It is final and cannot be given."] if name in arguments else []
    if name not in arguments:
        return [] if parameter.default is not None else [f"{place}: It is required."]
    value = arguments[name]
    if parameter.secret:
        return _secret_problems(place, parameter, value, before_sealing=before_sealing)
    return _value_problems(place, parameter, value)


def _secret_problems(
    place: str, parameter: Parameter, value: object, *, before_sealing: bool
) -> list[str]:
    if is_sealed(value):
        return []
    if not before_sealing:
        return [f"{place}: It is secret and must be sealed to the agents that need it."]
    if value == HIDDEN:
        return [f"{place}: These signs stand for a hidden value: give the value itself."]
    return _value_problems(place, parameter, value)


def _value_problems(place: str, parameter: Parameter, value: object) -> list[str]:
    types = _TYPES.get(parameter.type)
    if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
        return [f"{place}: It must be a {parameter.type}."]
    if parameter.facet and isinstance(value, str) and not re.fullmatch(parameter.facet, value):
        return [f"{place}: {parameter.message or f'It does not match {parameter.facet}.'}"]
    allowed = allowed_values(parameter)
    if allowed is not None and value not in allowed:
        return [f"{place}: {parameter.message or 'It is not among the allowed values.'}"]
    return []
