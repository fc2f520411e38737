"""What the expressions of job resources see: their own arguments and built-in facts.

No variable of an order gets in, so that a resource means the same wherever it is used; built-in
facts such as `$js7OrderId` and `now()` are those of the place that asks.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol, TypeAlias

from engine.expression import EvaluationFailed, Scope, compile_expression
from engine.objects.model import JobResource
from engine.values import Value, normalise

Find: TypeAlias = Callable[[str], JobResource | None]
"""Finds a job resource by its name; None where none is deployed."""

KIND = "jobresource"


class Known(Protocol):
    """Something that knows objects by kind and name, such as a world."""

    def object(self, kind: str, name: str) -> tuple[str, object] | None:
        """Return path and document, None where there is none."""


def resources_in(known: Known) -> Find:
    """Return how to find job resources in a world; raises `NotLoaded` where that does not know."""

    def find(name: str) -> JobResource | None:
        found = known.object(KIND, name)
        return found[1] if found and isinstance(found[1], JobResource) else None

    return find


def none(_name: str) -> JobResource | None:
    """Return nothing: where no job resources are to be had."""
    return None


class Resources:
    """The job resources of one evaluation; each of their variables is evaluated at most once.

    `around` is the scope that asks: it gives the built-in facts, the clock and the zone.
    """

    def __init__(self, find: Find, around: Scope) -> None:
        self._find = find
        self._around = around
        self._values: dict[tuple[str, str], Value] = {}
        self._open: list[tuple[str, str]] = []

    def variables(self, resource: str) -> Mapping[str, object]:
        """Return the variables of a job resource, evaluated when they are asked for.

        Raises:
            EvaluationFailed: there is no such job resource.
        """
        return _Variables(self, resource, self._found(resource))

    def environment(self, resource: str) -> Mapping[str, Callable[[], Value]]:
        """Return the environment that a job resource gives, each value to be evaluated by a call.

        Raises:
            EvaluationFailed: there is no such job resource.
        """
        document = self._found(resource)
        return {
            name: partial(self._evaluated, resource, document, given)
            for name, given in document.env.items()
        }

    def value(self, resource: str, document: JobResource, name: str) -> Value:
        """Return a variable of a job resource.

        Raises:
            EvaluationFailed: it cannot be evaluated, or it is defined by itself.
        """
        key = (resource, name)
        if key in self._values:
            return self._values[key]
        if key in self._open:
            way = " by ".join(f"JobResource:{r}:{v}" for r, v in [*self._open, key])
            raise EvaluationFailed(f"It is defined by itself: {way}.")
        self._open.append(key)
        try:
            self._values[key] = self._evaluated(resource, document, document.arguments[name])
        finally:
            self._open.pop()
        return self._values[key]

    def _found(self, resource: str) -> JobResource:
        document = self._find(resource)
        if document is None:
            raise EvaluationFailed(f"There is no job resource {resource}.")
        return document

    def _evaluated(self, resource: str, document: JobResource, given: object) -> Value:
        if not isinstance(given, str):
            return normalise(given)
        scope = ResourceScope(self, self._around, resource, document)
        return compile_expression(given).evaluate(scope)


class ResourceScope(Scope):
    """The scope of a job resource: its arguments, and the facts of the scope that asks for it."""

    __slots__ = ("_around", "_document", "_name", "_resources")

    def __init__(
        self, resources: Resources, around: Scope, name: str, document: JobResource
    ) -> None:
        self._resources = resources
        self._around = around
        self._name = name
        self._document = document

    def variable(self, name: str) -> object:
        """Return an argument of the resource."""
        if name in self._document.arguments:
            return self._resources.value(self._name, self._document, name)
        if name == "returnCode":
            return self._around.symbol(name)
        raise EvaluationFailed(
            f"There is no variable {name} in job resource {self._name};"
            " variables of orders are not seen there."
        )

    def argument(self, name: str) -> object:
        """Return an argument of the resource."""
        return self.variable(name)

    def job_resource(self, resource: str) -> Mapping[str, object]:
        """Return the variables of another job resource."""
        return self._resources.variables(resource)

    def env(self, name: str) -> str | None:
        """Return an environment variable of the process that evaluates."""
        return self._around.env(name)

    def symbol(self, name: str) -> object:
        """Return a built-in fact of the place that asks."""
        return self._around.symbol(name)

    def now_us(self) -> int:
        """Return the present moment."""
        return self._around.now_us()

    def scheduled_us(self) -> int | None:
        """Return the moment the asking order is scheduled for."""
        return self._around.scheduled_us()

    def zone(self) -> str:
        """Return the zone of the place that asks."""
        return self._around.zone()

    def to_file(self, content: str, pattern: str) -> str:
        """Return the path of a new file, where the place that asks can make one."""
        return self._around.to_file(content, pattern)


class _Variables(Mapping[str, object]):
    """The variables of one job resource, each evaluated when it is looked up."""

    def __init__(self, resources: Resources, name: str, document: JobResource) -> None:
        self._resources = resources
        self._name = name
        self._document = document

    def __getitem__(self, name: str) -> object:
        if name not in self._document.arguments:
            raise KeyError(name)
        return self._resources.value(self._name, self._document, name)

    def __contains__(self, name: object) -> bool:
        return name in self._document.arguments

    def __iter__(self) -> Iterator[str]:
        return iter(self._document.arguments)

    def __len__(self) -> int:
        return len(self._document.arguments)


def resource_variable(resource: JobResource, name: str, around: Scope | None = None) -> Value:
    """Return one variable of a job resource that needs no other one.

    Raises:
        EvaluationFailed: it is unknown or cannot be evaluated.
    """
    if name not in resource.arguments:
        raise EvaluationFailed(f"The job resource has no variable {name}.")
    return Resources(none, around or Scope()).value("", resource, name)
