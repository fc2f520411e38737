"""Checking: each rule with a document that breaks it and one that just does not."""

from typing import Any

import pytest

from engine.workflow.check import Known, check_workflow
from engine.workflow.model import (
    Block,
    Branch,
    Case,
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    ImplicitEnd,
    Instruction,
    Job,
    ListParameter,
    Notification,
    OrderPreparation,
    Parameter,
    Retry,
    ReturnCodeMeaning,
    ShellScript,
    Try,
    Workflow,
)
from engine.workflow.problem import Severity

RUN = Execute("load")


def job(script_fields: dict[str, Any] | None = None, **fields: Any) -> Job:
    executable = ShellScript(**{"script": "true", **(script_fields or {})})
    return Job(**{"agent_name": "agent-a", "executable": executable, **fields})


def block(*instructions: Instruction, result: dict[str, str] | None = None) -> Block:
    return Block(instructions, result)


def problems(
    *instructions: Instruction, known: Known | None = None, **fields: Any
) -> list[tuple[str, str]]:
    workflow = Workflow(instructions, **{"jobs": {"load": job()}, **fields})
    return [(p.place, p.code) for p in check_workflow(workflow, known)]


def with_job(found: Job, known: Known | None = None) -> list[tuple[str, str]]:
    return problems(jobs={"load": found}, known=known)


def with_parameter(name: str = "p", **fields: Any) -> list[tuple[str, str]]:
    parameters = {name: Parameter(**fields)}
    return problems(order_preparation=OrderPreparation(parameters))


def test_a_workflow_that_makes_sense_has_no_problems() -> None:
    assert problems(RUN, If("$a == 'x'", then=block(RUN)), ImplicitEnd()) == []


def test_an_unused_job_and_no_instruction_at_all_are_fine() -> None:
    assert problems() == []


# Labels and jobs


def test_labels_are_unique_over_all_blocks() -> None:
    inner = If("true", then=block(Execute("load", label="a")))
    assert problems(Execute("load", label="a"), inner, Execute("load", label="b")) == [
        ("instructions[1].then.instructions[0].label", "label-repeated")
    ]


@pytest.mark.parametrize("label", ["", " a", "a/b", "a|b", "a\nb", "x" * 256])
def test_malformed_labels_are_problems(label: str) -> None:
    assert problems(Execute("load", label=label)) == [("instructions[0].label", "name-invalid")]


@pytest.mark.parametrize("label", ["a", "step 1", "Zählen", "1"])
def test_other_labels_are_fine(label: str) -> None:
    assert problems(Execute("load", label=label)) == []


def test_a_job_must_exist_and_the_sentence_names_those_that_do() -> None:
    workflow = Workflow((Execute("laod"),), jobs={"load": job()})
    (problem,) = check_workflow(workflow)
    assert (problem.place, problem.code) == ("instructions[0].jobName", "job-unknown")
    assert problem.sentence == 'There is no job "laod" in jobs. The jobs are: load.'


# Forks


@pytest.mark.parametrize("name", ["", "a|b", "a/b", "a\tb", "a\0", "x" * 51, " a"])
def test_malformed_branch_ids_are_problems(name: str) -> None:
    place = ("instructions[0].branches[0].id", "name-invalid")
    assert problems(Fork((Branch(name, block()),))) == [place]


def test_branch_ids_are_unique() -> None:
    assert problems(Fork((Branch("a", block()), Branch("a", block())))) == [
        ("instructions[0].branches[1].id", "branch-repeated")
    ]


def test_a_fork_needs_a_branch_and_cases_a_case() -> None:
    assert problems(Fork(()), CaseWhen(())) == [
        ("instructions[0].branches", "branches-missing"),
        ("instructions[1].cases", "cases-missing"),
    ]


