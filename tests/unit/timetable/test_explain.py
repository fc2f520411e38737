"""Why a day is planned or not: the sentence and the place of the rule that decided."""

from datetime import date
from typing import Any

import msgspec

from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.explain import DayReason, explain_calendar, explain_entry
from timetable.explain_starts import explain_schedule
from timetable.schedule import AssignedCalendar, Schedule

MAY_1, MAY_4 = date(2026, 5, 1), date(2026, 5, 4)

DOCUMENTS: dict[str, Any] = {
    "mon-fri": {
        "type": "WORKINGDAYSCALENDAR",
        "from": "2026-01-05",
        "to": "2026-12-30",
        "includes": {"weekdays": [{"days": [1, 2, 3, 4, 5]}]},
        "excludes": {
            "dates": ["2026-12-24"],
            "months": [{"months": [8], "monthdays": [{"days": [3]}]}],
            "nonWorkingDayCalendars": ["closed"],
        },
    },
    "closed": {"type": "NONWORKINGDAYSCALENDAR", "includes": {"dates": ["2026-06-04"]}},
    "holidays": {
        "type": "NONWORKINGDAYSCALENDAR",
        "includes": {"holidays": [{"nationalCalendar": "DE", "dates": ["2026-05-01"]}]},
    },
}
KNOWN = Calendars(msgspec.convert(DOCUMENTS, dict[str, Calendar]))


def reason(on: str) -> tuple[bool, str, str]:
    day = date.fromisoformat(on)
    (found,) = explain_calendar(KNOWN.documents["mon-fri"], KNOWN, day, day)
    return told(found)


def told(found: DayReason) -> tuple[bool, str, str]:
    return found.is_in, found.sentence, found.place


def test_each_day_of_a_calendar_has_the_rule_that_decided() -> None:
    assert reason("2026-05-04") == (
        True,
        "Included: every Monday to Friday.",
        "includes.weekdays[0]",
    )
    assert reason("2026-05-03") == (False, "No rule includes this day.", "")
    assert reason("2026-12-24") == (False, "Excluded: on 2026-12-24.", "excludes.dates[0]")
    assert reason("2026-08-03") == (
        False,
        "Excluded: on the 3rd of August.",
        "excludes.months[0].monthdays[0]",
    )
    assert reason("2026-06-04") == (
        False,
        "Excluded: a day of closed.",
        "excludes.nonWorkingDayCalendars[0]",
    )
    assert reason("2026-01-02") == (False, "The calendar begins on 2026-01-05.", "from")
    assert reason("2026-12-31") == (False, "The calendar ends on 2026-12-30.", "to")


def entry(**fields: Any) -> AssignedCalendar:
    periods = fields.pop("periods", [{"singleStart": "06:00"}])
    return msgspec.convert(
        {"calendarName": "mon-fri", "periods": periods, **fields}, AssignedCalendar
    )


def test_a_restriction_says_what_it_leaves() -> None:
    first = entry(
        includes={"monthdays": [{"days": [1], "to": "2026-05-31"}]},
        excludes={"ultimos": [{"days": [1]}], "nonWorkingDayCalendars": ["holidays"]},
    )
    by_day = {r.day: r for r in explain_entry(first, KNOWN, date(2026, 5, 1), date(2026, 6, 30))}
    assert told(by_day[date(2026, 5, 1)]) == (
        False,
        "Excluded: a day of holidays.",
        "excludes.nonWorkingDayCalendars[0]",
    )
    assert told(by_day[date(2026, 5, 4)]) == (
        True,
        "Included: the 1st of these days of each month until 2026-05-31.",
        "includes.monthdays[0]",
    )
    assert told(by_day[date(2026, 5, 5)]) == (
        False,
        "The restriction leaves only the 1st of these days of each month until 2026-05-31.",
        "includes",
    )
    assert told(by_day[date(2026, 5, 29)])[1:] == (
        "Excluded: the last of these days of each month.",
        "excludes.ultimos[0]",
    )
    outside = by_day[date(2026, 6, 1)]
    assert (outside.is_in, outside.calendar) == (True, "mon-fri")


def test_what_becomes_of_a_start_on_a_non_working_day_is_told_for_each_period() -> None:
    names = ["SUPPRESS", "IGNORE", "NEXTNONWORKINGDAY", "PREVIOUSNONWORKINGDAY"]
    schedule = Schedule(
        calendars=(entry(periods=[{"singleStart": "06:00", "whenHoliday": n} for n in names]),),
        non_working_day_calendars=msgspec.convert([{"calendarName": "holidays"}], tuple[Any, ...]),
    )
    schedule = msgspec.convert(msgspec.to_builtins(schedule), Schedule)
    found = explain_schedule(schedule, KNOWN, MAY_1, date(2026, 5, 2))
    friday = [r for r in found if r.day == MAY_1]
    assert [r.reason.is_in for r in friday] == [False, True, False, False]
    assert friday[0].reason.sentence == "A non-working day of holidays."
    assert friday[1].reason.sentence.endswith(
        "It is a day of holidays, which does not matter here."
    )
    assert (friday[2].reason.sentence, friday[2].to_day) == (
        "A non-working day of holidays; moved to 2026-05-02.",
        date(2026, 5, 2),
    )
    assert friday[3].to_day == date(2026, 4, 30)
    assert {r.reason.place for r in friday} == {
        f"calendars[0].periods[{n}].whenHoliday" for n in range(4)
    }
    saturday = found[-2]
    assert (saturday.reason.is_in, saturday.from_day) == (True, MAY_1)
    assert saturday.reason.sentence == "Moved here from the non-working 2026-05-01."


def test_a_start_that_no_day_is_near_enough_for_is_lost_and_says_so() -> None:
    documents = {
        "once": {"type": "WORKINGDAYSCALENDAR", "includes": {"dates": ["2026-08-03"]}},
        "shut": {
            "type": "NONWORKINGDAYSCALENDAR",
            "includes": {"months": [{"months": [8], "weekdays": [{"days": list(range(7))}]}]},
        },
    }
    schedule = msgspec.convert(
        {
            "calendars": [
                {
                    "calendarName": "once",
                    "periods": [{"singleStart": "06:00", "whenHoliday": "NEXTNONWORKINGDAY"}],
                }
            ],
            "nonWorkingDayCalendars": [{"calendarName": "shut"}],
        },
        Schedule,
    )
    known = Calendars(msgspec.convert(documents, dict[str, Calendar]))
    (found,) = explain_schedule(schedule, known, date(2026, 8, 3), date(2026, 8, 3))
    assert found.reason.sentence == (
        "A non-working day of shut, and no working day is near enough to move to."
    )


def test_no_days_have_no_reasons() -> None:
    assert explain_calendar(KNOWN.documents["mon-fri"], KNOWN, MAY_4, MAY_1) == []
    assert explain_entry(entry(), KNOWN, MAY_4, MAY_1) == []
    assert explain_schedule(Schedule(calendars=(entry(),)), KNOWN, MAY_4, MAY_1) == []
