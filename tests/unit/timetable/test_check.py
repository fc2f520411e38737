"""Reading and checking calendars and schedules: every problem with its place."""

import json
from typing import Any

import msgspec
import pytest

from timetable.calendar import Calendar
from timetable.check import check_calendar, check_schedule, read_calendar, read_schedule
from timetable.problem import Problem
from timetable.schedule import Schedule

EVERY_DAY = {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]}
WORKING = {"type": "WORKINGDAYSCALENDAR", "includes": EVERY_DAY}
FREE = {"type": "NONWORKINGDAYSCALENDAR", "includes": EVERY_DAY}
KNOWN = {"days": msgspec.convert(WORKING, Calendar), "free": msgspec.convert(FREE, Calendar)}


def said(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(p.place, p.code) for p in problems]


def schedule_with(**entry: Any) -> dict[str, Any]:
    return {
        "workflowNames": ["w"],
        "calendars": [{"calendarName": "days", "periods": [{"singleStart": "06:00"}], **entry}],
    }


def problems_of_schedule(document: dict[str, Any]) -> list[tuple[str, str]]:
    reading = read_schedule(document)
    if reading.document is None:
        return said(list(reading.problems))
    return said(check_schedule(reading.document, KNOWN))


def problems_of_calendar(document: dict[str, Any]) -> list[tuple[str, str]]:
    reading = read_calendar(json.dumps(document).encode())
    if reading.document is None:
        return said(list(reading.problems))
    return said(check_calendar(reading.document, KNOWN, "mine"))


def test_a_whole_schedule_has_no_problems_and_is_written_as_it_was_read() -> None:
    document = {
        **schedule_with(
            timeZone="Europe/Berlin",
            includes={"monthdays": [{"days": [4], "from": "2026-01-01"}]},
            excludes={"nonWorkingDayCalendars": ["free"]},
            gapPolicy="skip",
            overlapPolicy="second",
            periods=[
                {"singleStart": "24:00"},
                {"begin": "06:00", "end": "05:00", "repeat": "00:10", "whenHoliday": "IGNORE"},
            ],
        ),
        "planOrderAutomatically": True,
        "submitOrderToControllerWhenPlanned": True,
        "nonWorkingDayCalendars": [{"calendarName": "free"}],
        "orderParameterisations": [
            {
                "orderName": "daily",
                "variables": {"a": [1, {"b": None}]},
                "positions": {"startPosition": "label", "endPositions": [[2, "then", 0]]},
                "tags": ["x"],
                "forceJobAdmission": True,
                "priority": -3,
            }
        ],
    }
    assert problems_of_schedule(document) == []
    reading = read_schedule(document)
    assert json.loads(msgspec.json.encode(reading.document)) == document


def test_a_whole_calendar_has_no_problems_and_is_written_as_it_was_read() -> None:
    rules = {
        "dates": ["2026-03-01"],
        "holidays": [{"nationalCalendar": "DE-BY", "dates": ["2026-01-01"]}],
        "weekdays": [{"days": [7], "from": "2026-01-01", "to": "2026-12-31"}],
        "monthdays": [{"days": [31], "weeklyDays": [{"day": 2, "weekOfMonth": 5}]}],
        "ultimos": [{"days": [1]}],
        "repetitions": [{"repetition": "YEARLY", "step": 2, "from": "2024-02-29"}],
        "easter": [{"days": [-2, 1]}],
        "months": [{"months": [2], "weekdays": [{"days": [1]}], "ultimos": [{"days": [1]}]}],
    }
    document = {
        "type": "WORKINGDAYSCALENDAR",
        "from": "2026-01-01",
        "to": "2027-12-31",
        "title": "All kinds",
        "includes": rules,
        "excludes": {**rules, "nonWorkingDayCalendars": ["free"]},
    }
    assert problems_of_calendar(document) == []
    reading = read_calendar(document)
    assert json.loads(msgspec.json.encode(reading.document)) == document