def test_results_are_expressions_with_unique_names_at_branches_only() -> None:
    fork = Fork(
        (
            Branch("a", block(result={"x": "1", "y": "1 +"})),
            Branch("b", block(result={"x": "2"})),
        )
    )
    lost = If("true", then=block(result={"z": "1"}))
    assert problems(fork, lost) == [
        ("instructions[0].branches[0].workflow.result.y", "expression-invalid"),
        ("instructions[0].branches[1].workflow.result.x", "result-repeated"),
        ("instructions[1].then.result", "result-misplaced"),
    ]


# Tries


def test_a_retry_stands_within_a_catch() -> None:
    good = Try(block(RUN), catch=block(If("true", then=block(Retry()))))
    assert problems(good) == []
    assert problems(Retry(), If("true", then=block(Retry()))) == [
        ("instructions[0]", "retry-misplaced"),
        ("instructions[1].then.instructions[0]", "retry-misplaced"),
        ("instructions[1]", "unreachable"),
    ]


def test_a_retry_does_not_reach_out_of_a_branch() -> None:
    fork = Fork((Branch("a", block(Retry())),))
    place = "instructions[0].catch.instructions[0].branches[0].workflow.instructions[0]"
    assert problems(Try(block(RUN), catch=block(fork))) == [(place, "retry-misplaced")]


def test_a_retry_with_a_try_of_its_own_stands_anywhere() -> None:
    assert problems(Retry(max_tries=3, retry_delays=(1,), try_=block(RUN))) == []


def test_a_retry_without_try_has_no_other_fields() -> None:
    bad = Try(block(RUN), catch=block(Retry(max_tries=3)))
    assert problems(bad) == [("instructions[0].catch.instructions[0]", "retry-incomplete")]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"max_tries": 0}, "maxTries"),
        ({"max_tries": -1}, "maxTries"),
        ({"retry_delays": (1, -1)}, "retryDelays[1]"),
        ({"retry_delays": (10**10,)}, "retryDelays[0]"),
    ],
)
def test_tries_and_delays_have_bounds(fields: dict[str, Any], place: str) -> None:
    bad = Try(block(RUN), catch=block(Retry()), **fields)
    assert problems(bad) == [(f"instructions[0].{place}", "out-of-range")]
    assert problems(Try(block(RUN), block(Retry()), max_tries=1, retry_delays=(0,))) == []


def test_tries_without_a_retry_are_pointed_out() -> None:
    (problem,) = check_workflow(Workflow((Try(block(), catch=block(), max_tries=3),)))
    assert (problem.code, problem.severity) == ("never-retried", Severity.WARNING)


# Expressions and ends


@pytest.mark.parametrize(
    ("instruction", "place"),
    [
        (If("$a ==", then=block()), "predicate"),
        (CaseWhen((Case("true", block()), Case("(", block()))), "cases[1].predicate"),
        (Fail(message="no text"), "message"),
        (Execute("load", default_arguments={"a": "'x"}), "defaultArguments.a"),
        (Execute("load", default_arguments={"a": 1, "b c": "1 +"}), 'defaultArguments["b c"]'),
    ],
)
def test_expressions_are_parsed(instruction: Instruction, place: str) -> None:
    assert problems(instruction) == [(f"instructions[0].{place}", "expression-invalid")]


def test_the_message_of_finish_is_plain_text() -> None:
    assert problems(Finish(message="done, (nearly)")) == []


def test_the_return_code_of_fail_is_a_number() -> None:
    assert problems(Fail(outcome={"returnCode": 7, "x": "y"})) == []
    for value in ("7", True, 1.5):
        assert problems(Fail(outcome={"returnCode": value})) == [
            ("instructions[0].outcome.returnCode", "wrong-type")
        ]


def test_what_is_behind_an_end_is_pointed_out_once() -> None:
    workflow = Workflow((Finish(), RUN, RUN), jobs={"load": job()})
    (problem,) = check_workflow(workflow)
    assert (problem.place, problem.severity) == ("instructions[1]", Severity.WARNING)
    assert problem.sentence == "This is never reached: the Finish at 0 leaves the block."
    assert problems(If("true", then=block(Finish())), RUN) == []


