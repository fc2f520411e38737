"""The functions that ask the scope: variables, job resources, environment, clock and the like.

Each builds the closure of one call from the nodes of its arguments, by the names of the
parameters. Knows no grammar.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from engine.expression.access import resource_variable
from engine.expression.errors import EvaluationFailed
from engine.expression.functions import text_for
from engine.expression.node import FAILURES, Node, Run, Uses
from engine.expression.scope import Scope
from engine.expression.timeformat import formatted
from engine.values import Value, normalise, text_of

Bound: TypeAlias = Mapping[str, Node]
"""The arguments of a call by the names of the parameters."""


def variable(bound: Bound) -> Run:
    """`variable(key, label=, job=, default=)`: a variable, or the result of a label or job."""
    key, label, job = bound["key"].run, _optional(bound, "label"), _optional(bound, "job")
    if label is None and job is None:
        return _defaulted(lambda scope: scope.variable(text_for("variable", key(scope))), bound)

    def find(scope: Scope) -> object:
        return scope.result(
            text_for("variable", key(scope)),
            label=_text_or_none(label, scope),
            job=_text_or_none(job, scope),
        )

    return _defaulted(find, bound)


def error(bound: Bound) -> Run:
    """`error(message)`: fails with this sentence."""
    message = bound["message"].run

    def run(scope: Scope) -> Value:
        raise EvaluationFailed(text_of(message(scope)))

    return run


def argument(bound: Bound) -> Run:
    """`argument(key, default=)`: an argument of the order."""
    key = bound["key"].run
    return _defaulted(lambda scope: scope.argument(text_for("argument", key(scope))), bound)


def job_resource_variable(bound: Bound) -> Run:
    """`jobResourceVariable(resource, key)`: one variable of a job resource."""
    resource, key = bound["resource"].run, bound["key"].run

    def run(scope: Scope) -> Value:
        name = text_for("jobResourceVariable", resource(scope))
        wanted = text_for("jobResourceVariable", key(scope))
        return resource_variable(name, scope.job_resource(name), wanted)

    return run


def job_resource_variables(bound: Bound) -> Run:
    """`jobResourceVariables(resource)`: all variables of a job resource as an object."""
    resource = bound["resource"].run
    return lambda scope: normalise(
        scope.job_resource(text_for("jobResourceVariables", resource(scope)))
    )


def env(bound: Bound) -> Run:
    """`env(name, default)`: an environment variable; without default it must be set."""
    name = bound["name"].run

    def find(scope: Scope) -> object:
        wanted = text_for("env", name(scope))
        found = scope.env(wanted)
        if found is None:
            raise EvaluationFailed(f"The environment variable {wanted} is not set.")
        return found

    return _defaulted(find, bound)


def now(bound: Bound) -> Run:
    """`now(format, timezone)`: the present moment."""
    return _time("now", bound, lambda scope: scope.now_us())


def scheduled_or_empty(bound: Bound) -> Run:
    """`scheduledOrEmpty(format, timezone)`: when the order was to start; empty if never said."""
    return _time("scheduledOrEmpty", bound, lambda scope: scope.scheduled_us())


def to_file(bound: Bound) -> Run:
    """`toFile(content, pattern)`: the path of a new file."""
    content, pattern = bound["content"].run, bound["pattern"].run
    return lambda scope: scope.to_file(
        text_for("toFile", content(scope)), text_for("toFile", pattern(scope))
    )


def unique_order_id(bound: Bound) -> Run:
    """`uniqueOrderId(pattern)`: an order id nobody has."""
    pattern = bound["pattern"].run
    return lambda scope: scope.unique_order_id(text_for("uniqueOrderId", pattern(scope)))


def subagent_ids(bound: Bound) -> Run:
    """`subagentIds(bundle)`: the ids of the subagents of a bundle, or of all."""
    bundle = _optional(bound, "bundle")
    return lambda scope: normalise(list(scope.subagent_ids(_text_or_none(bundle, scope))))


def _time(name: str, bound: Bound, moment: Callable[[Scope], int | None]) -> Run:
    pattern, zone = bound["format"].run, _optional(bound, "timezone")

    def run(scope: Scope) -> Value:
        moment_us = moment(scope)
        if moment_us is None:
            return ""
        of_zone = scope.zone() if zone is None else text_for(name, zone(scope))
        return formatted(moment_us, text_for(name, pattern(scope)), of_zone)

    return run


def _defaulted(find: Callable[[Scope], object], bound: Bound) -> Run:
    default = _optional(bound, "default")
    if default is None:
        return lambda scope: normalise(find(scope))

    def run(scope: Scope) -> Value:
        try:
            return normalise(find(scope))
        except FAILURES:
            return default(scope)

    return run


def _optional(bound: Bound, parameter: str) -> Run | None:
    return bound[parameter].run if parameter in bound else None


def _text_or_none(run: Run | None, scope: Scope) -> str | None:
    return None if run is None else text_for("The argument", run(scope))


def names_variable(bound: Bound) -> Uses:
    """What `variable(…)` uses: the variable named, or the results if it is more special."""
    key = known_text(bound["key"])
    if key is None or "label" in bound or "job" in bound:
        return Uses(functions=frozenset({"variable"}))
    return Uses(variables=frozenset({key}))


def names_job_resource(bound: Bound) -> Uses:
    """What `jobResourceVariable(s)` uses: the job resource, if its name is plain."""
    resource = known_text(bound["resource"])
    if resource is None:
        return Uses(functions=frozenset({"jobResourceVariables"}))
    return Uses(job_resources=frozenset({resource}))


def known_text(node: Node) -> str | None:
    """The text a constant part stands for, if it is one."""
    if not node.constant:
        return None
    try:
        value = node.run(Scope())
    except FAILURES:
        return None
    return value if isinstance(value, str) else None
