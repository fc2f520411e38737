"""Forms of the verbs on orders: what they say as bodies that the API would take, with problems.

Knows no request: forms come as mappings, the one order that some dialogs are about as a value.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cockpit.api.moments import moment_problems
from cockpit.api.orders.present import variables
from cockpit.api.orders.verbs import VERBS, VerbBody, body_problems
from cockpit.api.problem import FieldProblem
from cockpit.pages.changing import changes_in
from cockpit.pages.moments import MomentUnreadable, moment_of
from cockpit.pages.parameters import lines_of
from cockpit.pages.zones import ZoneUnknown, zone_named
from engine.order.model import Order
from engine.workflow.program import Program

_NUMBER = "It must be a whole number, as in -10 or 5."
_LOWEST, _HIGHEST = -(2**31), 2**31 - 1


class About(NamedTuple):
    """The one order that a dialog is about, with its workflow; both None for several orders."""

    order: Order | None = None
    program: Program | None = None


class Read(NamedTuple):
    """A form as a body, None where something cannot be read."""

    body: VerbBody | None
    problems: list[FieldProblem]


def read_form(
    verb: str, given: Mapping[str, str], about: About, *, now: datetime, zone: ZoneInfo
) -> Read:
    """Return the body that a form gives, or everything that is wrong with it.

    Args:
        verb: one of `VERBS`.
        given: the form.
        about: the order, where it is one.
        now: the moment of the question.
        zone: that of times without one, where the form names none.
    """
    kind, problems = VERBS[verb].body, list[FieldProblem]()
    fields: dict[str, Any] = {
        name: given.get(name) == "1"
        for name in ("kill", "deep", "reset", "force")
        if name in kind.__struct_fields__
    }
    match verb:
        case "priority":
            fields["priority"] = whole_number(given.get("priority", ""), problems)
        case "start-time":
            fields["scheduled_for"] = _start(given, now, zone, problems)
        case "resume":
            fields |= _resume(given, about, problems)
        case "parameters":
            fields |= _parameters(given, about, problems)
        case _:
            pass
    if problems:
        return Read(None, problems)
    body: VerbBody = kind(**fields)
    found = body_problems(body)
    return Read(None if found else body, found)


def plain_body(verb: str, now: datetime) -> VerbBody:
    """Return the body of a verb as its empty dialog previews it."""
    kind: Any = VERBS[verb].body
    match verb:
        case "priority":
            body: VerbBody = kind(priority=0)
        case "start-time":
            body = kind(scheduled_for=now)
        case _:
            body = kind()
    return body


def whole_number(text: str, problems: list[FieldProblem]) -> int:
    """Return the priority that a text writes; one that is none is a problem."""
    try:
        number = int(text) if len(text) < 20 else _HIGHEST + 1
    except ValueError:
        number = _HIGHEST + 1
    if not _LOWEST <= number <= _HIGHEST:
        problems.append(FieldProblem("priority", _NUMBER))
        return 0
    return number


def _start(
    given: Mapping[str, str], now: datetime, zone: ZoneInfo, problems: list[FieldProblem]
) -> datetime:
    try:
        at = moment_of(given.get("scheduled", ""), now, zone_named(given.get("zone"), zone)) or now
        problems += [FieldProblem(*found) for found in moment_problems(at, "scheduled")]
        return at
    except MomentUnreadable as unreadable:
        problems.append(FieldProblem("scheduled", str(unreadable)))
    except ZoneUnknown as unknown:
        problems.append(FieldProblem("zone", str(unknown)))
    return now


def _resume(given: Mapping[str, str], about: About, problems: list[FieldProblem]) -> dict[str, Any]:
    if about.order is None:
        return {}
    changed = changes_in(about.program, variables(about.order), given, field="variables")
    problems += changed.problems
    return {"position": given.get("position") or None, "variables": changed.values or None}


def _parameters(
    given: Mapping[str, str], about: About, problems: list[FieldProblem]
) -> dict[str, Any]:
    if about.order is None:
        values, found = lines_of(given.get("more", ""))
        problems += found
        return {"arguments": values, "remove": given.get("remove", "").replace(",", " ").split()}
    changed = changes_in(
        about.program, about.order.arguments, given, field="arguments", takes_away=True
    )
    problems += changed.problems
    return {"arguments": changed.values, "remove": changed.removed}
