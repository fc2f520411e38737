"""Ways to values: variables, built-in names, job resources, fields and elements, as closures.

Knows no grammar; what is found comes from the scope.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from engine.expression.errors import EvaluationFailed
from engine.expression.node import Node, Run, Uses, joined
from engine.expression.scope import ParameterScope, Scope
from engine.expression.symbols import BUILT_IN, CLOCKS
from engine.values import MISSING, Function, Missing, Value, kind_of, normalise

_PLAIN: Final = frozenset({str, Decimal, bool, Missing, Function})


def variable(name: str) -> Node:
    """`$name`: a built-in name, else a variable."""
    if name in CLOCKS:
        return Node(_clock(CLOCKS[name]), Uses(functions=frozenset({"now"})))
    if name in BUILT_IN:
        return symbol(BUILT_IN[name])

    def run(scope: Scope) -> Value:
        value = scope.variable(name)
        return value if type(value) in _PLAIN else normalise(value)  # type: ignore[return-value]

    return Node(run, Uses(variables=frozenset({name})))


def _clock(unit_us: int) -> Run:
    return lambda scope: Decimal(scope.now_us() // unit_us)


def symbol(name: str) -> Node:
    """A built-in fact such as `orderId`."""
    return Node(lambda scope: normalise(scope.symbol(name)), Uses(symbols=frozenset({name})))


def job_resource(resource: str, name: str | None) -> Node:
    """`JobResource:resource:name`; without a name all its variables as an object."""

    def run(scope: Scope) -> Value:
        values = scope.job_resource(resource)
        return normalise(values) if name is None else resource_variable(resource, values, name)

    return Node(run, Uses(job_resources=frozenset({resource})))


def resource_variable(resource: str, values: object, name: str) -> Value:
    """The value of one variable among those of a job resource."""
    if not hasattr(values, "__getitem__") or name not in values:  # type: ignore[operator]
        raise EvaluationFailed(f"The job resource {resource} has no variable {name}.")
    return normalise(values[name])


def field(of: Node, name: str) -> Node:
    """`of.name`: a field of an object."""
    inner = of.run
    return joined(lambda scope: field_of(inner(scope), name), [of])


def field_of(value: Value, name: str) -> Value:
    """The field of this name; missing stays missing."""
    if isinstance(value, dict):
        if name not in value:
            raise EvaluationFailed(f"The object has no field {name}.")
        return value[name]
    if value is MISSING:
        return MISSING
    raise EvaluationFailed(f".{name} needs an object, not {kind_of(value)}.")


def index(of: Node, at: Node) -> Node:
    """`of(at)`: an element of a list by its number from 0, or of an object by its name."""
    inner, place = of.run, at.run
    return joined(lambda scope: _element(inner(scope), place(scope)), [of, at])


def _element(value: Value, place: Value) -> Value:
    if value is MISSING or place is MISSING:
        return MISSING
    if isinstance(value, dict) and isinstance(place, str):
        return field_of(value, place)
    if not isinstance(value, list):
        raise EvaluationFailed(f"An element of {kind_of(value)} cannot be taken, only of a list.")
    return value[place_in(place, len(value) - 1, "The index")]


def place_in(place: Value, last: int, what: str) -> int:
    """A number that must be whole and between 0 and `last`."""
    if not isinstance(place, Decimal) or place != place.to_integral_value():
        raise EvaluationFailed(f"{what} must be a whole number.")
    if not 0 <= place <= last:
        raise EvaluationFailed(f"{what} {place:f} is out of range, the last is {last}.")
    return int(place)


def function(parameters: tuple[str, ...], body: Node) -> Node:
    """`(x, i) => body`: a function that keeps the scope it was made in."""

    def run(scope: Scope) -> Value:
        return Function(parameters, _body(parameters, body.run, scope))

    node = joined(run, [body])
    variables = node.uses.variables.difference(parameters)
    return node._replace(uses=node.uses._replace(variables=variables))


def _body(
    parameters: tuple[str, ...], run: Run, scope: Scope
) -> Callable[[Sequence[Value]], Value]:
    return lambda given: run(ParameterScope(scope, dict(zip(parameters, given, strict=True))))