# Jobs


@pytest.mark.parametrize("name", ["load", "load-eu.2", "Zähler", "_x", "a1-b2.c3", "1st"])
def test_good_names(name: str) -> None:
    assert problems(Execute(name), jobs={name: job()}) == []


@pytest.mark.parametrize("name", ["", "a b", "a..b", "-a", "a-", "a/b", "a$b", "a\n", "x" * 256])
def test_bad_names(name: str) -> None:
    codes = {code for _, code in problems(jobs={name: job()})}
    assert codes == {"name-invalid"}
    assert with_job(job(agent_name=name)) == [("jobs.load.agentName", "name-invalid")]


def test_agents_resources_and_zones_are_known_if_told() -> None:
    known = Known(frozenset({"agent-b"}), frozenset({"other"}), frozenset({"Etc/UTC"}))
    found = problems(
        jobs={"load": job(job_resource_names=("db", "other"))},
        job_resource_names=("web",),
        time_zone="Europe/Berlin",
        known=known,
    )
    assert found == [
        ("timeZone", "time-zone-unknown"),
        ("jobResourceNames[0]", "job-resource-unknown"),
        ("jobs.load.agentName", "agent-unknown"),
        ("jobs.load.jobResourceNames[0]", "job-resource-unknown"),
    ]
    assert problems(RUN, known=Known()) == []


@pytest.mark.parametrize("name", ["", "Europe Berlin", "../etc/passwd", "a/b/c/d", "9"])
def test_without_being_told_zones_must_be_plausible(name: str) -> None:
    assert problems(time_zone=name) == [("timeZone", "time-zone-unknown")]


@pytest.mark.parametrize("name", ["Etc/UTC", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_plausible_zones_are_fine(name: str) -> None:
    assert problems(time_zone=name) == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"parallelism": 0}, "parallelism"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 10**10}, "timeout"),
        ({"grace_timeout": -1}, "graceTimeout"),
    ],
)
def test_limits_have_bounds(fields: dict[str, Any], place: str) -> None:
    assert with_job(job(**fields)) == [(f"jobs.load.{place}", "out-of-range")]


def test_limits_within_bounds_are_fine() -> None:
    assert with_job(job(parallelism=1, timeout=1, grace_timeout=0)) == []


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"criticality": "HUGE"}, "criticality", "choice-unknown"),
        ({"warn_if_longer": "1h"}, "warnIfLonger", "duration-invalid"),
        ({"warn_if_shorter": "0:61:00"}, "warnIfShorter", "duration-invalid"),
        ({"notification": Notification(("EROR",))}, "notification.types[0]", "choice-unknown"),
        ({"default_arguments": {"a": "("}}, "defaultArguments.a", "expression-invalid"),
        ({"default_arguments": {"": 1}}, 'defaultArguments[""]', "name-invalid"),
        ({"script_fields": {"env": {"A": "("}}}, "executable.env.A", "expression-invalid"),
        ({"script_fields": {"env": {"1A": "1"}}}, 'executable.env["1A"]', "name-invalid"),
        ({"script_fields": {"env": {"A=B": "1"}}}, 'executable.env["A=B"]', "name-invalid"),
        (
            {"script_fields": {"env": {"JS7_RETURN_VALUES": "1"}}},
            "executable.env.JS7_RETURN_VALUES",
            "name-reserved",
        ),
        ({"script_fields": {"script": " \n"}}, "executable.script", "script-empty"),
    ],
)
def test_other_fields_of_jobs(fields: dict[str, Any], place: str, code: str) -> None:
    assert with_job(job(**fields)) == [(f"jobs.load.{place}", code)]


