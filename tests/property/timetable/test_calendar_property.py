"""Days and starts are those of oracles that ask each rule about each day, zoneinfo each time."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.property.timetable import agreement
from tests.property.timetable.calendar_documents import schedules
from timetable import calendars, restriction, rules, start_rows, starts
from timetable.offsets import placed


@pytest.mark.timeout(300)
@settings(max_examples=800, deadline=None)
@given(agreement.calendars())
def test_days_of_a_calendar_are_those_that_its_rules_mean(asked: agreement.Asked) -> None:
    agreement.calendar_days_agree(asked)


@pytest.mark.timeout(300)
@settings(max_examples=600, deadline=None)
@given(agreement.restrictions())
def test_a_restriction_counts_in_the_days_of_the_calendar(
    asked: tuple[agreement.Asked, dict[str, Any]],
) -> None:
    agreement.restricted_days_agree(asked)


@pytest.mark.timeout(300)
@settings(max_examples=600, deadline=None)
@given(schedules())
def test_starts_of_a_schedule_are_those_that_the_local_clock_shows(
    asked: tuple[dict[str, Any], dict[str, Any], str, date],
) -> None:
    agreement.starts_agree(asked)


WRONG_RULES: list[tuple[Any, str, Callable[..., Any], Callable[[Any], None], Any]] = [
    (rules, "is_due", lambda *_: True, agreement.calendar_days_agree, agreement.calendars()),
    (
        calendars,
        "own_window",
        lambda _, span: span.all,
        agreement.calendar_days_agree,
        agreement.calendars(),
    ),
    (
        restriction,
        "whole_months",
        lambda span: span,
        agreement.restricted_days_agree,
        agreement.restrictions(),
    ),
    (
        start_rows,
        "_end",
        lambda local_s, policies: placed(policies.zone, local_s).second_s,
        agreement.starts_agree,
        schedules(),
    ),
    (starts, "moved_days", lambda *_: {}, agreement.starts_agree, schedules()),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("module", "name", "wrong", "agree", "cases"), WRONG_RULES)
def test_a_wrong_rule_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    wrong: Any,
    agree: Callable[[Any], None],
    cases: st.SearchStrategy[Any],
) -> None:
    monkeypatch.setattr(module, name, wrong)
    quick = settings(
        max_examples=3_000,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError):
        quick(given(cases)(agree))()
