"""The environment of a job's process: of the job itself and of its job resources. No effects.

Later sources win: variables of the order for `v1Compatible` jobs, the job's `env`, then the job
resources, of which the first one listed wins; those of the job come before those of the workflow.
"""

from collections.abc import Callable
from functools import partial

from agents.worker.workplace import Unsealing
from engine.errors import EngineError
from engine.order.model import Order
from engine.order.scope import OrderScope
from engine.values import MISSING, Function, normalise, text_of
from engine.workflow.model import Execute, Job, ShellScript, Workflow

V1_PREFIX = "SCHEDULER_PARAM_"


class JobNotStartable(EngineError):
    """What a job needs could not be worked out; the sentence says why."""


def environment(
    order: Order, node: Execute, job: Job, scope: OrderScope, *, unsealing: Unsealing
) -> dict[str, str]:
    """Return the job's own variables; one whose value is missing stays unset.

    Raises:
        EngineError: an expression that fails, a text that no environment can hold.
    """
    names = resource_names(scope.workflow, job)
    executable = job.executable
    v1 = isinstance(executable, ShellScript) and executable.v1_compatible
    if not names and not v1:  # by far the most jobs
        env = executable.env.items()
        plain = {name: _text(name, scope.evaluate(value), unsealing) for name, value in env}
        return {name: text for name, text in plain.items() if text is not None}
    given: dict[str, Callable[[], object]] = _v1(order, node, job, scope) if v1 else {}
    given |= {name: partial(scope.evaluate, value) for name, value in executable.env.items()}
    for resource in reversed(names):
        given |= scope.resources.environment(resource)
    found = {name: _text(name, value(), unsealing) for name, value in given.items()}
    return {name: text for name, text in found.items() if text is not None}


def resource_names(workflow: Workflow, job: Job) -> tuple[str, ...]:
    """Return the job resources of a job, those listed at the job first, each once."""
    if not workflow.job_resource_names:
        return job.job_resource_names
    return tuple(dict.fromkeys((*job.job_resource_names, *workflow.job_resource_names)))


def _v1(
    order: Order, node: Execute, job: Job, scope: OrderScope
) -> dict[str, Callable[[], object]]:
    """Return the order's variables as JobScheduler 1 gave them, without what has no text."""
    of_results = (name for result in order.results for name in result.values)
    names = (*job.default_arguments, *node.default_arguments, *of_results, *order.arguments)

    def value(name: str) -> object:
        found = normalise(scope.variable(name))
        return MISSING if isinstance(found, list | dict | Function) else found

    return {V1_PREFIX + name.upper(): partial(value, name) for name in dict.fromkeys(names)}


def _text(name: str, value: object, unsealing: Unsealing) -> str | None:
    if value is MISSING or value is None:
        return None
    text = unsealing.text(text_of(normalise(value)))
    if "\0" in text:
        raise JobNotStartable(
            f"env {name}: the value contains a NUL character, which no environment can hold"
        )
    return text
