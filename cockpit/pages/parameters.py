"""The variables a new order brings along: fields out of declarations, values of forms. Pure."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cockpit.api.problem import FieldProblem
from engine.workflow.allowed import allowed_values
from engine.workflow.model import OrderPreparation, Parameter

PREFIX = "arg."
NO_LINE = "Line {} is no variable: write name = value."
_BOOLEANS = {"true": True, "false": False}


class Field(NamedTuple):
    """One field of the form. `choices` are texts.

    `kind` is text, lines, number, choice, json or secret; of a secret one `value` is always empty,
    and `is_set` tells whether there is one.
    """

    name: str
    type: str
    kind: str
    choices: tuple[str, ...]
    required: bool
    hint: str
    value: str
    is_set: bool = False


def fields_of(preparation: OrderPreparation | None, given: Mapping[str, str]) -> list[Field]:
    """Return the fields of a workflow's declared variables, filled with what was given."""
    if preparation is None:
        return []
    return [
        field_of(name, parameter, given.get(PREFIX + name, ""))
        for name, parameter in preparation.parameters.items()
        if parameter.final is None
    ]


def takes_more(preparation: OrderPreparation | None) -> bool:
    """Tell whether an order may bring variables that are not declared."""
    return preparation is None or preparation.allow_undeclared


def field_of(name: str, parameter: Parameter, value: str, *, is_set: bool = False) -> Field:
    """Return the field of one variable; `is_set` tells whether it has a value already."""
    if parameter.secret:
        return _secret_field(name, parameter, is_set=is_set)
    allowed, choices = allowed_values(parameter), tuple[str, ...]()
    if allowed is not None:
        choices = tuple(map(str, allowed))
    elif parameter.type == "Boolean":
        choices = tuple(_BOOLEANS)
    kinds = {"Number": "number", "List": "json", "Map": "json"}
    kind = "choice" if choices else kinds.get(parameter.type, "lines" if "\n" in value else "text")
    required = parameter.default is None
    hints = [_message(parameter)]
    if not required and parameter.default != "":
        hints.append(f"Empty takes {_default(parameter.default)}.")
    if parameter.facet:
        hints.append(f"Pattern: {parameter.facet}")
    if kind == "json":
        hints.append("Written as JSON.")
    hint = " ".join(h for h in hints if h)
    return Field(name, parameter.type, kind, choices, required, hint, value)


def _secret_field(name: str, parameter: Parameter, *, is_set: bool) -> Field:
    hints = [_message(parameter), "Sealed to the agents of the workflow and shown nowhere."]
    if is_set:
        hints.append("Empty leaves it as it is.")
    elif parameter.default is not None:
        hints.append("Empty takes the default.")
    hint = " ".join(h for h in hints if h)
    required = parameter.default is None and not is_set
    return Field(name, parameter.type, "secret", (), required, hint, "", is_set)


def _message(parameter: Parameter) -> str:
    said = (parameter.message or "").strip()
    return said if said.endswith((".", "?", "!")) or not said else f"{said}."


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
            found[name] = value_of(parameter.type, text)
        except ValueUnreadable as unreadable:
            problems.append(FieldProblem(f"arguments.{name}", str(unreadable)))
    more, unreadable_lines = lines_of(given.get("more", ""))
    return found | more, problems + unreadable_lines


def lines_of(text: str) -> tuple[dict[str, Any], list[FieldProblem]]:
    """Return the variables of lines `name = value`, with the lines that are none."""
    found: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for number, line in enumerate(text.splitlines(), 1):
        name, sign, value = (part.strip() for part in line.partition("="))
        if sign and name:
            found[name] = _guessed(value)
        elif line.strip():
            problems.append(FieldProblem("more", NO_LINE.format(number)))
    return found, problems


class ValueUnreadable(Exception):
    """A text that is no value of its type; the message is a sentence."""


_SPOKEN = {
    "Number": "a number, as in 12 or 0.5",
    "Boolean": "true or false",
    "List": "a list in JSON, as in [1, 2]",
    "Map": 'an object in JSON, as in {"region": "eu"}',
}


def value_of(type_name: str, text: str) -> Any:
    """Return the value of a type that a text writes.

    Raises:
        ValueUnreadable: it writes none.
    """
    try:
        return _value(type_name, text)
    except (ValueError, RecursionError):
        spoken = _SPOKEN.get(type_name, "a text")
        raise ValueUnreadable(f"It must be {spoken}.") from None


def text_of(type_name: str, value: object) -> str:
    """Return a value as its field writes it; the inverse of `value_of`."""
    if type_name == "String" and isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def type_of(value: object) -> str:
    """Return the name of the type that a value has."""
    match value:
        case bool():
            return "Boolean"
        case int() | float():
            return "Number"
        case list():
            return "List"
        case dict():
            return "Map"
        case _:
            return "String"


def _value(type_name: str, text: str) -> Any:
    match type_name:
        case "Number":
            number = json.loads(text.strip(), parse_constant=_refuse)
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(text)
            return number
        case "Boolean":
            return _boolean(text)
        case "List" | "Map":
            found = json.loads(text, parse_constant=_refuse)
            if not isinstance(found, list if type_name == "List" else dict):
                raise ValueError(text)
            return found
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
