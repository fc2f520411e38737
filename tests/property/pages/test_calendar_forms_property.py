"""Form to document to form: what a form shows of a rule, it says again."""

import json
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.pages.calendar_operations import removal, rule_puts, shown_at
from cockpit.pages.calendar_rules import KINDS, read_rule, shown_rule
from cockpit.pages.schedule_forms import schedule_puts, shown_form
from inventory.editing import EditingRefusal
from inventory.editing.emitting import scalar
from inventory.editing.values import tree_of, with_values

DATES = st.dates(min_value=date(1990, 1, 1)).map(str)


def numbers(low: int, high: int, least: int = 1) -> st.SearchStrategy[list[int]]:
    return st.sets(st.integers(low, high), min_size=least).map(sorted)


@st.composite
def windows(draw: st.DrawFn, *, begin: bool = False) -> dict[str, str]:
    first, last = sorted((draw(DATES), draw(DATES)))
    found = {"from": first} if begin or draw(st.booleans()) else {}
    return found | ({"to": last} if draw(st.booleans()) else {})


def with_window(rules: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda rule, window: {**rule, **window}, rules, windows())


WEEKLY = st.sets(st.tuples(st.integers(1, 5), st.integers(0, 6)), min_size=1).map(
    lambda pairs: [{"day": day, "weekOfMonth": week} for week, day in sorted(pairs)]
)
MONTH_DAYS = with_window(
    st.one_of(
        st.fixed_dictionaries({"days": numbers(1, 31)}, optional={"weeklyDays": WEEKLY}),
        st.fixed_dictionaries({"weeklyDays": WEEKLY}),
    )
)
REPETITIONS = st.builds(
    lambda rule, window: {**rule, **window},
    st.fixed_dictionaries(
        {"repetition": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
        optional={"step": st.integers(2, 100_000)},
    ),
    windows(begin=True),
)
LABELS = st.one_of(st.sampled_from(["DE", "DE-BY", "US-CA"]), st.text(min_size=1).filter(
    lambda text: text == text.strip() and text.isprintable()
))  # fmt: skip
HOLIDAYS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"nationalCalendar": LABELS}, optional={"dates": st.just([])}).map(
        lambda rule: {"nationalCalendar": rule["nationalCalendar"]}
    ),
    st.fixed_dictionaries(
        {"dates": st.sets(DATES, min_size=1).map(sorted)}, optional={"nationalCalendar": LABELS}
    ),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "weekdays": with_window(st.fixed_dictionaries({"days": numbers(0, 6)})),
    "monthdays": MONTH_DAYS,
    "ultimos": MONTH_DAYS,
    "repetitions": REPETITIONS,
    "dates": st.sets(DATES, min_size=1).map(sorted),
    "holidays": HOLIDAYS,
    "easter": with_window(st.fixed_dictionaries({"days": numbers(-200, 200)})),
    "nonWorkingDayCalendars": st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    "months": with_window(st.fixed_dictionaries({"months": numbers(1, 12)})),
}
RULES = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: VALUES[kind].map(lambda value: (kind, value))
)
CLOCKS = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
PERIODS = st.builds(
    lambda times, when: {**times, **when},
    st.one_of(
        st.fixed_dictionaries({"singleStart": CLOCKS}),
        st.fixed_dictionaries(
            {"repeat": CLOCKS.filter(lambda clock: clock != "00:00")},
            optional={"begin": CLOCKS, "end": CLOCKS},
        ),
    ),
    st.sampled_from([{}, {"whenHoliday": "IGNORE"}, {"whenHoliday": "NEXTNONWORKINGDAY"}]),
)


def test_every_kind_of_rule_is_drawn() -> None:
    assert VALUES.keys() == KINDS.keys()


@given(RULES)
def test_a_form_says_again_what_it_shows(rule: tuple[str, Any]) -> None:
    kind, value = rule
    assert read_rule(kind, shown_rule(kind, value)) == (value, [])


@given(RULES, st.booleans())
@settings(max_examples=150)
def test_a_rule_goes_into_a_document_is_shown_changed_and_taken_out(
    rule: tuple[str, Any], as_json: bool
) -> None:
    kind, value = rule
    tree = {"type": "WORKINGDAYSCALENDAR", "includes": {"weekdays": [{"days": [1]}]}}
    source = (
        json.dumps(tree) if as_json else "".join(f"{k}: {scalar(v)}\n" for k, v in tree.items())
    )
    puts, problems = rule_puts(tree, kind, shown_rule(kind, value), to="excludes")
    assert problems == []
    text = with_values(source, puts)
    inside = tree_of(text)["excludes"][kind]
    at = "excludes.dates" if kind == "dates" else f"excludes.{kind}[0]"
    assert inside == (value if kind == "dates" else [value])
    same, _ = rule_puts(tree_of(text), kind, shown_at(tree_of(text), at), at=at)
    assert tree_of(with_values(text, same)) == tree_of(text)
    assert tree_of(with_values(text, removal(tree_of(text), at))) == {**tree, "excludes": {}}


@given(PERIODS)
def test_a_time_of_a_schedule_is_shown_as_it_is_read(period: dict[str, Any]) -> None:
    tree = {"calendars": [{"calendarName": "a", "periods": [period]}]}
    at = "calendars[0].periods[0]"
    puts, problems = schedule_puts(tree, "period", shown_form(tree, "period", at), at=at)
    assert problems == []
    assert tree_of(with_values(json.dumps(tree), puts)) == tree


@given(RULES, st.text(alphabet="abc:[]{},#&*!|>'\"%@`- \n", max_size=60))
@settings(max_examples=150)
def test_any_source_is_changed_as_meant_or_refused(rule: tuple[str, Any], source: str) -> None:
    kind, value = rule
    tree = tree_of(source)
    if not isinstance(tree, dict) or "excludes" in tree:
        return
    try:
        text = with_values(source, rule_puts(tree, kind, shown_rule(kind, value), to="excludes")[0])
    except EditingRefusal:
        return
    assert tree_of(text) == {**tree, "excludes": {kind: value if kind == "dates" else [value]}}
