"""What a forecast assumes, in sentences."""

import datetime as dt
from zoneinfo import ZoneInfo

from cockpit.pages.plan_assumed import assumed
from dailyplan.forecast_seen import Present
from dailyplan.forecast_values import Basis
from simulation.forecast.found import Coverage

AT = dt.datetime(2026, 3, 2, 11, 30, tzinfo=dt.UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def told(basis: Basis) -> str:
    return " ".join(assumed(Present(AT, AT, AT + dt.timedelta(days=2), basis), BERLIN))


def test_it_tells_on_what_durations_rest_and_what_was_taken_for_agents() -> None:
    coverage = Coverage(sources={"history": 1_018, "default": 2})
    text = told(Basis(coverage=coverage, processes={"b": 40, "a": 16}, away=("c",)))
    assert "Made Mon 2 Mar 12:30 Europe/Berlin" in text
    assert "1,018 from runs of the same instruction; 2 unknown and taken as a minute" in text
    assert "so many jobs at once: a 16, b 40." in text
    assert "taken to stay away: c." in text


def test_it_tells_what_is_not_in_it() -> None:
    coverage = Coverage(cut_off=True)
    text = told(Basis(coverage=coverage, unsubmitted=2_167, left_out=3))
    assert "2,167 planned orders are not in it" in text
    assert "3 orders were too many" in text
    assert "ended before its end" in text
    assert "No job fails" in text
    assert "files that will arrive start no order" in text


def test_it_tells_nothing_of_what_there_is_not() -> None:
    text = told(Basis(coverage=Coverage()))
    assert "Durations" not in text
    assert "limit" not in text
    assert "away" not in text