@pytest.mark.parametrize(
    ("entry", "place", "code"),
    [
        ({"calendarName": "none"}, "calendars[0].calendarName", "calendar-unknown"),
        ({"calendarName": "free"}, "calendars[0].calendarName", "calendar-type"),
        ({"timeZone": "Europe/Berln"}, "calendars[0].timeZone", "zone-unknown"),
        ({"gapPolicy": "jump"}, "calendars[0].gapPolicy", "wrong-value"),
        ({"periods": []}, "calendars[0].periods", "period-missing"),
        ({"periods": [{}]}, "calendars[0].periods[0]", "period-without-times"),
        ({"periods": [{"repeat": "00:00"}]}, "calendars[0].periods[0].repeat", "repeat-zero"),
        (
            {"periods": [{"singleStart": "6:00"}]},
            "calendars[0].periods[0].singleStart",
            "wrong-value",
        ),
        (
            {"periods": [{"singleStart": "24:01"}]},
            "calendars[0].periods[0].singleStart",
            "wrong-value",
        ),
        (
            {"periods": [{"singleStart": "06:00", "end": "07:00"}]},
            "calendars[0].periods[0].end",
            "period-mixed",
        ),
        (
            {"periods": [{"begin": "24:00", "repeat": "01:00"}]},
            "calendars[0].periods[0].begin",
            "begin-late",
        ),
        ({"period": []}, "calendars[0].period", "field-unknown"),
        (
            {"includes": {"monthdays": [{"days": [0]}]}},
            "calendars[0].includes.monthdays[0].days[0]",
            "wrong-value",
        ),
        ({"includes": {"monthdays": [{}]}}, "calendars[0].includes.monthdays[0]", "rule-empty"),
        (
            {"excludes": {"nonWorkingDayCalendars": ["days"]}},
            "calendars[0].excludes.nonWorkingDayCalendars[0]",
            "calendar-type",
        ),
    ],
)
def test_a_wrong_entry_is_told_with_its_place(entry: dict[str, Any], place: str, code: str) -> None:
    assert problems_of_schedule(schedule_with(**entry)) == [(place, code)]


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"workflowNames": []}, "workflowNames", "workflow-missing"),
        ({"workflowName": "w"}, "workflowName", "workflow-twice"),
        ({"calendars": []}, "calendars", "calendar-missing"),
        (
            {"nonWorkingDayCalendars": [{"calendarName": "days"}]},
            "nonWorkingDayCalendars[0].calendarName",
            "calendar-type",
        ),
        (
            {"workflowNames": ["a", "b"], "orderParameterisations": [{"variables": {"a": 1}}]},
            "orderParameterisations[0].variables",
            "workflows-several",
        ),
        (
            {"orderParameterisations": [{"orderName": "a"}, {"orderName": "a"}]},
            "orderParameterisations[1].orderName",
            "name-twice",
        ),
        (
            {"orderParameterisations": [{"priority": "high"}]},
            "orderParameterisations[0].priority",
            "wrong-value",
        ),
        (
            {"orderParameterisations": [{"positions": {"startPosition": 1.5}}]},
            "orderParameterisations[0].positions.startPosition",
            "wrong-value",
        ),
        ({"planOrderAutomatically": "yes"}, "planOrderAutomatically", "wrong-value"),
        ({"orderParameterisations": {}}, "orderParameterisations", "wrong-type"),
    ],
)
def test_a_wrong_schedule_is_told_with_its_place(
    fields: dict[str, Any], place: str, code: str
) -> None:
    assert problems_of_schedule({**schedule_with(), **fields}) == [(place, code)]


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"type": "DAYS"}, "type", "wrong-value"),
        ({"from": "2026-02-30"}, "from", "wrong-value"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "to", "window-reversed"),
        ({"includes": {}}, "includes", "calendar-empty"),
        (
            {"includes": {"weekdays": [{"days": [8]}]}},
            "includes.weekdays[0].days[0]",
            "wrong-value",
        ),
        ({"includes": {"weekdays": [{"days": []}]}}, "includes.weekdays[0]", "rule-empty"),
        ({"includes": {"weekdays": {}}}, "includes.weekdays", "wrong-type"),
        ({"includes": {"easter": [{}]}}, "includes.easter[0]", "rule-empty"),
        ({"includes": {"holidays": [{}]}}, "includes.holidays[0]", "rule-empty"),
        (
            {"includes": {"holidays": [{"nationalCalendar": "QQ"}]}},
            "includes.holidays[0].nationalCalendar",
            "national-calendar-unknown",
        ),
        (
            {"includes": {"repetitions": [{"repetition": "DAILY"}]}},
            "includes.repetitions[0].from",
            "field-missing",
        ),
        ({"includes": {"months": [{"months": [1]}]}}, "includes.months[0]", "rule-empty"),
        (
            {"includes": {"months": [{"months": [], "ultimos": [{"days": [1]}]}]}},
            "includes.months[0]",
            "rule-empty",
        ),
        (
            {"includes": {"months": [{"months": [1], "weekdays": [{}]}]}},
            "includes.months[0].weekdays[0]",
            "rule-empty",
        ),
        (
            {"includes": {**EVERY_DAY, "nonWorkingDayCalendars": ["free"]}},
            "includes.nonWorkingDayCalendars",
            "not-supported",
        ),
        (
            {"excludes": {"nonWorkingDayCalendars": ["none"]}},
            "excludes.nonWorkingDayCalendars[0]",
            "calendar-unknown",
        ),
    ],
)
def test_a_wrong_calendar_is_told_with_its_place(
    fields: dict[str, Any], place: str, code: str
) -> None:
    assert problems_of_calendar({**WORKING, **fields}) == [(place, code)]


