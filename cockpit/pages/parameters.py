"""The variables a new order brings along: fields out of declarations, values of forms. Pure."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cockpit.api.problem import FieldProblem
from engine.workflow.model import OrderPreparation, Parameter

PREFIX = "arg."
_BOOLEANS = {"true": True, "false": False}


class Field(NamedTuple):
    """One field of the form. `kind` is text, number, choice or json; `choices` are texts."""

    name: str
    type: str
    kind: str
    choices: tuple[str, ...]
    required: bool
    hint: str
    value: str


def fields_of(preparation: OrderPreparation | None, given: Mapping[str, str]) -> list[Field]:
    """Return the fields of a workflow's declared variables, filled with what was given."""
    if preparation is None:
        return []
    return [
        _field(name, parameter, given.get(PREFIX + name, ""))
        for name, parameter in preparation.parameters.items()
        if parameter.final is None
    ]


def takes_more(preparation: OrderPreparation | None) -> bool:
    """Tell whether an order may bring variables that are not declared."""
    return preparation is None or preparation.allow_undeclared


def _field(name: str, parameter: Parameter, value: str) -> Field:
    choices: tuple[str, ...] = ()
    if parameter.list is not None:
        choices = tuple(map(str, parameter.list))
    elif parameter.type == "Boolean":
        choices = tuple(_BOOLEANS)
    kinds = {"Number": "number", "List": "json", "Map": "json"}
    kind = "choice" if choices else kinds.get(parameter.type, "text")
    required = parameter.default is None
    hints = [parameter.message or ""]
    if not required:
        hints.append(f"Empty takes {_default(parameter.default)}.")
    if parameter.facet:
        hints.append(f"Pattern: {parameter.facet}")
    if kind == "json":
        hints.append("Written as JSON.")
    hint = " ".join(h for h in hints if h)
    return Field(name, parameter.type, kind, choices, required, hint, value)


def _default(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def arguments_of(
    preparation: OrderPreparation | None, given: Mapping[str, str]
) -> tuple[dict[str, Any], list[FieldProblem]]:
    """Return the variables that a form gives, with everything that cannot be read."""
    found: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, parameter in (preparation.parameters if preparation else {}).items():
        text = given.get(PREFIX + name, "")
        if text == "":
            continue
        try:
            found[name] = _value(parameter, text)
        except (ValueError, RecursionError):
            sentence = f"It must be {_SPOKEN.get(parameter.type, 'a text')}."
            problems.append(FieldProblem(f"arguments.{name}", sentence))
    for number, line in enumerate(given.get("more", "").splitlines(), 1):
        name, sign, text = (part.strip() for part in line.partition("="))
        if sign and name:
            found[name] = _guessed(text)
        elif line.strip():
            sentence = f"Line {number} is no variable: write name = value."
            problems.append(FieldProblem("more", sentence))
    return found, problems


_SPOKEN = {
    "Number": "a number, as in 12 or 0.5",
    "Boolean": "true or false",
    "List": "a list in JSON, as in [1, 2]",
    "Map": 'an object in JSON, as in {"region": "eu"}',
}


def _value(parameter: Parameter, text: str) -> Any:
    match parameter.type:
        case "Number":
            number = json.loads(text.strip(), parse_constant=_refuse)
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(text)
            return number
        case "Boolean":
            return _boolean(text)
        case "List" | "Map":
            return json.loads(text, parse_constant=_refuse)
        case _:
            return text


def _boolean(text: str) -> bool:
    found = _BOOLEANS.get(text.strip().lower())
    if found is None:
        raise ValueError(text)
    return found


def _guessed(text: str) -> Any:
    """Return JSON as its value, anything else as the text that it is."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(text: str) -> Any:
    raise ValueError(text)
