"""Reading: all problems at once, each with its place, and never an exception."""

import datetime as dt
import json
import math
from typing import Any

import pytest

from engine.objects.read import read_object
from engine.workflow.json_values import Limits
from engine.workflow.model import Execute, If, Workflow
from engine.workflow.read import Reading, read_workflow
from engine.workflow.vocabulary import TYPES_REFUSED

SHELL: dict[str, Any] = {"TYPE": "ShellScriptExecutable", "script": "true"}
JOB: dict[str, Any] = {"agentName": "agent-a", "executable": SHELL}
BOARD: dict[str, Any] = {"postOrderToNoticeId": "1", "expectOrderToNoticeId": "1"}
RUN: dict[str, Any] = {"TYPE": "Execute.Named", "jobName": "load"}


EXECUTABLES = {name for name in TYPES_REFUSED if name.endswith("Executable")}


def document(*instructions: Any, **fields: Any) -> dict[str, Any]:
    return {"instructions": list(instructions), "jobs": {"load": JOB}, **fields}


def with_job(**fields: Any) -> dict[str, Any]:
    return document(jobs={"load": JOB | fields})


def read(value: Any) -> Reading:
    return read_workflow(json.dumps(value).encode())


def found(reading: Reading) -> set[tuple[str, str]]:
    assert reading.workflow is None
    return {(p.place, p.code) for p in reading.problems}


def test_a_good_document_becomes_a_workflow() -> None:
    reading = read(
        document(RUN, {"TYPE": "If", "predicate": "true", "then": {"instructions": [RUN]}})
    )
    assert reading.problems == ()
    assert isinstance(reading.workflow, Workflow)
    first, second = reading.workflow.instructions
    assert isinstance(first, Execute)
    assert isinstance(second, If)
    assert second.then.instructions == (first,)


def test_all_problems_come_at_once_with_their_places() -> None:
    reading = read(
        {
            "instructions": [
                {"TYPE": "Execute.Named"},
                {"TYPE": "If", "predicate": 1, "then": {"instructions": [{"TYPE": "Gap"}]}},
                {"TYPE": "Exekute"},
                {"TYPE": "Fork", "branches": [{"id": "a", "workflow": {}}]},
                7,
            ],
            "jobs": {"a.b": {"agentname": "x", "executable": {**SHELL, "env": {"A": 1}}}},
            "titel": "x",
        }
    )
    assert found(reading) == {
        ("instructions[0].jobName", "field-missing"),
        ("instructions[1].predicate", "wrong-type"),
        ("instructions[1].then.instructions[0].TYPE", "not-supported"),
        ("instructions[2].TYPE", "type-unknown"),
        ("instructions[3].branches[0].workflow.instructions", "field-missing"),
        ("instructions[4]", "wrong-type"),
        ('jobs["a.b"].agentName', "field-missing"),
        ('jobs["a.b"].agentname', "field-unknown"),
        ('jobs["a.b"].executable.env.A', "wrong-type"),
        ("titel", "field-unknown"),
    }


def test_a_misspelt_name_is_answered_with_the_near_one() -> None:
    sentences = {p.place: p.sentence for p in read(document(titel="x")).problems}
    assert sentences["titel"] == 'There is no field "titel" here. Did you mean title?'
    sentences = {p.place: p.sentence for p in read(document({"TYPE": "Execute"})).problems}
    assert sentences["instructions[0].TYPE"].endswith("Did you mean Execute.Named?")


def test_a_type_that_is_like_none_is_answered_with_all_that_there_are() -> None:
    cycle = {"TYPE": "Cycle", "schedule": {"schemes": [{"repeat": {"TYPE": "Weekly"}}]}}
    (problem,) = read(document({**cycle, "cycleWorkflow": {"instructions": []}})).problems
    assert problem.place == "instructions[0].schedule.schemes[0].repeat.TYPE"
    assert problem.sentence == (
        '"Weekly" is no type known here. There are: Periodic, Ticking, Continuous.'
    )


@pytest.mark.parametrize("name", sorted(TYPES_REFUSED.keys() - EXECUTABLES))
def test_instructions_of_the_engine_are_refused_with_what_to_write(name: str) -> None:
    (problem,) = read(document({"TYPE": name})).problems
    assert (problem.place, problem.code) == ("instructions[0].TYPE", "not-supported")
    assert problem.sentence.startswith(f"{name} is ")
    assert "write" in problem.sentence or "leave" in problem.sentence


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"className": "com.sos.jitl.jobs.ssh.SSHJob"}, "kind Ssh"),
        ({"className": "com.sos.jitl.jobs.db.SQLExecutorJob"}, "kind Sql"),
        ({"className": "com.sos.jitl.jobs.db.oracle.PLSQLJob"}, "kind Sql"),
        ({"className": "com.sos.jitl.jobs.rest.RESTClientJob"}, "kind Http"),
        ({"className": "com.sos.jitl.jobs.yade.YADEJob"}, "kind FileTransfer"),
        ({"className": "com.sos.jitl.jobs.file.CopyFileJob"}, "kind FileTransfer"),
        ({"className": "X", "internalType": "JavaScript_Node"}, "node"),
        ({"className": "X", "internalType": "Python_Graal"}, "PythonExecutable"),
        ({"className": "X", "internalType": "Java"}, "starts java"),
        ({"className": 7}, "ShellScriptExecutable or PythonExecutable"),
        ({}, "ShellScriptExecutable or PythonExecutable"),
    ],
)
def test_jvm_executables_are_refused_with_what_to_write(fields: dict[str, Any], hint: str) -> None:
    reading = read(with_job(executable={"TYPE": "InternalExecutable", **fields}))
    (problem,) = reading.problems
    assert (problem.place, problem.code) == ("jobs.load.executable.TYPE", "not-supported")
    assert hint in problem.sentence


