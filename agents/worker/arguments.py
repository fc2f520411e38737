"""The arguments of built-in jobs and of Python jobs: evaluated, opened and of the declared types.

No effects. Sentences name arguments and never quote a value, which may be secret.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote, urlsplit

from agents.worker.environment import JobNotStartable
from agents.worker.workplace import Unsealing
from engine.order.scope import OrderScope
from engine.values import MISSING, Json, Value, kind_of, normalise, text_of, to_json
from engine.workflow.builtin import BUILT_IN, EXCLUSIVE, Argument, ArgumentType

_URLS = frozenset({"url", "source", "target", "proxy"})


class _Unfit(Exception):
    """A value that is not of the declared type; the argument says what it should be."""


def evaluated(
    given: Mapping[str, Any], scope: OrderScope, unsealing: Unsealing
) -> dict[str, Value]:
    """Return the values of arguments, with sealed ones opened; what is missing is left out.

    Raises:
        EngineError: an expression that fails, a value that cannot be opened here.
    """
    values = {name: normalise(scope.evaluate(text)) for name, text in given.items()}
    return {
        name: normalise(unsealing.value(value))
        for name, value in values.items()
        if value is not MISSING
    }


def typed(kind: str, values: Mapping[str, Value]) -> dict[str, Json]:
    """Return the arguments of a built-in job in their declared types, defaults included.

    Raises:
        JobNotStartable: with everything that is wrong.
    """
    declared = BUILT_IN.get(kind)
    if declared is None:
        raise JobNotStartable(f"there is no built-in job {kind}")
    problems = [f"{name}: {kind} has no such argument" for name in values if name not in declared]
    found: dict[str, Json] = {}
    for name, argument in declared.items():
        try:
            value = _value(argument, values.get(name, MISSING))
        except _Unfit as problem:
            problems.append(f"{name}: {problem}")
        else:
            if value is not None:
                found[name] = value
    problems += _together(kind, values)
    if problems:
        raise JobNotStartable(f"arguments of {kind}: {'; '.join(problems)}")
    return found


def declared_secrets(kind: str, values: Mapping[str, Json]) -> Iterable[str]:
    """Yield the values that the kind declares secret, and the passwords within URLs."""
    for name, argument in BUILT_IN[kind].items():
        value = values.get(name)
        if not isinstance(value, str) or not (argument.secret or name in _URLS):
            continue
        if "://" in value:
            if password := _password(value):
                yield password
                yield unquote(password)
        elif argument.secret and not _is_path(name, value):
            yield value


def _is_path(name: str, value: str) -> bool:
    """Tell whether the value of a key is the path of its file."""
    return name.endswith("key") and "PRIVATE KEY" not in value


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return url


def _value(argument: Argument, value: Value) -> Json:
    if value is MISSING:
        if argument.required:
            raise _Unfit("it is required")
        return argument.default
    found = _TYPES[argument.type](value)
    if argument.choices and found not in argument.choices:
        raise _Unfit(f"it must be one of {', '.join(argument.choices)}")
    if argument.positive and isinstance(found, int | float) and found <= 0:
        raise _Unfit("it must be above 0")
    return found


def _together(kind: str, values: Mapping[str, Value]) -> Iterable[str]:
    for names in EXCLUSIVE.get(kind, ()):
        given = [name for name in names if name in values]
        if len(given) > 1:
            yield f"{' and '.join(given)} cannot be given together"


def _as_text(value: Value) -> Json:
    if isinstance(value, list | dict):
        raise _Unfit(f"it must be a text, not {kind_of(value)}")
    return text_of(value)


def _as_number(value: Value) -> Json:
    try:
        number = Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        raise _Unfit("it must be a number") from None
    if not isinstance(number, Decimal) or not number.is_finite():
        raise _Unfit(f"it must be a number, not {kind_of(value)}")
    return to_json(number)


def _as_whole(value: Value) -> Json:
    number = _as_number(value)
    if not isinstance(number, int):
        raise _Unfit("it must be a whole number")
    return number


def _as_boolean(value: Value) -> Json:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise _Unfit("it must be true or false")


def _as_list(value: Value) -> Json:
    if not isinstance(value, list):
        raise _Unfit(f"it must be a list, not {kind_of(value)}")
    return to_json(value)


def _as_map(value: Value) -> Json:
    if not isinstance(value, dict):
        raise _Unfit(f"it must be an object, not {kind_of(value)}")
    return to_json(value)


_TYPES: Mapping[ArgumentType, Callable[[Value], Json]] = {
    ArgumentType.TEXT: _as_text,
    ArgumentType.NUMBER: _as_number,
    ArgumentType.WHOLE_NUMBER: _as_whole,
    ArgumentType.BOOLEAN: _as_boolean,
    ArgumentType.LIST: _as_list,
    ArgumentType.MAP: _as_map,
    ArgumentType.ANY: to_json,
}
