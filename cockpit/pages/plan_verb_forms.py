"""Forms of the verbs on planned orders: what they say as verbs, with everything unreadable.

Knows no request: forms come as mappings.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from cockpit.api.orders.adding import place_problems, value_problems
from cockpit.api.problem import FieldProblem
from cockpit.pages.changing import changes_in
from cockpit.pages.moments import MomentUnreadable
from cockpit.pages.parameters import lines_of
from cockpit.pages.plan_starts import read_start
from cockpit.pages.verb_forms import whole_number
from dailyplan import verbs as v
from dailyplan.given import Given
from dailyplan.plan_settings import PlanConfig
from engine.workflow.program import Program

MOST_TAGS = 50


class AboutPlanned(NamedTuple):
    """The one planned order that a dialog is about, and its workflow; both None for several."""

    given: Given | None = None
    program: Program | None = None


class PlanRead(NamedTuple):
    """A form as a verb, None where something cannot be read; `notes` are warnings."""

    verb: v.PlanVerb | None
    problems: list[FieldProblem]
    notes: list[str]


def read_plan_form(
    name: str,
    form: Mapping[str, str],
    about: AboutPlanned,
    *,
    day: date,
    now: datetime,
    config: PlanConfig,
) -> PlanRead:
    """Return the verb that a form stands for, or everything that is wrong with it.

    Args:
        name: one of `PLAN_DIALOGS`.
        form: the form.
        about: the planned order, where it is one.
        day: the first plan day concerned, to which times of day belong.
        now: the moment of the question.
        config: zone and begin of plan days.
    """
    problems: list[FieldProblem] = []
    notes: list[str] = []
    verb: v.PlanVerb | None
    match name:
        case "submit":
            verb = v.Submit(include_late=form.get("include_late") == "1")
        case "start":
            verb = _start(form, day, now, config, problems, notes)
        case "parameters":
            verb = _parameters(form, about, problems)
        case "priority":
            verb = v.Change(priority=whole_number(form.get("priority", ""), problems))
        case "copy":
            verb = _copy(form, problems)
        case _:
            verb = _PLAIN[name]
    return PlanRead(None if problems else verb, problems, notes)


_PLAIN: Mapping[str, v.PlanVerb] = {
    "cancel": v.Cancel(),
    "remove": v.Remove(),
    "restore": v.Restore(),
    "let-run": v.LetRun(),
}


def _start(
    form: Mapping[str, str],
    day: date,
    now: datetime,
    config: PlanConfig,
    problems: list[FieldProblem],
    notes: list[str],
) -> v.PlanVerb | None:
    try:
        sticks = form.get("move_day") != "1"
        read = read_start(form.get("start", ""), day=day, now=now, config=config, sticks=sticks)
    except MomentUnreadable as unreadable:
        problems.append(FieldProblem("start", str(unreadable)))
        return None
    notes += read.notes
    return read.change


def _copy(form: Mapping[str, str], problems: list[FieldProblem]) -> v.PlanVerb | None:
    try:
        to = date.fromisoformat(form.get("to", ""))
    except ValueError:
        problems.append(FieldProblem("to", "Write a day as 2026-01-31."))
        return None
    return v.Copy(to, submit=form.get("submit") == "1")


def _parameters(
    form: Mapping[str, str], about: AboutPlanned, problems: list[FieldProblem]
) -> v.PlanVerb | None:
    values, removed = _variables(form, about, problems)
    places = {name: form.get(name, "").strip() for name in ("start_position", "block_position")}
    ends = [line.strip() for line in form.get("end_positions", "").splitlines() if line.strip()]
    tags = form.get("tags", "").replace(",", " ").split()
    for name, place in places.items():
        problems += [FieldProblem(*p) for p in place_problems(name, place or None)]
    for n, place in enumerate(ends):
        problems += [FieldProblem(*p) for p in place_problems(f"end_positions[{n}]", place)]
    if len(tags) > MOST_TAGS:
        problems.append(FieldProblem("tags", f"An order has at most {MOST_TAGS} tags."))
    change = v.Change(
        variables=values or None,
        remove_variables=tuple(removed),
        start_position=places["start_position"] or None,
        end_positions=tuple(ends) if ends else None,
        block_position=places["block_position"] or None,
        force_admission=_force(form, about),
        tags=_tags(tags, about),
    )
    if not problems and not change.gives:
        problems.append(FieldProblem("", "Nothing is to be changed."))
    return change


def _variables(
    form: Mapping[str, str], about: AboutPlanned, problems: list[FieldProblem]
) -> tuple[dict[str, Any], list[str]]:
    if about.given is None:
        values, found = lines_of(form.get("more", ""))
        removed = form.get("remove", "").replace(",", " ").split()
    else:
        changed = changes_in(
            about.program, about.given.variables, form, field="variables", takes_away=True
        )
        values, removed, found = changed.values, changed.removed, changed.problems
    problems += found
    problems += [FieldProblem(*p) for p in value_problems(values, "variables")]
    return values, removed


def _force(form: Mapping[str, str], about: AboutPlanned) -> bool | None:
    wanted = form.get("force_admission") == "1"
    if about.given is None:
        return True if wanted else None
    return None if wanted == about.given.force_admission else wanted


def _tags(tags: list[str], about: AboutPlanned) -> tuple[str, ...] | None:
    if about.given is None:
        return tuple(tags) if tags else None
    return None if tuple(tags) == about.given.tags else tuple(tags)