@pytest.mark.parametrize("name", sorted(EXECUTABLES - {"InternalExecutable"}))
def test_executables_by_path_are_refused_with_what_to_write(name: str) -> None:
    (problem,) = read(with_job(executable={"TYPE": name, "path": "x"})).problems
    assert "ShellScriptExecutable" in problem.sentence


@pytest.mark.parametrize(
    ("executable", "codes"),
    [
        ({"login": None}, []),
        ({"login": {"credentialKey": "x"}}, ["not-supported"]),
    ],
)
def test_refused_fields_are_taken_where_they_ask_for_nothing(
    executable: dict[str, Any], codes: list[str]
) -> None:
    reading = read(with_job(executable=SHELL | executable))
    assert [p.code for p in reading.problems] == codes


def test_a_choice_in_the_shape_is_one_of_its_words() -> None:
    assert [p.code for p in read_object("noticeboard", BOARD | {"boardType": "X"}).problems] == [
        "choice-unknown"
    ]


def test_what_js7_adds_on_output_is_left_out() -> None:
    shown = RUN | {"position": [0], "positionString": "0", "state": {"_text": "SKIPPED"}}
    assert read(document(shown, TYPE="Workflow")) == read(document(RUN))
    # The same words mean nothing elsewhere.
    assert found(read(document(jobs={"load": JOB | {"position": [0]}}))) == {
        ("jobs.load.position", "field-unknown")
    }


@pytest.mark.parametrize(
    ("data", "code", "part"),
    [
        (b"", "no-json", "line 1, column 1"),
        (b'{"instructions": [\n  {"TYPE": }]}', "no-json", "line 2, column 12"),
        (b'{"title":\n "\xff"}', "not-utf8", "line 2, byte 3"),
        (b"[" * 100_000, "too-deep", "levels"),
        (b'{"title":' * 100_000, "too-deep", "levels"),
    ],
)
def test_bytes_that_are_no_json_are_told_with_line_and_column(
    data: bytes, code: str, part: str
) -> None:
    (problem,) = read_workflow(data).problems
    assert (problem.place, problem.code) == ("", code)
    assert part in problem.sentence


@pytest.mark.parametrize("value", [[], "x", 1, None, True])
def test_json_that_is_no_object_is_a_wrong_type(value: object) -> None:
    assert found(read(value)) == {("", "wrong-type")}


def test_a_byte_order_mark_is_accepted() -> None:
    assert read_workflow(b"\xef\xbb\xbf" + json.dumps(document(RUN)).encode()).workflow


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (r'"a\u0000b"', "text-unusable"),
        (r'"a\ud800b"', "text-unusable"),
        ("NaN", "number-out-of-range"),
        ("-Infinity", "number-out-of-range"),
        ("1e999", "number-out-of-range"),
        ("9" * 5000, "number-out-of-range"),
        (str(2**63), "number-out-of-range"),
    ],
)
def test_values_that_cannot_be_kept_are_problems(text: str, code: str) -> None:
    head = b'{"instructions": [], "orderPreparation": {"parameters": {"p": {"default": '
    reading = read_workflow(head + text.encode() + b"}}}}")
    assert found(reading) == {("orderPreparation.parameters.p.default", code)}


def test_such_values_give_no_second_problem_about_their_type() -> None:
    assert found(read(document(title="a\0"))) == {("title", "text-unusable")}
    assert found(read(document(jobs={"load": JOB | {"timeout": 2**70}}))) == {
        ("jobs.load.timeout", "number-out-of-range")
    }


def test_nul_in_a_name_is_a_problem() -> None:
    assert ("jobs", "text-unusable") in found(read(document(jobs={"a\0b": JOB})))


