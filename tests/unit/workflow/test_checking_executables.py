"""Checking what jobs run: scripts with includes, Python, built-in jobs."""

from typing import Any

import pytest

from engine.workflow.builtin import BUILT_IN, EXCLUSIVE
from engine.workflow.check import Known, check_workflow
from engine.workflow.model import BuiltIn, Executable, Job, PythonScript, ShellScript, Workflow

HTTP = {"url": "'http://a/'"}


def problems(executable: Executable, known: Known | None = None) -> list[tuple[str, str]]:
    workflow = Workflow((), {"load": Job("agent-a", executable)})
    found = check_workflow(workflow, known)
    return [(p.place.removeprefix("jobs.load.executable").lstrip("."), p.code) for p in found]


def test_python_is_a_callable_or_a_script() -> None:
    assert problems(PythonScript(callable="shop.close:day", arguments={"a": "$a"})) == []
    assert problems(PythonScript(script="print(1)", interpreter="python3")) == []
    assert problems(PythonScript()) == [("callable", "callable-or-script")]
    assert problems(PythonScript("a:b", "x")) == [("callable", "callable-or-script")]


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"callable": "shop.close"}, "callable", "callable-invalid"),
        ({"callable": "shop close:day"}, "callable", "callable-invalid"),
        ({"script": " \n"}, "script", "script-empty"),
        ({"script": "x", "interpreter": " "}, "interpreter", "name-invalid"),
        ({"script": "x", "arguments": {"a-b": 1}}, "arguments.a-b", "name-invalid"),
        ({"script": "x", "arguments": {"class": 1}}, "arguments.class", "name-invalid"),
        ({"script": "x", "arguments": {"a": "("}}, "arguments.a", "expression-invalid"),
        ({"script": "x", "env": {"1": "1"}}, 'env["1"]', "name-invalid"),
    ],
)
def test_python_is_well_formed(fields: dict[str, Any], place: str, code: str) -> None:
    assert problems(PythonScript(**fields)) == [(place, code)]


def test_a_built_in_job_is_of_a_kind_there_is() -> None:
    assert problems(BuiltIn("Http", HTTP)) == []
    assert problems(BuiltIn("Gopher")) == [("kind", "choice-unknown")]


@pytest.mark.parametrize("kind", BUILT_IN)
def test_each_required_argument_is_asked_for(kind: str) -> None:
    required = [a.name for a in BUILT_IN[kind].values() if a.required]
    assert problems(BuiltIn(kind)) == [(f"arguments.{n}", "argument-missing") for n in required]


@pytest.mark.parametrize(
    ("arguments", "place", "code"),
    [
        ({"uri": "'x'"}, "uri", "argument-unknown"),
        ({"timeout": "("}, "timeout", "expression-invalid"),
        ({"timeout": True}, "timeout", "wrong-type"),
        ({"headers": "'Accept'"}, "headers", "wrong-type"),
        ({"headers": [1]}, "headers", "wrong-type"),
        ({"method": "'FETCH'"}, "method", "choice-unknown"),
        ({"body": "'x'", "json": "{a: 1}"}, "json", "argument-excluded"),
    ],
)
def test_arguments_are_as_declared(arguments: dict[str, Any], place: str, code: str) -> None:
    assert problems(BuiltIn("Http", HTTP | arguments)) == [(f"arguments.{place}", code)]


@pytest.mark.parametrize(
    "arguments",
    [
        {"timeout": 3},
        {"timeout": "$seconds"},
        {"timeout": "'3'"},
        {"headers": "{accept: 'text/plain'}"},
        {"headers": {"a": "b"}},
        {"json": [1, 2]},
        {"verify": False},
        {"method": "missing"},
        {"method": "'PUT'"},
    ],
)
def test_values_that_fit_or_are_known_only_later_are_fine(arguments: dict[str, Any]) -> None:
    assert problems(BuiltIn("Http", HTTP | arguments)) == []


def test_exclusive_arguments_are_declared() -> None:
    for kind, groups in EXCLUSIVE.items():
        assert all(name in BUILT_IN[kind] for names in groups for name in names)


def test_includes_are_well_formed_and_exist_if_told() -> None:
    script = ShellScript('#!/bin/sh\n##!include log --replace="a","b"\necho\n##!include\n')
    assert problems(script) == [("script", "include-invalid")]
    known = Known(include_scripts=frozenset())
    assert problems(script, known) == [
        ("script", "include-script-unknown"),
        ("script", "include-invalid"),
    ]
