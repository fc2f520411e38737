"""What an expression may ask for while it is evaluated.

The engine makes one scope per order and evaluation. Knows no order: a subclass looks things up.
"""

from collections.abc import Mapping, Sequence

import msgspec

from engine.expression.errors import EvaluationFailed


class Scope:
    """The world of one evaluation. Everything asked of this class itself is refused.

    Subclasses override what they offer. They may return plain JSON types: integers, floats and
    None are understood as numbers and missing. What is not there raises `EvaluationFailed`.
    """

    __slots__ = ()

    def variable(self, name: str) -> object:
        """The value of `$name`: arguments first, then results, newest first, then defaults."""
        raise _unknown("variable", name)

    def argument(self, name: str) -> object:
        """The value of an argument of the order, whatever results have this name."""
        raise _unknown("argument", name)

    def result(self, name: str, *, label: str | None, job: str | None) -> object:
        """The newest result of the instruction with this label or of this job."""
        raise _unknown("result", name)

    def job_resource(self, resource: str) -> Mapping[str, object]:
        """The evaluated arguments of a job resource."""
        raise _unknown("job resource", resource)

    def env(self, name: str) -> str | None:
        """An environment variable of the process that evaluates, None if unset."""
        raise _not_here("env")

    def symbol(self, name: str) -> object:
        """A built-in fact such as `orderId`; see `symbols.SYMBOLS` for the names."""
        raise _not_here(name)

    def now_us(self) -> int:
        """The present moment in microseconds since the epoch."""
        raise _not_here("The clock")

    def scheduled_us(self) -> int | None:
        """The moment the order is scheduled for in microseconds since the epoch, if it has one."""
        raise _not_here("scheduledOrEmpty")

    def zone(self) -> str:
        """The name of the time zone for times printed without a zone of their own."""
        return "UTC"

    def to_file(self, content: str, pattern: str) -> str:
        """The path of a new file with this content."""
        raise _not_here("toFile")

    def unique_order_id(self, pattern: str) -> str:
        """An order id made from the pattern that no order has."""
        raise _not_here("uniqueOrderId")

    def subagent_ids(self, bundle: str | None) -> Sequence[str]:
        """The ids of the subagents of a bundle, or of all."""
        raise _not_here("subagentIds")


class Result(msgspec.Struct, frozen=True):
    """The values one instruction left, with its label and its job if it has them."""

    values: Mapping[str, object]
    label: str | None = None
    job: str | None = None


class DictScope(Scope):
    """A scope over plain mappings, for engine, checks and tests.

    `results` are in the order they came. `defaults` are searched last, in the order given:
    those of the instruction before those of the job.
    """

    __slots__ = (
        "_arguments",
        "_defaults",
        "_env",
        "_job_resources",
        "_now_us",
        "_results",
        "_scheduled_us",
        "_symbols",
        "_zone",
    )

    def __init__(
        self,
        arguments: Mapping[str, object] | None = None,
        *,
        results: Sequence[Result] = (),
        defaults: Sequence[Mapping[str, object]] = (),
        symbols: Mapping[str, object] | None = None,
        job_resources: Mapping[str, Mapping[str, object]] | None = None,
        env: Mapping[str, str] | None = None,
        now_us: int | None = None,
        scheduled_us: int | None = None,
        zone: str = "UTC",
    ) -> None:
        self._arguments = arguments or {}
        self._results = results
        self._defaults = defaults
        self._symbols = symbols or {}
        self._job_resources = job_resources or {}
        self._env = env or {}
        self._now_us = now_us
        self._scheduled_us = scheduled_us
        self._zone = zone

    def variable(self, name: str) -> object:
        """The argument, else the newest result, else the first default of this name."""
        if name in self._arguments:
            return self._arguments[name]
        for result in reversed(self._results):
            if name in result.values:
                return result.values[name]
        for defaults in self._defaults:
            if name in defaults:
                return defaults[name]
        raise _unknown("variable", name)

    def argument(self, name: str) -> object:
        """The argument, else the first default of this name."""
        for arguments in (self._arguments, *self._defaults):
            if name in arguments:
                return arguments[name]
        raise _unknown("argument", name)

    def result(self, name: str, *, label: str | None, job: str | None) -> object:
        """The newest result of this name left by that label, or that job, or both."""
        for result in reversed(self._results):
            of_label = label is None or result.label == label
            if of_label and (job is None or result.job == job) and name in result.values:
                return result.values[name]
        maker = f"label {label}" if label is not None else f"job {job}"
        raise EvaluationFailed(f"There is no result {name} of {maker}.")

    def job_resource(self, resource: str) -> Mapping[str, object]:
        """The arguments given for this job resource."""
        if resource not in self._job_resources:
            raise _unknown("job resource", resource)
        return self._job_resources[resource]

    def env(self, name: str) -> str | None:
        """The environment variable of this name, if given."""
        return self._env.get(name)

    def symbol(self, name: str) -> object:
        """The fact given under this name."""
        if name not in self._symbols:
            raise _not_here(name)
        return self._symbols[name]

    def now_us(self) -> int:
        """The moment given."""
        return super().now_us() if self._now_us is None else self._now_us

    def scheduled_us(self) -> int | None:
        """The scheduled moment given."""
        return self._scheduled_us

    def zone(self) -> str:
        """The zone given."""
        return self._zone


class ParameterScope(Scope):
    """The scope of a function's body: its parameters hide the variables around it."""

    __slots__ = ("_around", "_parameters")

    def __init__(self, around: Scope, parameters: Mapping[str, object]) -> None:
        self._around = around
        self._parameters = parameters

    def variable(self, name: str) -> object:
        """The parameter of this name, else the variable around."""
        if name in self._parameters:
            return self._parameters[name]
        return self._around.variable(name)

    def argument(self, name: str) -> object:
        """The argument of the order."""
        return self._around.argument(name)

    def result(self, name: str, *, label: str | None, job: str | None) -> object:
        """The result around."""
        return self._around.result(name, label=label, job=job)

    def job_resource(self, resource: str) -> Mapping[str, object]:
        """The job resource around."""
        return self._around.job_resource(resource)

    def env(self, name: str) -> str | None:
        """The environment variable around."""
        return self._around.env(name)

    def symbol(self, name: str) -> object:
        """The fact around."""
        return self._around.symbol(name)

    def now_us(self) -> int:
        """The present moment around."""
        return self._around.now_us()

    def scheduled_us(self) -> int | None:
        """The scheduled moment around."""
        return self._around.scheduled_us()

    def zone(self) -> str:
        """The zone around."""
        return self._around.zone()

    def to_file(self, content: str, pattern: str) -> str:
        """The path of a file made around."""
        return self._around.to_file(content, pattern)

    def unique_order_id(self, pattern: str) -> str:
        """An order id made around."""
        return self._around.unique_order_id(pattern)

    def subagent_ids(self, bundle: str | None) -> Sequence[str]:
        """The subagents known around."""
        return self._around.subagent_ids(bundle)


def _unknown(kind: str, name: str) -> EvaluationFailed:
    return EvaluationFailed(f"There is no {kind} {name}.")


def _not_here(what: str) -> EvaluationFailed:
    return EvaluationFailed(f"{what} is not available here.")