def test_repeated_names_are_problems() -> None:
    data = b'{"instructions": [], "jobs": {"a": 1, "b": 2, "a": 3}, "title": "x", "title": "y"}'
    codes = found(read_workflow(data))
    assert {("", "key-repeated"), ("jobs", "key-repeated")} <= codes


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parallelism", True),
        ("parallelism", 1.0),
        ("parallelism", "1"),
        ("parallelism", None),
        ("failOnErrWritten", 1),
        ("failOnErrWritten", "true"),
        ("jobResourceNames", "one"),
        ("jobResourceNames", {"a": 1}),
        ("jobResourceNames", [None]),
        ("title", 3),
        ("executable", []),
        ("jobTemplate", "x"),
    ],
)
def test_wrong_types_are_problems(field: str, value: object) -> None:
    reading = read(document(jobs={"load": JOB | {field: value}}))
    assert {p.code for p in reading.problems} == {"wrong-type"}
    assert all(p.place.startswith(f"jobs.load.{field}") for p in reading.problems)


def test_return_codes_are_a_list_or_a_text() -> None:
    for good in ("0..3,7", [0, 3], None):
        assert read(
            document(jobs={"load": JOB | {"returnCodeMeaning": {"success": good}}})
        ).workflow
    reading = read(document(jobs={"load": JOB | {"returnCodeMeaning": {"success": 3}}}))
    assert reading.problems[0].sentence == "A list or a text is needed, not a whole number."


def test_a_script_of_five_megabytes_is_a_problem() -> None:
    reading = read(
        document(jobs={"load": {**JOB, "executable": {**SHELL, "script": "x" * 5_000_000}}})
    )
    assert found(reading) == {("jobs.load.executable.script", "text-too-long")}
    assert "5000000 bytes; at most 1048576" in reading.problems[0].sentence


def test_a_larger_limit_lets_the_same_script_pass() -> None:
    values = with_job(executable={**SHELL, "script": "x" * 5_000_000})
    assert read_workflow(values, Limits(text_bytes=5_000_000)).workflow


def test_a_script_just_within_the_limit_is_read() -> None:
    script = "x" * (1024 * 1024)
    assert read(
        document(jobs={"load": {**JOB, "executable": {**SHELL, "script": script}}})
    ).workflow


def test_a_document_beyond_the_limit_is_not_even_decoded() -> None:
    reading = read_workflow(b"x" * 101, Limits(document_bytes=100))
    assert found(reading) == {("", "too-large")}


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = RUN
    for _ in range(levels):
        branch = {"id": "a", "workflow": {"instructions": [inner]}}
        inner = {"TYPE": "Fork", "branches": [branch]}
    return document(inner)


def test_sixty_four_nested_blocks_are_read() -> None:
    assert read(nested(64)).workflow


def test_one_more_is_a_problem_at_its_place() -> None:
    (problem,) = read(nested(65)).problems
    assert problem.code == "too-deep"
    assert problem.sentence == "Blocks are nested deeper than 64 levels."
    assert problem.place.count("branches") == 65


def test_a_larger_limit_lets_the_same_nesting_pass() -> None:
    assert read_workflow(nested(65), Limits(blocks=65)).workflow


@pytest.mark.parametrize("levels", [70, 99, 120, 190, 2_000])
def test_deep_nesting_never_exhausts_the_stack(levels: int) -> None:
    text = '{"TYPE":"If","predicate":"true","then":{"instructions":['
    data = b'{"instructions":[' + text.encode() * levels + b"]}}" * levels + b"]}"
    assert {p.code for p in read_workflow(data).problems} == {"too-deep"}


def test_values_that_contain_themselves_are_too_deep() -> None:
    endless: dict[str, Any] = document()
    endless["jobs"] = endless
    assert found(read_workflow(endless)) == {("", "too-deep")}


def test_values_that_multiply_are_too_many() -> None:
    value: list[Any] = ["x"]
    for _ in range(30):
        value = [value, value]
    assert found(read_workflow(document(jobs=value), Limits(values=1000))) == {("", "too-large")}


def test_values_from_yaml_that_json_does_not_know_are_problems() -> None:
    values: dict[Any, Any] = document(title=dt.date(2026, 1, 1), version=math.nan)
    reading = read_workflow(values | {3: "x"})
    assert found(reading) == {
        ("", "wrong-type"),
        ("title", "not-json"),
        ("version", "number-out-of-range"),
        ('["3"]', "field-unknown"),
    }
    assert any("write it in quotes" in p.sentence for p in reading.problems)


def test_the_workflow_shares_nothing_with_the_values_given() -> None:
    values = document(RUN | {"defaultArguments": {"a": [1]}})
    reading = read_workflow(values)
    values["instructions"][0]["defaultArguments"]["a"].append(2)
    assert reading.workflow is not None
    (execute,) = reading.workflow.instructions
    assert isinstance(execute, Execute)
    assert execute.default_arguments == {"a": [1]}


def test_sentences_never_carry_a_whole_huge_name() -> None:
    for problem in read(document({"TYPE": "x" * 100_000}, **{"y" * 100_000: 1})).problems:
        assert len(problem.sentence) < 400
        assert len(problem.place) < 300


def test_beyond_a_thousand_problems_only_their_number_is_told() -> None:
    problems = read(document(*[{"TYPE": "Lock"}] * 1003)).problems
    assert len(problems) == 1001
    assert problems[-1].sentence == "There are 3 more problems."
