"""Calls of functions: which there are, and how arguments meet parameters.

Functions that ask the scope are in `lookups`, those of their arguments alone in `functions`.
Knows no grammar.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from engine.expression import functions, lookups
from engine.expression.errors import EvaluationFailed
from engine.expression.file_name import file_name
from engine.expression.lookups import Bound
from engine.expression.node import NOTHING, Node, Run, Uses, constant, joined
from engine.expression.scope import Scope
from engine.values import MISSING, Value


class Malcalled(Exception):
    """A call does not fit the function; the text is a sentence."""


class Signature(NamedTuple):
    """A function: its parameters, how many of them are needed, and the closure of a call.

    `uses` tells what a call asks of the scope beyond its arguments. `words` are parameters that
    may be given as a bare word. With `any_number` more arguments than parameters are taken.
    """

    parameters: tuple[str, ...]
    needed: int
    build: Callable[[Bound], Run]
    uses: Callable[[Bound], Uses] = lambda _bound: NOTHING
    words: frozenset[str] = frozenset()
    any_number: bool = False


def call(name: str, given: Sequence[tuple[str | None, Node]]) -> Node:
    """A call of the function with these arguments, each with its name if it has one.

    Raises:
        Malcalled: no such function, or the arguments do not fit it.
        TooDeep: the call is nested too deep.
    """
    signature = SIGNATURES.get(name)
    if signature is None:
        raise Malcalled(f"There is no function {name}.")
    bound = _bound(name, signature, given)
    return joined(signature.build(bound), bound.values(), signature.uses(bound))


def _bound(name: str, signature: Signature, given: Sequence[tuple[str | None, Node]]) -> Bound:
    bound: dict[str, Node] = {}
    for place, (given_name, node) in enumerate(given):
        parameter = _parameter(name, signature, place=place, given_name=given_name)
        if parameter in bound:
            raise Malcalled(f"{name} is given {parameter} twice.")
        bound[parameter] = _worded(node) if parameter in signature.words else node
    for parameter in signature.parameters[: signature.needed]:
        if parameter not in bound:
            raise Malcalled(f"{name} needs the argument {parameter}.")
    return bound


def _parameter(name: str, signature: Signature, *, place: int, given_name: str | None) -> str:
    if given_name is not None:
        if given_name in signature.parameters:
            return given_name
        raise Malcalled(f"{name} has no parameter {given_name}.")
    if place < len(signature.parameters):
        return signature.parameters[place]
    if signature.any_number:
        return str(place)
    raise Malcalled(f"{name} is given more arguments than its {len(signature.parameters)}.")


def _worded(node: Node) -> Node:
    return node if node.word is None else constant(node.word)


def _of_values(
    compute: Callable[..., Value], *parameters: str, needed: int | None = None
) -> Signature:
    """A function of values alone. Any of them missing makes the result missing."""

    def build(bound: Bound) -> Run:
        runs = {name: node.run for name, node in bound.items()}

        def run(scope: Scope) -> Value:
            values = {name: argument(scope) for name, argument in runs.items()}
            return MISSING if MISSING in values.values() else compute(**values)

        return run

    return Signature(parameters, len(parameters) if needed is None else needed, build)


def _of_many(compute: Callable[[list[Value]], Value]) -> Signature:
    """A function of any number of values, at least one."""

    def build(bound: Bound) -> Run:
        runs = [node.run for node in bound.values()]

        def run(scope: Scope) -> Value:
            values = [argument(scope) for argument in runs]
            return MISSING if any(value is MISSING for value in values) else compute(values)

        return run

    return Signature(("value",), 1, build, any_number=True)


def _asking(
    name: str, build: Callable[[Bound], Run], *parameters: str, needed: int | None = None
) -> Signature:
    """A function whose answer depends on more than its arguments."""
    uses = Uses(functions=frozenset({name}))
    return Signature(
        parameters, len(parameters) if needed is None else needed, build, lambda _bound: uses
    )


def _to_file(bound: Bound) -> Run:
    """`toFile(content, pattern)`: a name that can be known is looked at here already."""
    pattern = lookups.known_text(bound["pattern"])
    if pattern is not None:
        try:
            file_name(pattern, "1")
        except EvaluationFailed as unfit:
            raise Malcalled(str(unfit)) from None
    return lookups.to_file(bound)


SIGNATURES: Final[dict[str, Signature]] = {
    "argument": _asking("argument", lookups.argument, "key", "default", needed=1),
    "env": _asking("env", lookups.env, "name", "default", needed=1),
    "error": Signature(("message",), 1, lookups.error),
    "impure": _asking("impure", lambda bound: bound["value"].run, "value"),
    "jobResourceVariable": Signature(
        ("resource", "key"), 2, lookups.job_resource_variable, lookups.names_job_resource
    ),
    "jobResourceVariables": Signature(
        ("resource",), 1, lookups.job_resource_variables, lookups.names_job_resource
    ),
    "match": _of_values(functions.match_text, "value", "pattern", "replacement"),
    "max": _of_many(functions.largest),
    "min": _of_many(functions.smallest),
    "mkString": _of_values(functions.make_text, "value"),
    "now": _asking("now", lookups.now, "format", "timezone", needed=1),
    "replaceAll": _of_values(functions.replace, "value", "pattern", "replacement"),
    "scheduledOrEmpty": _asking(
        "scheduledOrEmpty", lookups.scheduled_or_empty, "format", "timezone", needed=1
    ),
    "stripMargin": _of_values(functions.strip_margin, "value"),
    "subagentIds": _asking("subagentIds", lookups.subagent_ids, "bundle", needed=0),
    "substring": _of_values(functions.substring, "value", "start", "end", needed=2),
    "toBoolean": _of_values(functions.to_boolean, "value"),
    "toFile": _asking("toFile", _to_file, "content", "pattern"),
    "toNumber": _of_values(functions.to_number, "value"),
    "uniqueOrderId": _asking("uniqueOrderId", lookups.unique_order_id, "pattern"),
    "variable": Signature(
        ("key", "label", "job", "default"),
        1,
        lookups.variable,
        lookups.names_variable,
        words=frozenset({"label", "job"}),
    ),
}
"""Every function by its name in expressions."""
