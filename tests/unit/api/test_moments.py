"""Moments that people may give: no year that dates, plans or the forecast cannot hold."""

import datetime as dt

import pytest

from cockpit.api.moments import moment_problems

FARTHEST = dt.timezone(dt.timedelta(hours=-23, minutes=-59))


@pytest.mark.parametrize(("year", "fits"), [(1, 0), (1969, 0), (1970, 1), (8999, 1), (9000, 0)])
def test_a_moment_lies_in_years_that_everything_can_hold(year: int, fits: int) -> None:
    found = moment_problems(dt.datetime(year, 12, 31, 23, 59, tzinfo=FARTHEST), "start")
    assert bool(found) is not bool(fits)
    assert all(field == "start" for field, _ in found)
