"""Whether a draft is good: its path, its text, and what it says. Pure.

One object at a time; nothing here knows what else is in the inventory.
"""

from collections.abc import Iterable

import msgspec

from engine.workflow.check import Known
from engine.workflow.problem import Problem, problem, shown
from inventory.errors import Located
from inventory.form import Form
from inventory.kinds import KINDS, Frozen
from inventory.paths import path_problems
from inventory.source import storable_problems, values_of


class Examined(msgspec.Struct, frozen=True):
    """What came of reading a draft; `document` is None while it is invalid."""

    form: Form
    frozen: Frozen

    @property
    def valid(self) -> bool:
        """Tell whether it could be deployed as far as it alone is concerned."""
        return self.frozen.document is not None


def examine(kind: str, source: str, known: Known) -> Examined:
    """Return what a storable text of an existing kind says, with all problems at once."""
    values = values_of(source)
    if values.data is None:
        return Examined(values.form, Frozen(values.problems))
    return Examined(values.form, KINDS[kind].freeze(source, known))


def refusal_reasons(kind: str, path: str, source: str) -> tuple[Located, ...]:
    """Return why this cannot be kept even as an invalid draft; empty where it can."""
    found = kind_problems(kind) + path_problems(path) + storable_problems(source)
    return located(kind, path, found)


def kind_problems(kind: str) -> list[Problem]:
    """Return the problem of a kind that does not exist."""
    if kind in KINDS:
        return []
    known = ", ".join(KINDS)
    return [
        problem(("type",), "kind-unknown", f"There is no type {shown(kind)}; there are: {known}.")
    ]


def located(kind: str, path: str, problems: Iterable[Problem]) -> tuple[Located, ...]:
    """Return the problems with the object they belong to."""
    return tuple(Located(kind, path, found) for found in problems)


def problems_as_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Return problems as they are kept beside a draft."""
    return [
        {"place": p.place, "sentence": p.sentence, "code": p.code, "severity": p.severity.value}
        for p in problems
    ]