def test_all_problems_are_told_at_once_in_the_order_of_the_document() -> None:
    reading = read_schedule(
        b'{"calenders": [], "calendars": [{"timeZone": 1, "periods": [{"repeat": true}]}]}'
    )
    assert reading.document is None
    assert [(p.place, p.sentence) for p in reading.problems] == [
        ("calenders", 'There is no field "calenders" here. Is "calendars" meant?'),
        ("calendars[0].timeZone", "A text is needed here, not 1."),
        (
            "calendars[0].periods[0].repeat",
            "true is no time; one looks like 08:15:00, and 24:00 is the last.",
        ),
        ("calendars[0].calendarName", "This field is missing."),
    ]


def test_what_an_export_adds_is_ignored_at_the_top_only() -> None:
    added = {"TYPE": "SCHEDULE", "version": "2.8", "path": "/x/y", "name": "y", "versionId": "1"}
    assert problems_of_schedule({**schedule_with(), **added}) == []
    inner = schedule_with(version="1")
    assert problems_of_schedule(inner) == [("calendars[0].version", "field-unknown")]


def test_calendars_that_exclude_each_other_are_a_circle() -> None:
    def free(*others: str) -> Calendar:
        excludes = {"nonWorkingDayCalendars": list(others)}
        return msgspec.convert({**FREE, "excludes": excludes}, Calendar)

    known = {"a": free("b"), "b": free("c"), "c": free("a"), "d": free("d2"), "d2": free()}
    (found,) = check_calendar(free("b"), known, "a")
    assert found.code == "calendar-circle"
    assert found.sentence.endswith('in a circle: "a", "b", "c", "a".')
    assert check_calendar(free("d", "d2"), known, "e") == []


def test_names_are_not_looked_up_where_nothing_is_known() -> None:
    schedule = msgspec.convert(schedule_with(calendarName="none"), Schedule)
    assert check_schedule(schedule) == []


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_one_problem(data: bytes) -> None:
    assert [p.code for p in read_calendar(data).problems] == ["no-json"]


@pytest.mark.parametrize("value", [b"null", b"[]", b"3", b'"x"'])
def test_what_is_no_object_is_one_problem(value: bytes) -> None:
    assert [(p.place, p.code) for p in read_schedule(value).problems] == [("", "wrong-type")]
