"""Starts and rows, where the conformance cases say nothing, and the wrong rules beside ours."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from tests.conformance.timetable_cases import problems_of, read_timetable_cases
from tests.unit.timetable.cases import iso, us
from timetable import start_rows as rows_module
from timetable import starts as starts_module
from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.errors import CalendarsCircular, CalendarUnknown, TimesUnreadable, ZoneUnknown
from timetable.period_parts import parts_of, seconds
from timetable.schedule import Period, Plan, Schedule
from timetable.start_rows import Row
from timetable.starts import next_starts, start_rows, starts

EVERY_DAY = {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]}
DAYS = {"type": "WORKINGDAYSCALENDAR", "includes": EVERY_DAY}
KNOWN = Calendars(msgspec.convert({"days": DAYS}, dict[str, Calendar]))
BERLIN = "Europe/Berlin"
GAP_DAY, OVERLAP_DAY, PLAIN_DAY = date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 5)


def schedule(*periods: dict[str, str], zone: str = BERLIN, **entry: Any) -> Schedule:
    fields = {"calendarName": "days", "timeZone": zone, "periods": list(periods), **entry}
    return msgspec.convert({"calendars": [fields]}, Schedule)


def times(given: Schedule, day: date, begin: str = "00:00") -> list[str]:
    found = starts(given, KNOWN, day, day, Plan(period_begin=begin))
    return [iso(at)[5:16] for at in found]


def rows(given: Schedule, day: date, begin: str = "00:00") -> list[Row]:
    return start_rows(given, KNOWN, day, day, Plan(period_begin=begin))


def test_a_cycle_is_one_row_whose_starts_are_not_listed() -> None:
    (row,) = rows(schedule({"repeat": "00:00:30"}), PLAIN_DAY)
    assert (row.count, row.is_cyclic, row.left_out) == (2_880, True, frozenset())
    assert isinstance(row.starts(), range)
    assert row.next_start(row.first_us) == row.first_us + 30_000_000
    assert row.next_start(row.first_us - 1) == row.first_us
    assert row.next_start(row.last_us) is None
    assert (row.number_of(row.last_us), row.number_of(row.last_us + 1)) == (2_880, None)


def test_a_cycle_cut_by_the_begin_of_the_day_is_two_rows() -> None:
    found = rows(schedule({"repeat": "01:00"}, zone="Etc/UTC"), PLAIN_DAY, "06:00")
    assert [(iso(row.first_us)[5:16], row.count) for row in found] == [
        ("05-05T06:00", 18),
        ("05-06T00:00", 6),
    ]


def test_a_start_that_another_row_of_the_day_has_is_left_out() -> None:
    given = schedule(
        {"begin": "06:00", "end": "09:00", "repeat": "01:00"},
        {"singleStart": "07:00"},
        {"begin": "07:00", "end": "08:30", "repeat": "00:30"},
    )
    first, last = rows(given, PLAIN_DAY)
    assert (first.period, first.count) == (0, 3)
    assert (last.period, [iso(at)[11:16] for at in last.starts()]) == (2, ["05:30"])
    assert (last.first_us, last.last_us, last.number_of(last.first_us)) == (
        last.first_us,
        last.first_us,
        1,
    )


def test_the_pass_that_does_not_count_is_left_out_of_a_row() -> None:
    given = schedule({"begin": "01:00", "end": "04:00", "repeat": "00:30"}, overlapPolicy="first")
    (row,) = rows(given, OVERLAP_DAY)
    assert (row.slots, row.count) == (8, 6)
    left_out = sorted(row.left_out)
    assert row.next_start(left_out[0] - 1) == left_out[-1] + 1_800_000_000
    assert row.number_of(left_out[0]) is None
    assert row.number_of(row.last_us) == 6


def test_a_cycle_that_begins_in_the_gap_and_skips_begins_with_its_first_slot_after() -> None:
    given = schedule({"begin": "02:15", "end": "05:00", "repeat": "00:20"}, gapPolicy="skip")
    assert times(given, GAP_DAY)[:2] == ["03-29T01:15", "03-29T01:35"]
    within = schedule({"begin": "02:10", "end": "02:50", "repeat": "00:10"}, gapPolicy="skip")
    assert times(within, GAP_DAY) == []


@pytest.mark.parametrize(
    ("policy", "last"),
    [("shift_forward", "03-29T01:15"), ("at_transition", "03-29T00:45"), ("skip", "03-29T00:45")],
)
def test_an_end_in_the_gap_follows_the_policy_but_is_never_dropped(policy: str, last: str) -> None:
    given = schedule({"begin": "01:00", "end": "02:30", "repeat": "00:15"}, gapPolicy=policy)
    assert times(given, GAP_DAY)[-1] == last


def test_periods_that_adjoin_in_the_overlap_share_no_start_and_miss_none() -> None:
    whole = schedule({"begin": "01:00", "end": "04:00", "repeat": "00:10"})
    halves = schedule(
        {"begin": "01:00", "end": "02:30", "repeat": "00:10"},
        {"begin": "02:30", "end": "04:00", "repeat": "00:10"},
    )
    assert times(whole, OVERLAP_DAY) == times(halves, OVERLAP_DAY)
    assert sum(row.count for row in rows(halves, OVERLAP_DAY)) == 24


def test_24_00_is_the_midnight_that_ends_the_day() -> None:
    assert times(schedule({"singleStart": "24:00"}, zone="Etc/UTC"), PLAIN_DAY) == ["05-06T00:00"]
    assert times(schedule({"singleStart": "24:00"}, zone="Etc/UTC"), PLAIN_DAY, "06:00") == [
        "05-06T00:00"
    ]


def test_a_period_over_midnight_that_begins_before_the_day_does_is_cut_there() -> None:
    given = schedule({"begin": "05:00", "end": "04:00", "repeat": "01:00"}, zone="Etc/UTC")
    found = times(given, PLAIN_DAY, "06:00")
    assert (found[0], found[-2], found[-1]) == ("05-05T06:00", "05-06T03:00", "05-06T05:00")


def test_a_period_whose_end_is_its_begin_lasts_a_day() -> None:
    given = schedule({"begin": "08:00", "end": "08:00", "repeat": "06:00"}, zone="Etc/UTC")
    assert times(given, PLAIN_DAY) == ["05-05T08:00", "05-05T14:00", "05-05T20:00", "05-06T02:00"]


def test_next_starts_are_those_after_a_moment_however_far_they_are() -> None:
    nightly = schedule({"begin": "22:00", "end": "02:00", "repeat": "01:00"})
    found = next_starts(nightly, KNOWN, us("2026-03-29T00:00:00Z"), 3)
    assert [iso(at)[5:16] for at in found] == ["03-29T20:00", "03-29T21:00", "03-29T22:00"]
    leap_day = {"type": "WORKINGDAYSCALENDAR", "includes": {"dates": ["2028-02-29", "2032-02-29"]}}
    known = Calendars(msgspec.convert({"days": leap_day}, dict[str, Calendar]))
    (far,) = next_starts(schedule({"singleStart": "06:00"}), known, us("2026-03-29T00:00:00Z"), 5)
    assert iso(far) == "2028-02-29T05:00:00Z"
    assert next_starts(schedule({"singleStart": "06:00"}), known, far, 5) == []


def test_next_starts_are_the_same_as_the_starts_of_all_days() -> None:
    given = schedule({"repeat": "00:45"}, {"singleStart": "01:10"}, zone="Pacific/Kiritimati")
    listed = starts(given, KNOWN, date(2026, 5, 1), date(2026, 5, 30), Plan(period_begin="18:00"))
    after = listed[80]
    found = next_starts(given, KNOWN, after, 600, Plan(period_begin="18:00"))
    assert found == listed[81:681]


def test_days_in_the_wrong_order_are_none() -> None:
    given = schedule({"singleStart": "06:00"})
    assert start_rows(given, KNOWN, PLAIN_DAY, GAP_DAY) == []


def test_what_is_missing_or_makes_no_sense_is_told() -> None:
    with pytest.raises(ZoneUnknown):
        times(schedule({"singleStart": "06:00"}, zone="Europe/Berln"), PLAIN_DAY)
    with pytest.raises(CalendarUnknown):
        times(schedule({"singleStart": "06:00"}, calendarName="none"), PLAIN_DAY)
    for period in ({}, {"begin": "06:00"}, {"repeat": "00:00"}):
        with pytest.raises(TimesUnreadable):
            parts_of(msgspec.convert(period, Period), 0)
    for text in ("6", "24:01", "1:60", "01:00:60", "x:00", "-1:00"):
        with pytest.raises(TimesUnreadable):
            seconds(text)


def test_calendars_that_exclude_each_other_are_told() -> None:
    free = {
        "type": "NONWORKINGDAYSCALENDAR",
        "includes": EVERY_DAY,
        "excludes": {"nonWorkingDayCalendars": ["free"]},
    }
    known = Calendars(msgspec.convert({"free": free}, dict[str, Calendar]))
    with pytest.raises(CalendarsCircular):
        known.days("free", PLAIN_DAY, PLAIN_DAY)


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    known = Calendars(KNOWN.documents)
    first = known.days("days", GAP_DAY, PLAIN_DAY)
    known.days("days", PLAIN_DAY, OVERLAP_DAY)
    assert known.days("days", GAP_DAY, PLAIN_DAY) == first
    assert len(first) == 38


def _failing() -> set[str]:
    cases = read_timetable_cases()
    return {
        name for group, name, case in cases if group == "schedules" and problems_of(group, case)
    }


WRONG_RULES: list[tuple[Any, str, Callable[..., Any], str]] = [
    (rows_module, "is_date_missing", lambda *_: False, "gap-apia-missing-day-alone"),
    (rows_module, "_after_gap", lambda _g, shifted, _p: (shifted,), "gap-berlin-at-transition"),
    (rows_module, "_other_passes", lambda *_: [], "cycle-overlap-day-hourly-second"),
    (starts_module, "moved_days", lambda *_: {}, "holiday-next"),
    (starts_module, "MOVED_DAYS", 8, "holiday-next-beyond-7-days"),  # type: ignore[list-item]
    (starts_module, "parts_of", lambda period, _: parts_of(period, 0), "boundary-cycle-phase"),
    (
        starts_module,
        "steady_days",
        lambda _zone, span: ((0, span.all),),
        "gap-new-york",
    ),
]


def test_all_rules_together_are_right() -> None:
    assert _failing() == set()


@pytest.mark.parametrize(("module", "name", "wrong", "case"), WRONG_RULES)
def test_a_wrong_rule_is_found_out_by_its_case(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, wrong: Any, case: str
) -> None:
    monkeypatch.setattr(module, name, wrong)
    assert case in _failing()
