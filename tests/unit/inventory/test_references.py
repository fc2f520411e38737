"""Who names whom, by the text of a draft alone."""

import json
from typing import Any

import pytest

from inventory.references.named import Named, names_in
from inventory.references.notation import Notation, names_of_text, renamed_text

WORKFLOW = {
    "jobResourceNames": ["all"],
    "instructions": [
        {
            "TYPE": "Lock",
            "demands": [{"lockName": "tape"}],
            "lockedWorkflow": {
                "instructions": [
                    {"TYPE": "Execute.Named", "jobName": "load", "label": "load"},
                    {"TYPE": "AddOrder", "workflowName": "other", "arguments": {"a": "1"}},
                ]
            },
        },
        {"TYPE": "PostNotices", "noticeBoardNames": ["done"]},
        {"TYPE": "ExpectNotices", "noticeBoardNames": "'a' && ('b' || 'a')"},
    ],
    "jobs": {
        "load": {
            "agentName": "agent-1",
            "jobTemplate": {"name": "shell", "hash": "x"},
            "jobResourceNames": ["db"],
            "executable": {
                "TYPE": "ShellScriptExecutable",
                "script": "##!include head\necho 1",
                "env": {"A": "JobResource:web:user"},
            },
        }
    },
}
SCHEDULE = {
    "workflowNames": ["one", "two"],
    "calendars": [
        {
            "calendarName": "weekdays",
            "excludes": {"nonWorkingDayCalendars": ["bridge"]},
            "periods": [{"singleStart": "06:00"}],
        }
    ],
    "nonWorkingDayCalendars": [{"calendarName": "holidays"}],
}


def named(kind: str, document: Any) -> set[tuple[str, str, str]]:
    return {(n.type, n.name, n.role) for n in names_in(kind, json.dumps(document))}


def test_a_workflow_names_everything_that_it_uses() -> None:
    assert named("workflow", WORKFLOW) == {
        ("lock", "tape", "locks"),
        ("workflow", "other", "workflows_added"),
        ("noticeboard", "done", "boards_posted"),
        ("noticeboard", "a", "boards_expected"),
        ("noticeboard", "b", "boards_expected"),
        ("agent", "agent-1", "agents"),
        ("jobtemplate", "shell", "job_templates"),
        ("jobresource", "all", "job_resources"),
        ("jobresource", "db", "job_resources"),
        ("jobresource", "web", "job_resources"),
        ("includescript", "head", "include_scripts"),
    }


def test_references_of_a_readable_workflow_have_their_positions() -> None:
    found = {(n.role, n.name): n for n in names_in("workflow", json.dumps(WORKFLOW))}
    assert found["locks", "tape"].positions == ("0",)
    assert found["boards_expected", "b"].positions == ("2",)
    assert found["agents", "agent-1"].positions == ("0/lock/0",)


def test_a_workflow_that_cannot_be_read_keeps_its_references() -> None:
    broken = {**WORKFLOW, "colour": "red"}
    assert named("workflow", broken) == named("workflow", WORKFLOW)
    assert all(n.positions == () for n in names_in("workflow", json.dumps(broken)))


def test_a_schedule_names_workflows_and_calendars_of_both_uses() -> None:
    assert named("schedule", SCHEDULE) == {
        ("workflow", "one", "workflows"),
        ("workflow", "two", "workflows"),
        ("calendar", "weekdays", "calendars"),
        ("calendar", "holidays", "non_working_day_calendars"),
        ("calendar", "bridge", "non_working_day_calendars"),
    }


def test_a_calendar_names_those_that_it_excludes() -> None:
    document = {"excludes": {"nonWorkingDayCalendars": ["holidays"]}}
    assert named("calendar", document) == {("calendar", "holidays", "non_working_day_calendars")}


def test_a_file_order_source_names_workflow_and_agent() -> None:
    document = {"workflowName": "load", "agentName": "agent-1", "directory": "/in"}
    assert named("fileordersource", document) == {
        ("workflow", "load", "workflows"),
        ("agent", "agent-1", "agents"),
    }


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("workflow", "{"),
        ("workflow", "[1, 2]"),
        ("workflow", '{"instructions": {"TYPE": 5}, "jobs": [1]}'),
        ("schedule", '{"calendars": "x", "workflowNames": {"a": 1}}'),
        ("schedule", '{"calendars": [7, {"calendarName": 8}]}'),
        ("lock", '{"limit": 1}'),
        ("cake", "a: b"),
        ("workflow", '{"instructions": ' + "[" * 3000),
    ],
)
def test_what_has_no_shape_names_nothing(kind: str, source: str) -> None:
    assert names_in(kind, source) == ()


def test_a_name_is_told_once_a_role() -> None:
    both = {"workflowName": "a", "workflowNames": ["a", "a"]}
    found = names_in("schedule", json.dumps(both))
    assert found == (Named("workflow", "a", "workflows"),)


@pytest.mark.parametrize(
    ("notation", "text", "expected"),
    [
        (Notation.NAME, "tape", "drum"),
        (Notation.NAME, "tapes", "tapes"),
        (Notation.BOARDS, "'tape' && ('tapes' || 'tape')", "'drum' && ('tapes' || 'drum')"),
        (Notation.EXPRESSION, "JobResource:tape:x + 'tape'", "JobResource:drum:x + 'tape'"),
        (Notation.EXPRESSION, "JobResource:tape-2:x", "JobResource:tape-2:x"),
        (
            Notation.EXPRESSION,
            "'JobResource:tape:x' ++ JobResource:tape:x",
            "'JobResource:tape:x' ++ JobResource:drum:x",
        ),
        (Notation.EXPRESSION, "no expression (", "no expression ("),
        (Notation.SCRIPT, "  ##!include tape --replace='a','tape'", None),
        (Notation.SCRIPT, "echo ##!include tape", "echo ##!include tape"),
    ],
)
def test_a_name_is_replaced_where_it_is_one(
    notation: Notation, text: str, expected: str | None
) -> None:
    wanted = "  ##!include drum --replace='a','tape'" if expected is None else expected
    assert renamed_text(notation, text, {"tape": "drum"}) == wanted


@pytest.mark.parametrize("text", ["jobResourceVariable(resource='tape', key='x')"])
def test_a_job_resource_named_in_a_call_is_replaced(text: str) -> None:
    if not names_of_text(Notation.EXPRESSION, text):
        pytest.skip("the function has another form")
    changed = renamed_text(Notation.EXPRESSION, text, {"tape": "drum"})
    assert names_of_text(Notation.EXPRESSION, changed) == ("drum",)