@pytest.mark.parametrize(
    ("meaning", "place"),
    [
        (ReturnCodeMeaning(success="0-3"), ".success"),
        (ReturnCodeMeaning(failure="3..1"), ".failure"),
        (ReturnCodeMeaning(success="0", failure="1"), ""),
        (ReturnCodeMeaning(failure="1..3", warning=(2,)), ".warning"),
    ],
)
def test_return_codes_are_parsed(meaning: ReturnCodeMeaning, place: str) -> None:
    assert with_job(job(return_code_meaning=meaning)) == [
        (f"jobs.load.returnCodeMeaning{place}", "return-codes-invalid")
    ]
    assert with_job(job(script_fields={"return_code_meaning": meaning})) == [
        (f"jobs.load.executable.returnCodeMeaning{place}", "return-codes-invalid")
    ]


def test_two_different_meanings_of_return_codes_are_a_problem() -> None:
    one, other = ReturnCodeMeaning(success="0"), ReturnCodeMeaning(success="1")
    assert with_job(job(script_fields={"return_code_meaning": one}, return_code_meaning=one)) == []
    assert with_job(job(script_fields={"return_code_meaning": one}, return_code_meaning=other)) == [
        ("jobs.load.returnCodeMeaning", "return-codes-invalid")
    ]


# Parameters


@pytest.mark.parametrize(
    "fields",
    [
        {"default": "'emea'"},
        {"final": '"dwh-$region"'},
        {"type": "Number", "default": 25},
        {"type": "Number", "default": "1 + 2"},
        {"type": "Boolean", "default": False},
        {"type": "List", "list_parameters": {"size": ListParameter("Number", 0)}},
        {"type": "Map", "default": {"a": 1}},
        {"facet": "[a-z]{2,3}"},
        {"list": ("'a'", "'b'"), "default": "'b'"},
        {"list": ("a", "b"), "default": '"b"'},
        {"list": (1, 2), "type": "Number", "default": 2},
        {"list": ("'a'",), "default": "now('yyyy')"},
    ],
)
def test_good_parameters(fields: dict[str, Any]) -> None:
    assert with_parameter(**fields) == []


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"type": "Text"}, ".type", "choice-unknown"),
        ({"default": "not quoted"}, ".default", "expression-invalid"),
        ({"final": "("}, ".final", "expression-invalid"),
        ({"default": 25}, ".default", "wrong-type"),
        ({"type": "Number", "default": True}, ".default", "wrong-type"),
        ({"type": "Boolean", "default": 1}, ".default", "wrong-type"),
        ({"type": "List", "default": {"a": 1}}, ".default", "wrong-type"),
        ({"default": "'a'", "final": "'b'"}, ".default", "default-and-final"),
        ({"facet": "[a-"}, ".facet", "pattern-invalid"),
        ({"facet": "a{99999999999999999999}"}, ".facet", "pattern-invalid"),
        ({"type": "Number", "facet": "[0-9]"}, ".facet", "facet-misplaced"),
        ({"list": ()}, ".list", "list-empty"),
        ({"list": ("'a'",), "default": "'b'"}, ".default", "default-not-allowed"),
        ({"list_parameters": {}}, ".listParameters", "columns-misplaced"),
        (
            {"type": "List", "list_parameters": {"a": ListParameter("Text")}},
            ".listParameters.a.type",
            "choice-unknown",
        ),
        (
            {"type": "List", "list_parameters": {"a": ListParameter("Number", True)}},
            ".listParameters.a.default",
            "wrong-type",
        ),
        ({"name": "a`b"}, None, "name-invalid"),
    ],
)
def test_bad_parameters(fields: dict[str, Any], place: str | None, code: str) -> None:
    expected = '["a`b"]' if place is None else f".p{place}"
    assert with_parameter(**fields) == [(f"orderPreparation.parameters{expected}", code)]


@pytest.mark.parametrize("text", ["6", "24:00:00", "06:60", "06:00:00Z"])
def test_the_day_offset_is_a_time_of_day(text: str) -> None:
    assert problems(day_offset=text) == [("dayOffset", "time-invalid")]
    assert problems(day_offset="06:00") == problems(day_offset="23:59:59") == []
