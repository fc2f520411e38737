"""Include scripts: put in where they are asked for, never twice deep."""

import pytest

from engine.objects.include import LONGEST_SCRIPT, expand, included_names

LOG = 'log() { echo "LEVEL $1"; }\n'


def test_a_script_without_includes_stays_as_it_is() -> None:
    script = "#!/bin/sh\n# !include log\necho '##!include log'\r\n"
    assert expand(script, {"log": LOG}) == (script, ())
    assert included_names(script) == ()


def test_an_include_takes_the_place_of_its_line() -> None:
    script = "#!/bin/sh\n  ##!include log\necho a\n##!include log"
    expanded = expand(script, {"log": LOG.rstrip("\n")})
    assert expanded.problems == ()
    assert expanded.script == f"#!/bin/sh\n{LOG}echo a\n{LOG.rstrip()}"
    assert included_names(script) == ("log",)


def test_replacements_are_made_in_what_is_put_in_one_after_the_other() -> None:
    script = """##!include log --replace="LEVEL","INFO" --replace='INFO','DEBUG'\necho LEVEL\n"""
    assert expand(script, {"log": LOG}).script == 'log() { echo "DEBUG $1"; }\necho LEVEL\n'
    emptied = expand('##!include log --replace="LEVEL ",""', {"log": LOG})
    assert emptied.script == 'log() { echo "$1"; }\n'


@pytest.mark.parametrize(
    "line",
    [
        "##!include",
        "##!include log more",
        "##!include log --replace=a,b",
        '##!include log --replace="","b"',
        '##!include log --replace="a"',
    ],
)
def test_a_malformed_line_is_a_problem_with_its_number(line: str) -> None:
    script = f"#!/bin/sh\n{line}\n"
    expanded = expand(script, {"log": LOG})
    assert expanded.script == script
    (problem,) = expanded.problems
    assert (problem.place, problem.code) == ("script", "include-invalid")
    assert problem.sentence.startswith("Line 2: ")


def test_all_problems_come_at_once_with_the_rest_put_in() -> None:
    scripts = {"log": LOG, "twice": "##!include log\n"}
    script = "##!include lgo\n##!include twice\n##!include log\n"
    expanded = expand(script, scripts, path=("jobs", "load", "executable", "script"))
    assert expanded.script == f"##!include lgo\n##!include twice\n{LOG}"
    assert [(p.place, p.code) for p in expanded.problems] == [
        ("jobs.load.executable.script", "include-script-unknown"),
        ("jobs.load.executable.script", "include-nested"),
    ]
    assert "lgo" in expanded.problems[0].sentence


def test_a_script_does_not_grow_beyond_its_limit() -> None:
    big = "x" * (LONGEST_SCRIPT // 2)
    script = "##!include big\n##!include big\n"
    expanded = expand(script, {"big": big})
    assert expanded.script == script
    assert [p.code for p in expanded.problems] == ["text-too-long"]
