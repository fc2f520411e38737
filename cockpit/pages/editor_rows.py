"""Fields of the property panel that come in rows: periods, repetitions, variables. Pure.

A row is a value of a list, or of an object under its name; it is put in, taken away, renamed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from cockpit.pages.editor_fields import FieldUnreadable, Path, Reads, Spec
from inventory.editing.starters import free_name
from timetable.local import DAY, HOUR
from timetable.phrases import NTH, NTH_LAST, WEEKDAYS
from timetable.scheme import AdmissionTimeScheme, CycleSchedule
from timetable.words import admission, cycle


class Row(NamedTuple):
    """A row: what it is, where it lies, its fields. `name` is what can be renamed, or empty."""

    title: str
    path: Path
    fields: Sequence["Spec | Rows"]
    name: str = ""


class Rows(NamedTuple):
    """Rows under a legend; `path` is where they lie, `offers` which kinds can be put in.

    `words` say the whole in a sentence, empty where that makes no sense (yet).
    """

    path: Path
    label: str
    rows: Sequence[Row]
    offers: Sequence[tuple[str, str]]
    words: str = ""


def admission_fields(scheme: Any, path: Path = ("admissionTimeScheme",)) -> tuple[Rows, Rows]:
    """Return the periods of a scheme of admission times, then those of certain months only."""
    always = _periods(scheme, path, "Admission times")
    always = always._replace(words=_said(scheme, AdmissionTimeScheme, admission))
    lies = (*path, "restrictedSchemes")
    each = enumerate(_list(_of(scheme, "restrictedSchemes")))
    rows = [_months_row(restricted, (*lies, i)) for i, restricted in each]
    return always, Rows(lies, "In certain months only", rows, (("Restricted", "months"),))


def _periods(scheme: Any, path: Path, label: str) -> Rows:
    lies, periods = (*path, "periods"), _list(_of(scheme, "periods"))
    rows = [_period_row(each, (*lies, i)) for i, each in enumerate(periods)]
    return Rows(lies, label, rows, _PERIOD_OFFERS)


def _months_row(restricted: Any, path: Path) -> Row:
    periods = _periods(restricted, path, "Periods")
    if not _of(restricted, "restriction"):
        return Row("in all months", path, (periods,))
    months = Spec((*path, "restriction", "months"), "Months", Reads.NUMBERS, "1 to 12: 1, 4, 7")
    return Row("in certain months", path, (months, periods))


def cycle_rows(schedule: Any) -> Rows:
    """Return the ways in which a cycle repeats."""
    schemes = _list(_of(schedule, "schemes"))
    rows = [_scheme_row(each, ("schedule", "schemes", i)) for i, each in enumerate(schemes)]
    words = _said(schedule, CycleSchedule, cycle)
    return Rows(("schedule", "schemes"), "Repeats", rows, _REPEAT_OFFERS, words)


def demand_rows(demands: Any) -> Rows:
    """Return the locks that are demanded together."""
    rows = [
        Row(
            str(_of(each, "lockName") or "lock"),
            ("demands", i),
            (
                Spec(("demands", i, "lockName"), "Lock", known="known-lock"),
                Spec(("demands", i, "count"), "Count", Reads.NUMBER, "none: alone"),
            ),
        )
        for i, each in enumerate(_list(demands))
    ]
    return Rows(("demands",), "Locks", rows, (("Demand", "lock"),))


def parameter_rows(parameters: Any) -> Rows:
    """Return the variables that orders bring along."""
    known = parameters if isinstance(parameters, Mapping) else {}
    rows = [_parameter_row(str(name), each) for name, each in known.items()]
    return Rows(PARAMETERS, "Order variables", rows, (("String", "variable"),))


def specs_in(fields: Sequence[Spec | Rows]) -> Iterator[Spec]:
    """Yield all single fields, those in rows too."""
    for field in fields:
        if isinstance(field, Rows):
            for row in field.rows:
                yield from specs_in(row.fields)
        else:
            yield field


def with_row(values: Any, path: Path, kind: str) -> Any:
    """Return what stands at the path of rows with one more.

    Raises:
        FieldUnreadable: there is no such kind.
    """
    if path == PARAMETERS:
        known = values if isinstance(values, Mapping) else {}
        return {**known, free_name("variable", known): {"type": "String", "default": "''"}}
    new = _NEW.get(str(path[-1]), {}).get(kind)
    if new is None:
        raise FieldUnreadable("There is no such row.")
    return [*_list(values), new]


def renamed_row(values: Any, name: str, to: str) -> Any:
    """Return the rows of an object with another name for one, at the same place.

    Raises:
        FieldUnreadable: the name is empty or taken.
    """
    if not to.strip():
        raise FieldUnreadable("A name is needed.")
    if to in values and to != name:
        raise FieldUnreadable(f"There is a variable {to} already.")
    return {to if known == name else known: value for known, value in values.items()}


PARAMETERS: Path = ("orderPreparation", "parameters")

_PERIODS: Mapping[str, Mapping[str, Any]] = {
    "DailyPeriod": {"secondOfDay": 8 * HOUR},
    "WeekdayPeriod": {"secondOfWeek": 8 * HOUR},
    "MonthlyDatePeriod": {"secondOfMonth": 8 * HOUR},
    "MonthlyLastDatePeriod": {"lastSecondOfMonth": 8 * HOUR - DAY},
    "MonthlyWeekdayPeriod": {"secondOfWeeks": 8 * HOUR},
    "MonthlyLastWeekdayPeriod": {"secondOfWeeks": 8 * HOUR - 7 * DAY},
    "SpecificDatePeriod": {"secondsSinceLocalEpoch": 20_819 * DAY + 8 * HOUR},
}
_PERIODS = {kind: {"TYPE": kind, **begin, "duration": 4 * HOUR} for kind, begin in _PERIODS.items()}
_REPEATS = {
    "Periodic": {"repeat": {"TYPE": "Periodic", "period": HOUR, "offsets": [0]}},
    "Ticking": {"repeat": {"TYPE": "Ticking", "interval": HOUR}},
    "Continuous": {"repeat": {"TYPE": "Continuous", "pause": 60}},
}
_NEW: Mapping[str, Mapping[str, Any]] = {
    "periods": _PERIODS,
    "schemes": _REPEATS,
    "demands": {"Demand": {}},
    "restrictedSchemes": {
        "Restricted": {
            "restriction": {"TYPE": "MonthRestriction", "months": [1]},
            "periods": [_PERIODS["DailyPeriod"]],
        }
    },
}
_PERIOD_NAMES = {
    "DailyPeriod": "each day",
    "WeekdayPeriod": "a day of the week",
    "MonthlyDatePeriod": "a day of the month",
    "MonthlyLastDatePeriod": "a day before the month ends",
    "MonthlyWeekdayPeriod": "nth weekday of the month",
    "MonthlyLastWeekdayPeriod": "nth last weekday of the month",
    "SpecificDatePeriod": "a date",
}
_PERIOD_OFFERS = tuple(_PERIOD_NAMES.items())
_REPEAT_NAMES = {
    "Periodic": "at times of the clock",
    "Ticking": "every so often",
    "Continuous": "after the last one",
}
_REPEAT_OFFERS = tuple(_REPEAT_NAMES.items())

_WEEKDAY = ("weekday", "On", WEEKDAYS)
_PARTS: Mapping[str, tuple[str, tuple[tuple[str, str, Sequence[str]], ...]]] = {
    "DailyPeriod": ("secondOfDay", ()),
    "WeekdayPeriod": ("secondOfWeek", (_WEEKDAY,)),
    "MonthlyDatePeriod": ("secondOfMonth", (("monthday", "On day", ()),)),
    "MonthlyLastDatePeriod": (
        "lastSecondOfMonth", (("before-end", "Days before the last one", ()),),
    ),
    "MonthlyWeekdayPeriod": ("secondOfWeeks", (("nth", "On the", NTH), _WEEKDAY)),
    "MonthlyLastWeekdayPeriod": ("secondOfWeeks", (("last-nth", "On the", NTH_LAST), _WEEKDAY)),
    "SpecificDatePeriod": ("secondsSinceLocalEpoch", (("date", "On", ()),)),
}  # fmt: skip


def _period_row(period: Any, path: Path) -> Row:
    kind = str(_of(period, "TYPE") or "")
    begin, parts = _PARTS.get(kind, ("", ()))
    if not begin:
        return Row(kind or "unknown", path, (Spec(path, "Period", Reads.VALUE, "as YAML"),))
    own = (*parts, ("time", "From", ()))
    fields = [
        Spec((*path, begin), label, Reads.BEGIN, part=part, choices=choices)
        for part, label, choices in own
    ]
    last = Spec((*path, "duration"), "For", Reads.LENGTH, "as in 4 h or 30 min")
    return Row(_PERIOD_NAMES[kind], path, (*fields, last))


def _scheme_row(scheme: Any, path: Path) -> Row:
    kind = str(_of(_of(scheme, "repeat"), "TYPE") or "")
    own: list[Spec | Rows] = [
        spec._replace(path=(*path, "repeat", *spec.path)) for spec in _REPEAT_FIELDS.get(kind, ())
    ]
    times, months = admission_fields(
        _of(scheme, "admissionTimeScheme"), (*path, "admissionTimeScheme")
    )
    times = times._replace(label="Only within (none: all day)", words="")
    return Row(_REPEAT_NAMES.get(kind, kind), path, (*own, times, months))


_REPEAT_FIELDS: Mapping[str, tuple[Spec, ...]] = {
    "Periodic": (
        Spec(("period",), "Every", Reads.LENGTH, "as in 1 h"),
        Spec(("offsets",), "Starts in it", Reads.LENGTHS, "after its begin: 0 s, 20 min, 40 min"),
    ),
    "Ticking": (Spec(("interval",), "Every", Reads.LENGTH, "from the begin of the period"),),
    "Continuous": (
        Spec(("pause",), "Pause", Reads.LENGTH, "after the end of the last one"),
        Spec(("limit",), "Times at most", Reads.NUMBER, "in a period; empty: no limit"),
    ),
}
_TYPES = ("String", "Number", "Boolean", "List", "Map")


def _parameter_row(name: str, parameter: Any) -> Row:
    path: Path = (*PARAMETERS, name)
    kind = str(_of(parameter, "type") or "String")
    reads = Reads.VALUE if kind in ("List", "Map") else Reads.PLAIN
    hint = "an expression, as in 'eu'; empty: orders have to bring it"
    fields = [
        Spec((*path, "type"), "Type", Reads.CHOICE, choices=_TYPES),
        Spec((*path, "default"), "Default", reads, hint),
        Spec((*path, "final"), "Fixed value", reads, "orders cannot bring another one"),
        Spec((*path, "list"), "One of", Reads.NAMES, "allowed values, apart by commas"),
        Spec((*path, "message"), "Explanation"),
    ]
    if kind == "String":
        fields.insert(4, Spec((*path, "facet"), "Pattern", hint="a regular expression"))
        fields.append(Spec((*path, "secret"), "Secret", Reads.FLAG))
    if kind in ("List", "Map"):
        columns = Spec(
            (*path, "listParameters"), "Columns", Reads.VALUE, "as YAML: x: {type: String}"
        )
        fields.append(columns)
    return Row(kind, path, fields, name)


def _said(value: Any, kind: type[Any], words: Callable[[Any], str]) -> str:
    try:
        said = words(msgspec.convert(value, kind))
    except (msgspec.ValidationError, ArithmeticError, LookupError, ValueError):
        return ""
    return f"{said[:1].upper()}{said[1:]}."


def _of(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, Mapping) else None


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else []
