"""Types and values by their names in JSON, for the sentences of `engine.workflow.shape`."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

from engine.workflow.problem import clipped
from engine.workflow.stand_in import members


def hint(name: str, names: Iterable[str]) -> str:
    """Return the question for a near name, with a blank before it; empty where there is none."""
    near = get_close_matches(clipped(name), list(names), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def wrong_type(expected: inspect.Type, value: Any) -> str:
    """Return that a value of another type is needed."""
    types = (t for t in members(expected) if not isinstance(t, inspect.NoneType))
    wanted = " or ".join(dict.fromkeys(map(name_of, types)))
    return f"{wanted[0].upper()}{wanted[1:]} is needed, not {name_of_value(value)}."


def name_of(expected: inspect.Type) -> str:
    """Return what values of a type are called."""
    match expected:
        case inspect.StructType() | inspect.DictType():
            return "an object"
        case inspect.VarTupleType():
            return "a list"
        case inspect.StrType() | inspect.LiteralType():
            return "a text"
        case inspect.IntType():
            return "a whole number"
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case _:
            raise AssertionError(f"{type(expected).__name__} is not used in documents")


def name_of_value(value: Any) -> str:
    """Return what the type of a value is called."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a fraction"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
