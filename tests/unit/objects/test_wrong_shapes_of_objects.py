"""An object with wrong shapes: all that is wrong is told at once, and nothing that only follows."""

import copy
from typing import Any

import pytest

from engine.objects import read
from engine.objects.read import read_object
from engine.workflow import follow_ups
from engine.workflow.checks.known import Known
from engine.workflow.problem import Problem
from tests.property.workflow.test_wrong_shapes import damages

SCRIPT: dict[str, Any] = {
    "TYPE": "ShellScriptExecutable",
    "script": "true",
    "env": {"A": "1"},
    "returnCodeMeaning": {"success": [0, 1]},
}
WEEK: dict[str, Any] = {"days": [1, 2], "from": "2026-01-01", "to": "2026-02-01"}
RULES: dict[str, Any] = {
    "dates": ["2026-01-05"],
    "weekdays": [WEEK],
    "monthdays": [{"days": [1], "weeklyDays": [{"day": 1, "weekOfMonth": 1}]}],
    "ultimos": [{"days": [2]}],
    "repetitions": [{"repetition": "DAILY", "step": 2, "from": "2026-01-01"}],
    "holidays": [{"nationalCalendar": "DE"}, {"dates": ["2026-01-06"]}],
    "easter": [{"days": [-2]}],
    "months": [{"months": [1], "weekdays": [WEEK]}],
}
PERIODS: list[Any] = [
    {"singleStart": "08:00", "whenHoliday": "IGNORE"},
    {"begin": "08:00", "end": "09:00", "repeat": "00:10"},
]
SOUND: list[tuple[str, dict[str, Any]]] = [
    ("lock", {"limit": 2, "title": "t"}),
    (
        "noticeboard",
        {
            "postOrderToNoticeId": "'a'",
            "expectOrderToNoticeId": "'a'",
            "boardType": "GLOBAL",
            "endOfLife": "1",
            "maxBlockDuration": 5,
        },
    ),
    ("jobresource", {"arguments": {"a": "'x'", "b": 5}, "env": {"A": "$a"}}),
    ("includescript", {"script": "true"}),
    (
        "jobtemplate",
        {
            "executable": SCRIPT,
            "arguments": {
                "n": {"type": "Number", "default": 5},
                "l": {"default": "'x'", "list": ["'x'", "'y'"]},
            },
            "admissionTimeScheme": {
                "periods": [{"TYPE": "DailyPeriod", "secondOfDay": 1, "duration": 5}]
            },
            "killAtEndOfAdmissionPeriod": True,
            "returnCodeMeaning": {"success": [0, 1]},
        },
    ),
    (
        "jobtemplate",
        {
            "executable": {
                "TYPE": "BuiltInExecutable",
                "kind": "Http",
                "arguments": {"url": "'x'", "timeout": 5},
            }
        },
    ),
    ("fileordersource", {"workflowName": "w", "agentName": "a", "directory": "/in"}),
    ("fileordersource", {"workflowName": "w", "agentName": "a", "directoryExpr": "'/in'"}),
    (
        "calendar",
        {"type": "WORKINGDAYSCALENDAR", "includes": RULES, "excludes": {"weekdays": [WEEK]}},
    ),
    (
        "schedule",
        {
            "workflowNames": ["a", "b"],
            "calendars": [{"calendarName": "c", "periods": PERIODS, "includes": {"months": []}}],
            "orderParameterisations": [{"orderName": "n", "tags": ["t"]}, {"orderName": "m"}],
        },
    ),
    (
        "schedule",
        {
            "workflowName": "a",
            "calendars": [{"calendarName": "c", "periods": PERIODS}],
            "orderParameterisations": [{"variables": {"a": 1}}],
        },
    ),
]


@pytest.fixture
def meanings(monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """Return the problems of meaning that are told of documents with wrong shapes."""
    told: list[Problem] = []
    apart = follow_ups.without_follow_ups

    def noted(problems: tuple[Problem, ...], unread: frozenset[str]) -> tuple[Problem, ...]:
        found = apart(problems, unread)
        told.extend(found)
        return found

    monkeypatch.setattr(read, "without_follow_ups", noted)
    return told


@pytest.mark.parametrize(("kind", "document"), SOUND)
def test_one_wrong_shape_makes_up_no_problem_of_meaning(
    kind: str, document: dict[str, Any], meanings: list[Problem]
) -> None:
    assert read_object(kind, document).object is not None
    refused = [d for d in damages(document) if read_object(kind, d).object is None]
    assert refused
    assert meanings == []


@pytest.mark.parametrize(
    ("kind", "wrong", "places"),
    [
        ("lock", {"limit": -1, "title": 5}, ["title", "limit"]),
        (
            "noticeboard",
            {"postOrderToNoticeId": "((", "expectOrderToNoticeId": 5},
            ["expectOrderToNoticeId", "postOrderToNoticeId"],
        ),
        ("jobresource", {"arguments": {"a": "(("}, "env": []}, ["env", "arguments.a"]),
        (
            "fileordersource",
            {"workflowName": "w", "agentName": "a b", "delay": "x"},
            ["delay", "workflowName", "agentName", "directory"],
        ),
        (
            "calendar",
            {"type": "?", "includes": {"weekdays": [{"days": []}], "dates": ["x"]}},
            ["type", "includes.dates[0]", "includes.weekdays[0]"],
        ),
        (
            "schedule",
            {
                "workflowName": "nowhere",
                "calendars": [
                    {"calendarName": "nobody", "timeZone": "Mars", "periods": [{"begin": "25:00"}]}
                ],
            },
            [
                "calendars[0].periods[0].begin",
                "calendars[0].calendarName",
                "calendars[0].timeZone",
                "workflowName",
            ],
        ),
    ],
)
def test_shape_meaning_and_references_are_told_in_one_answer(
    kind: str, wrong: dict[str, Any], places: list[str]
) -> None:
    known = Known(workflows=frozenset(), calendars={})
    given = copy.deepcopy(wrong)
    assert [p.place for p in read_object(kind, given, known).problems] == places
    assert given == wrong


def test_a_default_of_a_template_is_told_once_and_where_it_is_written() -> None:
    template = {"executable": SCRIPT, "arguments": {"n": {"default": "(("}}}
    assert [p.place for p in read_object("jobtemplate", template).problems] == [
        "arguments.n.default"
    ]
