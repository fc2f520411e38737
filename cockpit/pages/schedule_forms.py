"""The parts of a schedule as forms, and back. Pure.

A form is a mapping of field names to lists of texts, as browsers send it. Values are JSON's.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from cockpit.api.problem import FieldProblem
from cockpit.pages.calendar_operations import FormUnknown
from cockpit.pages.calendar_places import PlaceUnknown, path_of, value_at, value_or
from cockpit.pages.calendar_rules import Given, Shown, first
from inventory.editing.values import GONE, Put
from timetable.errors import ZoneUnknown
from timetable.local import zone_named
from timetable.schedule import GapPolicy, OverlapPolicy, WhenHoliday

KEYS: Mapping[str, tuple[str, ...]] = {
    "head": ("title", "planOrderAutomatically", "submitOrderToControllerWhenPlanned"),
    "entry": ("calendarName", "timeZone", "gapPolicy", "overlapPolicy"),
    "period": ("singleStart", "begin", "end", "repeat", "whenHoliday"),
    "nonworking": ("calendarName",),
    "orders": ("orderName", "variables", "positions", "tags", "forceJobAdmission", "priority"),
}
"""Which fields each form is about; others of the same value stay."""

WHEN_HOLIDAY = (
    (WhenHoliday.SUPPRESS.value, "nothing starts"),
    (WhenHoliday.IGNORE.value, "it starts nevertheless"),
    (WhenHoliday.NEXT.value, "it starts on the next working day"),
    (WhenHoliday.PREVIOUS.value, "it starts on the working day before"),
)  # fmt: skip
GAPS = (
    (GapPolicy.SHIFT_FORWARD.value, "later, by the length of the gap"),
    (GapPolicy.AT_TRANSITION.value, "at the first moment after the gap"),
    (GapPolicy.SKIP.value, "not at all"),
)
OVERLAPS = (
    ("", "single starts the first time, cyclic ones both times"),
    (OverlapPolicy.FIRST.value, "the first time"),
    (OverlapPolicy.SECOND.value, "the second time"),
    (OverlapPolicy.BOTH.value, "both times"),
)
_CLOCK = re.compile(r"(?:([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|24:00(?::00)?)")
_Problems: TypeAlias = list[FieldProblem]


def form_kind(at: str) -> str:
    """Return which form is for a place of the document; `rule` for those of restrictions.

    Raises:
        FormUnknown: none is.
    """
    match _path(at):
        case ("workflowName",) | ("workflowNames", int()):
            return "workflow"
        case ("calendars", int()):
            return "entry"
        case ("calendars", int(), "periods", int()):
            return "period"
        case ("calendars", int(), "includes" | "excludes", *_):
            return "rule"
        case ("nonWorkingDayCalendars", int()):
            return "nonworking"
        case ("orderParameterisations", int()):
            return "orders"
        case _:
            raise FormUnknown("There is nothing to change at this place.")


def schedule_puts(
    tree: Any, kind: str, given: Given, *, at: str = "", to: str = "",
    variables: tuple[Mapping[str, Any], list[FieldProblem]] = ({}, []),
) -> tuple[list[Put], list[FieldProblem]]:  # fmt: skip
    """Return what a form changes, and what is wrong at its fields.

    Args:
        tree: the document as it is.
        kind: of the form.
        given: the form.
        at: what is changed; empty adds something.
        to: where something new goes; periods go to an entry as `calendars[0]`.
        variables: what orders are given, as the workflow's fields say it.

    Raises:
        FormUnknown: there is no such form or place.
    """
    problems: _Problems = []
    if kind == "workflow":
        return _workflow_puts(tree, first(given, "workflow"), problems), problems
    if kind not in KEYS or (at and form_kind(at) != kind):
        raise FormUnknown("There is no such form.")
    value = _read(kind, given, problems, is_new=not at)
    if kind == "orders":
        value |= {"variables": dict(variables[0])} if variables[0] else {}
        problems += variables[1]
    if problems:
        return [], problems
    if kind != "head" and not at:
        return [Put(_end_of(tree, kind, to), value)], []
    base = () if kind == "head" else _there(tree, at)
    keys = sorted(KEYS[kind], key=lambda key: key not in value)
    return [Put((*base, key), value.get(key, GONE)) for key in keys], []


def schedule_removal(tree: Any, at: str) -> list[Put]:
    """Return what takes a part of a schedule away.

    Raises:
        FormUnknown: there is no such part.
    """
    form_kind(at)
    return [Put(_there(tree, at), GONE)]


def shown_form(tree: Any, kind: str, at: str) -> Shown:
    """Return what the fields of a form show; the inverse of `schedule_puts`.

    Raises:
        FormUnknown: there is no such place.
    """
    value = tree if kind == "head" else value_at(tree, _there(tree, at))
    match kind:
        case "orders":
            return _shown_orders(value)
        case "period":
            cyclic = "repeat" in value
            shown = {key: [str(value[key])] for key in KEYS[kind] if value.get(key) is not None}
            return shown | {"mode": ["cyclic" if cyclic else "single"]}
        case _:
            found = {key: value_or(value, (key,)) for key in KEYS[kind]}
            return {key: [_text(said)] for key, said in found.items() if said not in (None, False)}


def _read(kind: str, given: Given, problems: _Problems, *, is_new: bool) -> dict[str, Any]:
    match kind:
        case "head":
            return _head(given)
        case "entry":
            return _entry(given, problems, is_new=is_new)
        case "period":
            return _period(given, problems)
        case "nonworking":
            return {"calendarName": _named(given, problems)}
        case _:
            return _orders(given, problems)


def _head(given: Given) -> dict[str, Any]:
    found: dict[str, Any] = {"title": first(given, "title")[:500]} if first(given, "title") else {}
    return found | {key: True for key in KEYS["head"][1:] if first(given, key)}


def _workflow_puts(tree: Any, name: str, problems: _Problems) -> list[Put]:
    single, several = value_or(tree, ("workflowName",)), value_or(tree, ("workflowNames",)) or []
    known = [*([single] if single else []), *several]
    if not name:
        problems.append(FieldProblem("workflow", "Choose a workflow."))
    elif name in known:
        problems.append(FieldProblem("workflow", f"{name} is one of its workflows already."))
    if problems:
        return []
    moved = [Put(("workflowName",), GONE)] if single else []
    return [*moved, Put(("workflowNames",), [*known, name])]


def _named(given: Given, problems: _Problems) -> str:
    name = first(given, "calendarName")
    if not name:
        problems.append(FieldProblem("calendarName", "Choose a calendar."))
    return name


def _entry(given: Given, problems: _Problems, *, is_new: bool) -> dict[str, Any]:
    zone = first(given, "timeZone")
    found: dict[str, Any] = {"calendarName": _named(given, problems), "timeZone": zone}
    try:
        zone_named(zone)
    except ZoneUnknown:
        sentence = f"There is no time zone {zone[:60]!r}; write one as Europe/Berlin."
        problems.append(FieldProblem("timeZone", sentence))
    gap, overlap = first(given, "gapPolicy"), first(given, "overlapPolicy")
    if gap in dict(GAPS) and gap != GapPolicy.SHIFT_FORWARD:
        found["gapPolicy"] = gap
    if overlap in dict(OVERLAPS) and overlap:
        found["overlapPolicy"] = overlap
    if is_new:
        start = _clock(given, "singleStart", problems)
        found["periods"] = [{"singleStart": start}] if start else []
    return found


def _period(given: Given, problems: _Problems) -> dict[str, Any]:
    cyclic = first(given, "mode") == "cyclic"
    found = _cycle(given, problems) if cyclic else _single(given, problems)
    when = first(given, "whenHoliday")
    if when in dict(WHEN_HOLIDAY) and when != WhenHoliday.SUPPRESS:
        found["whenHoliday"] = when
    return found


def _single(given: Given, problems: _Problems) -> dict[str, Any]:
    if not first(given, "singleStart"):
        problems.append(FieldProblem("singleStart", "Say at what time, as in 06:00."))
    return {"singleStart": _clock(given, "singleStart", problems)}


def _cycle(given: Given, problems: _Problems) -> dict[str, Any]:
    clocks = {name: _clock(given, name, problems) for name in ("begin", "end", "repeat")}
    if not first(given, "repeat"):
        problems.append(FieldProblem("repeat", "Say how often, as in 00:15."))
    elif clocks["repeat"] and not clocks["repeat"].strip("0:"):
        sentence = "The starts of a period are at least a second apart."
        problems.append(FieldProblem("repeat", sentence))
    if clocks["begin"].startswith("24"):
        problems.append(FieldProblem("begin", "A period begins before 24:00."))
    return {name: clock for name, clock in clocks.items() if clock}


def _clock(given: Given, name: str, problems: _Problems) -> str:
    text = first(given, name)
    found = _CLOCK.fullmatch(text)
    if text and not found:
        sentence = f"{text[:20]} is no time; write one as 08:15, and 24:00 is the last."
        problems.append(FieldProblem(name, sentence))
    return f"0{text}" if found and len(text.partition(":")[0]) == 1 else text if found else ""


def _orders(given: Given, problems: _Problems) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if name := first(given, "orderName"):
        found["orderName"] = name
    if tags := [tag for tag in re.split(r"[\s,]+", first(given, "tags")) if tag]:
        found["tags"] = tags
    if first(given, "forceJobAdmission"):
        found["forceJobAdmission"] = True
    priority = first(given, "priority") or "0"
    if not re.fullmatch(r"-?\d{1,9}", priority):
        problems.append(FieldProblem("priority", "It must be a whole number."))
    elif int(priority):
        found["priority"] = int(priority)
    if positions := _positions(given, problems):
        found["positions"] = positions
    return found


def _positions(given: Given, problems: _Problems) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("startPosition", "blockPosition"):
        if text := first(given, name):
            found[name] = _position(text, name, problems)
    lines = [line.strip() for line in first(given, "endPositions").splitlines() if line.strip()]
    if lines:
        found["endPositions"] = [_position(line, "endPositions", problems) for line in lines]
    return found


def _position(text: str, name: str, problems: _Problems) -> Any:
    """Return a label, or a position that is written as a list."""
    if not text.startswith("["):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(type(part) in (int, str) for part in found):
        sentence = f'{text[:40]} is no position; one looks like [2, "then", 0].'
        problems.append(FieldProblem(name, sentence))
    return found


def _shown_orders(value: Mapping[str, Any]) -> Shown:
    positions = value.get("positions") or {}
    ends = [_shown_position(each) for each in positions.get("endPositions", ())]
    shown = {
        "orderName": value.get("orderName") or "",
        "tags": " ".join(value.get("tags", ())),
        "forceJobAdmission": "1" if value.get("forceJobAdmission") else "",
        "priority": str(value.get("priority", 0)),
        "startPosition": _shown_position(positions.get("startPosition")),
        "blockPosition": _shown_position(positions.get("blockPosition")),
        "endPositions": "\n".join(ends),
    }
    return {name: [text] for name, text in shown.items() if text}


def _shown_position(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value) if value else ""


def _text(value: Any) -> str:
    return "1" if value is True else str(value)


def _end_of(tree: Any, kind: str, to: str) -> tuple[str | int, ...]:
    match kind:
        case "entry":
            lists: tuple[str | int, ...] = ("calendars",)
        case "nonworking":
            lists = ("nonWorkingDayCalendars",)
        case "orders":
            lists = ("orderParameterisations",)
        case _:
            if form_kind(to) != "entry":
                raise FormUnknown("A period goes to a calendar of the schedule.")
            lists = (*_there(tree, to), "periods")
    return (*lists, len(value_or(tree, lists) or ()))


def _there(tree: Any, at: str) -> tuple[str | int, ...]:
    path = _path(at)
    try:
        value_at(tree, path)
    except PlaceUnknown as unknown:
        raise FormUnknown(str(unknown)) from None
    return path


def _path(at: str) -> tuple[str | int, ...]:
    try:
        return path_of(at)
    except PlaceUnknown as unknown:
        raise FormUnknown(str(unknown)) from None
