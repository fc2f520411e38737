"""What the expressions of an order see: its arguments, results, defaults and built-in facts."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from engine import position as p
from engine.errors import EngineError
from engine.expression import EvaluationFailed, Scope, compile_expression
from engine.expression.symbols import BUILT_IN, CLOCKS
from engine.order.model import Order
from engine.order.resource_scope import Find, Resources, none
from engine.workflow.model import Execute, Job, ShellScript, Try, Workflow
from engine.workflow.program import Program


class OrderScope(Scope):
    """The scope of one order at its position; of one job if `node` is given.

    Names are looked for in the order's arguments, in results (newest first), in declared
    parameters, in the defaults of the instruction and of the job, and among the built-in variables.
    For jobs with `v1Compatible` the defaults of the instruction come first. `find` knows the job
    resources.
    """

    __slots__ = ("_find", "_job", "_node", "_now_us", "_open", "_order", "_program", "_resources")

    def __init__(
        self,
        order: Order,
        program: Program,
        now_us: int,
        *,
        node: Execute | None = None,
        find: Find = none,
    ) -> None:
        self._order = order
        self._program = program
        self._now_us = now_us
        self._node = node
        self._job: Job | None = program.job(node.job_name) if node else None
        self._find = find
        self._resources: Resources | None = None
        self._open: tuple[str, ...] = ()

    def variable(self, name: str) -> object:
        """Return the value of `$name`."""
        if self._node and name in self._node.default_arguments and self._v1():
            return self._evaluated_once(name, self._node.default_arguments[name])
        if name in self._order.arguments:
            return self._order.arguments[name]
        for result in reversed(self._order.results):
            if name in result.values:
                return result.values[name]
        return self._default(name)

    def argument(self, name: str) -> object:
        """Return an argument of the order, declared defaults included."""
        if name in self._order.arguments:
            return self._order.arguments[name]
        return self._default(name)

    def _default(self, name: str) -> object:
        preparation = self._program.workflow.order_preparation
        parameter = preparation.parameters.get(name) if preparation else None
        if parameter is not None:
            given = parameter.final if parameter.final is not None else parameter.default
            if given is not None:
                return self._evaluated_once(name, given)
        for defaults in self._defaults():
            if name in defaults:
                return self._evaluated_once(name, defaults[name])
        if name in CLOCKS:
            return self._now_us // CLOCKS[name]
        builtin = name if name == "returnCode" else BUILT_IN.get(name)
        if builtin is None:
            raise EvaluationFailed(f"There is no variable {name}.")
        return self.symbol(builtin)

    def _evaluated_once(self, name: str, given: object) -> object:
        if not isinstance(given, str):
            return given
        if name in self._open:
            raise EvaluationFailed(f"The variable {name} is defined by itself.")
        self._open = (*self._open, name)
        try:
            return self.evaluate(given)
        finally:
            self._open = self._open[:-1]

    def _v1(self) -> bool:
        executable = self._job.executable if self._job else None
        return isinstance(executable, ShellScript) and executable.v1_compatible

    @property
    def resources(self) -> Resources:
        """The job resources as this evaluation sees them."""
        if self._resources is None:
            self._resources = Resources(self._find, self)
        return self._resources

    @property
    def workflow(self) -> Workflow:
        """The workflow that the order walks."""
        return self._program.workflow

    def job_resource(self, resource: str) -> Mapping[str, object]:
        """Return the variables of a job resource, each evaluated when it is asked for."""
        return self.resources.variables(resource)

    def _defaults(self) -> tuple[Mapping[str, Any], ...]:
        if self._node is None or self._job is None:
            return ()
        return self._node.default_arguments, self._job.default_arguments

    def evaluate(self, given: object) -> object:
        """Return the value of an expression, or a plain JSON value as it is."""
        return compile_expression(given).evaluate(self) if isinstance(given, str) else given

    def result(self, name: str, *, label: str | None, job: str | None) -> object:
        """Return the newest result of the instruction with this label or of this job."""
        for found in reversed(self._order.results):
            fits = (label is None or found.label == label) and (job is None or found.job == job)
            if fits and name in found.values:
                return found.values[name]
        raise EvaluationFailed(
            f"There is no result {name} of {f'label {label}' if label else f'job {job}'}."
        )

    def symbol(self, name: str) -> object:
        """Return a built-in fact such as `orderId`."""
        found = self._SYMBOLS.get(name)
        if found is None:
            raise EvaluationFailed(f"{name} is not known here.")
        return found(self)

    def now_us(self) -> int:
        """Return the present moment."""
        return self._now_us

    def scheduled_us(self) -> int | None:
        """Return the moment the order is scheduled for."""
        return self._order.scheduled_us

    def zone(self) -> str:
        """Return the zone of the workflow."""
        return self._program.workflow.time_zone

    def _label(self) -> object:
        instruction = self._program.instruction(self._order.position)
        return (instruction.label if instruction else None) or ""

    def _try(self) -> tuple[int, int | None] | None:
        for around in p.ancestors(self._order.position):
            branch = self._order.position[len(around)]
            block = self._program.instruction(around)
            if isinstance(block, Try) and isinstance(branch, str):
                return p.try_number(branch) + 1, block.max_tries
        return None

    def _try_count(self) -> object:
        found = self._try()
        return found[0] if found else 0

    def _max_tries(self) -> object:
        found = self._try()
        return found[1] if found else 0

    def _job_name(self) -> object:
        if self._node is None:
            raise EvaluationFailed("There is no job here.")
        return self._node.job_name

    def _execution_count(self) -> object:
        name = self._job_name()
        return 1 + sum(1 for r in self._order.results if r.job == name)

    def _facts_of_job(self) -> object:
        if self._job is None:
            raise EvaluationFailed("There is no job here.")
        timeout, grace = self._job.timeout, self._job.grace_timeout
        return {
            "name": self._job_name(),
            "processLimit": self._job.parallelism,
            "timeoutMillis": None if timeout is None else timeout * 1000,
            "sigkillDelayMillis": None if grace is None else grace * 1000,
            "executionCount": self._execution_count(),
        }

    def _return_code(self) -> object:
        for found in reversed(self._order.results):
            if "returnCode" in found.values:
                return found.values["returnCode"]
        raise EvaluationFailed("There is no return code yet.")

    _SYMBOLS: ClassVar[dict[str, Callable[["OrderScope"], object]]] = {
        "orderId": lambda self: self._order.id,
        "workflowPath": lambda self: self._order.workflow,
        "workflowPosition": lambda self: p.to_text(self._order.position),
        "label": _label,
        "controllerId": lambda _: "controller",
        "tryCount": _try_count,
        "maxTries": _max_tries,
        "returnCode": _return_code,
        "catch": lambda self: bool(self._order.outcome and not self._order.outcome.ok),
        "timedOut": lambda self: bool(
            self._order.outcome and self._order.outcome.kind == "timedout"
        ),
        "workflow.timezone": lambda self: self.zone(),
        "jobName": _job_name,
        "jobExecutionCount": _execution_count,
        "job": _facts_of_job,
    }


def evaluate(
    text: object, order: Order, program: Program, now_us: int, find: Find = none
) -> object:
    """Return the value of an expression for an order; `find` knows the job resources.

    Raises:
        EngineError: it cannot be read or evaluated; the sentence says why.
    """
    return OrderScope(order, program, now_us, find=find).evaluate(text)


def predicate(text: str, order: Order, program: Program, now_us: int, find: Find = none) -> bool:
    """Return whether an expression is true for an order; `find` as in `evaluate`.

    Raises:
        PredicateNotBoolean: it is neither true nor false.
        EngineError: as `evaluate`.
    """
    found = evaluate(text, order, program, now_us, find)
    if not isinstance(found, bool):
        raise PredicateNotBoolean(f"{text} is {found!r}, neither true nor false")
    return found


class PredicateNotBoolean(EngineError):
    """A condition that is neither true nor false."""
