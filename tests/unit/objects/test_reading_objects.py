"""Reading objects beside workflows: each kind, its problems, and its canonical form."""

import json
from typing import Any

import pytest

from engine.objects.model import JobResource, NoticeBoard, ResourceLock
from engine.objects.read import KINDS, digest, read_object, write_object
from engine.workflow.checks.known import Known

SHELL = {"TYPE": "ShellScriptExecutable", "script": "true"}
BOARD = {"postOrderToNoticeId": "'x'", "expectOrderToNoticeId": "'x'"}

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("lock", {}),
    ("lock", {"limit": 3, "title": "Tapes", "documentationName": "tapes"}),
    ("noticeboard", BOARD),
    ("noticeboard", {**BOARD, "endOfLife": "$js7EpochMilli + 1000"}),
    ("noticeboard", {**BOARD, "boardType": "PLANNABLE"}),
    ("noticeboard", {**BOARD, "consumptionPolicy": "all_success", "maxBlockDuration": 1800}),
    ("jobresource", {}),
    ("jobresource", {"arguments": {"a": "'x'", "n": 3}, "env": {"A": '"$a/$n"'}}),
    ("includescript", {"script": "log() { echo; }\n"}),
    ("jobtemplate", {"executable": SHELL}),
    ("jobtemplate", {"executable": {"TYPE": "BuiltInExecutable", "kind": "Http"}}),
    (
        "jobtemplate",
        {
            "executable": SHELL,
            "arguments": {"n": {"type": "Number", "default": 3, "required": True}},
            "description": "Runs",
            "hash": "abc",
            "criticality": "CRITICAL",
            "admissionTimeScheme": {
                "periods": [{"TYPE": "DailyPeriod", "secondOfDay": 0, "duration": 60}]
            },
        },
    ),
]


@pytest.mark.parametrize(("kind", "document"), GOOD)
def test_a_good_document_is_read_and_written_back_equal(
    kind: str, document: dict[str, Any]
) -> None:
    reading = read_object(kind, json.dumps(document).encode())
    assert reading.problems == ()
    assert isinstance(reading.object, KINDS[kind])
    written = write_object(reading.object)
    assert read_object(kind, written).object == reading.object
    assert json.loads(written).keys() <= document.keys()
    assert digest(reading.object) == digest(read_object(kind, document).object or ResourceLock())


def test_what_js7_adds_on_output_is_left_out() -> None:
    document = {"TYPE": "Lock", "version": "1.7.0", "limit": 1}
    assert read_object("lock", document).object == ResourceLock()


@pytest.mark.parametrize(
    ("kind", "document", "found"),
    [
        ("lock", {"limit": -1}, {("limit", "out-of-range")}),
        ("lock", {"limit": "1", "x": 1}, {("limit", "wrong-type"), ("x", "field-unknown")}),
        (
            "noticeboard",
            {},
            {
                ("postOrderToNoticeId", "field-missing"),
                ("expectOrderToNoticeId", "field-missing"),
            },
        ),
        ("noticeboard", {**BOARD, "boardType": "LOCAL"}, {("boardType", "choice-unknown")}),
        (
            "noticeboard",
            {**BOARD, "consumptionPolicy": "always"},
            {("consumptionPolicy", "choice-unknown")},
        ),
        (
            "noticeboard",
            {**BOARD, "maxBlockDuration": 0},
            {("maxBlockDuration", "out-of-range")},
        ),
        (
            "noticeboard",
            {**BOARD, "maxBlockDuration": "1800"},
            {("maxBlockDuration", "wrong-type")},
        ),
        (
            "noticeboard",
            {"postOrderToNoticeId": "(", "expectOrderToNoticeId": ")", "endOfLife": "1 +"},
            {
                ("postOrderToNoticeId", "expression-invalid"),
                ("expectOrderToNoticeId", "expression-invalid"),
                ("endOfLife", "expression-invalid"),
            },
        ),
        (
            "jobresource",
            {"arguments": {"": "1", "a": "("}, "env": {"1": "1", "A": "'"}},
            {
                ('arguments[""]', "name-invalid"),
                ("arguments.a", "expression-invalid"),
                ('env["1"]', "name-invalid"),
                ("env.A", "expression-invalid"),
            },
        ),
        ("includescript", {"script": " "}, {("script", "script-empty")}),
        ("includescript", {"script": "##!include x"}, {("script", "include-nested")}),
        ("jobtemplate", {"executable": SHELL, "agentName": "a"}, {("agentName", "not-supported")}),
        (
            "jobtemplate",
            {"executable": {**SHELL, "script": ""}, "parallelism": 0},
            {("executable.script", "script-empty"), ("parallelism", "out-of-range")},
        ),
        (
            "jobtemplate",
            {"executable": SHELL, "arguments": {"a": {"type": "List"}, "b": {"default": 1}}},
            {("arguments.a.type", "choice-unknown"), ("arguments.b.default", "wrong-type")},
        ),
    ],
)
def test_all_problems_of_a_document_come_at_once(
    kind: str, document: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    reading = read_object(kind, document)
    assert reading.object is None
    assert {(p.place, p.code) for p in reading.problems} == found


@pytest.mark.parametrize(
    ("kind", "document", "code"),
    [
        ("lock", {"limit": 0}, "lock-closed"),
        ("noticeboard", {**BOARD, "boardType": "PLANNABLE", "endOfLife": "1"}, "without-effect"),
        ("jobresource", {"env": {"FILE": "$file"}}, "variable-unknown"),
    ],
)
def test_what_hardly_does_what_was_meant_is_read_with_a_warning(
    kind: str, document: dict[str, Any], code: str
) -> None:
    reading = read_object(kind, document)
    assert isinstance(reading.object, ResourceLock | NoticeBoard | JobResource)
    assert [p.code for p in reading.problems] == [code]


def test_a_template_refers_to_what_exists() -> None:
    known = Known(job_resources=frozenset())
    reading = read_object("jobtemplate", {"executable": SHELL, "jobResourceNames": ["r"]}, known)
    assert [(p.place, p.code) for p in reading.problems] == [
        ("jobResourceNames[0]", "job-resource-unknown")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_that_are_no_json_are_answered(kind: str) -> None:
    assert [p.code for p in read_object(kind, b"{").problems] == ["no-json"]


@pytest.mark.parametrize(
    ("document", "written"),
    [
        (BOARD, set()),
        ({**BOARD, "consumptionPolicy": "any_success"}, set()),
        ({**BOARD, "consumptionPolicy": "last_finisher"}, {"consumptionPolicy"}),
    ],
)
def test_a_board_as_it_was_before_there_were_policies_keeps_its_version(
    document: dict[str, Any], written: set[str]
) -> None:
    found = read_object("noticeboard", document).object
    assert found
    assert json.loads(write_object(found)).keys() == BOARD.keys() | written
