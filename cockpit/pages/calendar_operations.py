"""What the forms of a calendar, and of a restriction, change in its document. Pure."""

from typing import Any

from cockpit.api.problem import FieldProblem
from cockpit.pages.calendar_places import Path, PlaceUnknown, path_of, value_at, value_or
from cockpit.pages.calendar_rules import (
    KINDS,
    Given,
    Shown,
    first,
    months_of,
    read_rule,
    shown_rule,
    window_of,
)
from inventory.editing.values import GONE, Put
from timetable.calendar import CalendarType

HEAD = "head"
_TYPES = {each.value for each in CalendarType}


class FormUnknown(LookupError):
    """A form that does not fit where it shall stand; the message is a sentence."""


def kind_at(place: str) -> str:
    """Return the kind of the rule at a place, `months` for months themselves.

    Raises:
        FormUnknown: no rule can stand there.
    """
    names = [part for part in _path(place) if isinstance(part, str)]
    if names and names[-1] in KINDS:
        return names[-1]
    raise FormUnknown("There is no rule at this place.")


def rule_puts(
    tree: Any, kind: str, given: Given, *, at: str = "", to: str = ""
) -> tuple[list[Put], list[FieldProblem]]:
    """Return what a rule's form changes, and what is wrong at its fields.

    Args:
        tree: the document as it is.
        kind: of the rule.
        given: the form.
        at: the rule that is changed; empty adds one.
        to: where a new one goes, as `includes` or `excludes.months[0]`.

    Raises:
        FormUnknown: there is no such rule or kind any more.
    """
    if kind not in KINDS or (at and kind_at(at) != kind) or not (at or to):
        raise FormUnknown("There is no such rule.")
    value, problems = read_rule(kind, given)
    if problems:
        return [], problems
    return (_changed(tree, kind, at, value) if at else _added(tree, kind, to, value, given)), []


def removal(tree: Any, at: str) -> list[Put]:
    """Return what takes a rule away; months that have no rule left go with it.

    Raises:
        FormUnknown: there is no such rule any more.
    """
    kind_at(at)
    path = _there(tree, at)
    if len(path) > 4 and path[-4] == "months" and _rules_in(value_at(tree, path[:-2])) == 1:
        path = path[:-2]
    return [Put(path, GONE)]


def shown_at(tree: Any, at: str) -> Shown:
    """Return what the form of the rule at a place shows.

    Raises:
        FormUnknown: there is no such rule any more.
    """
    return shown_rule(kind_at(at), value_at(tree, _there(tree, at)))


def head_puts(given: Given) -> tuple[list[Put], list[FieldProblem]]:
    """Return what the form of title, type and validity changes."""
    problems: list[FieldProblem] = []
    window = window_of(first(given, "from"), first(given, "to_day"), problems)
    kind = first(given, "type")
    if kind not in _TYPES:
        problems.append(FieldProblem("type", "Choose working or non-working days."))
    if problems:
        return [], problems
    said = {"title": first(given, "title")[:500], "type": kind, **window}
    names = ("title", "type", "from", "to")
    return [Put((name,), said.get(name) or GONE) for name in names], []


def _changed(tree: Any, kind: str, at: str, value: Any) -> list[Put]:
    path = _there(tree, at)
    if not KINDS[kind].keys:
        return [Put(path, value)]
    keys = sorted(KINDS[kind].keys, key=lambda key: key not in value)
    return [Put((*path, key), value.get(key, GONE)) for key in keys]


def _added(tree: Any, kind: str, to: str, value: Any, given: Given) -> list[Put]:
    base = _path(to)
    if kind == "dates":
        known = value_or(tree, (*base, "dates"), [])
        return [Put((*base, "dates"), sorted({*map(str, known), *value}))]
    months = months_of(given) if KINDS[kind].nests else []
    if months and "months" not in base:
        return [_in_months(tree, base, months, kind, value)]
    return [Put((*base, kind, len(value_or(tree, (*base, kind), None) or ())), value)]


def _in_months(tree: Any, base: Path, months: list[int], kind: str, value: Any) -> Put:
    """Put a rule to those that hold in the same months already, or to months of its own."""
    groups = value_or(tree, (*base, "months"), None) or []
    for i, group in enumerate(groups):
        if group.get("months") == months and not group.get("from") and not group.get("to"):
            at = (*base, "months", i, kind)
            return Put((*at, len(value_or(tree, at, None) or ())), value)
    return Put((*base, "months", len(groups)), {"months": months, kind: [value]})


def _rules_in(months: Any) -> int:
    return sum(len(rules) for name, rules in months.items() if name != "months" and name in KINDS)


def _there(tree: Any, at: str) -> Path:
    path = _path(at)
    try:
        value_at(tree, path)
    except PlaceUnknown as unknown:
        raise FormUnknown(str(unknown)) from None
    return path


def _path(place: str) -> Path:
    try:
        return path_of(place)
    except PlaceUnknown as unknown:
        raise FormUnknown(str(unknown)) from None
