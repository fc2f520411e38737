"""What is wrong with a body that no decoder takes: where it is no JSON, or which value is none.

Slow and thorough; a body that can be read never comes here.
"""

from typing import Any

from cockpit.api.problem import FieldProblem, Refusal, invalid
from engine.workflow.json_values import Unreadable, decode, plain


def unreadable(body: bytes) -> Refusal:
    """Return the refusal of a body that is no JSON (400), or holds what none can hold (422)."""
    found = decode(body)
    if isinstance(found, Unreadable):
        if found.problem.code == "too-deep":
            return invalid([FieldProblem("", "The JSON is nested too deep.", "too-deep")])
        return Refusal(400, "malformed-json", found.problem.sentence)
    return invalid(_strange_values(found) or [FieldProblem("", "The body cannot be read.")])


def unstorable(body: bytes) -> Refusal:
    """Return the refusal of a body with a value that the database does not keep (422)."""
    found = decode(body) if body else None
    told = [] if isinstance(found, Unreadable) else _strange_values(found)
    return invalid(told, "" if told else "A value cannot be stored or looked up.")


def _strange_values(found: Any) -> list[FieldProblem]:
    return [FieldProblem(p.place, p.sentence, p.code) for p in plain(found)[1]]
