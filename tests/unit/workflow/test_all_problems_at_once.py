"""Problems of shape, of meaning and of references come in one answer, without what only follows."""

from typing import Any

from engine.workflow.check import Known, check_reading
from engine.workflow.read import read_workflow

KNOWN = Known(
    time_zones=frozenset({"Etc/UTC"}),
    locks=frozenset({"press"}),
    boards=frozenset(),
    workflows=frozenset(),
    job_resources=frozenset(),
)
SCRIPT = {"TYPE": "ShellScriptExecutable", "script": "true"}
JOB: dict[str, Any] = {"agentName": "agent-1", "executable": SCRIPT}


def run(name: str = "work", **fields: Any) -> dict[str, Any]:
    return {"TYPE": "Execute.Named", "jobName": name, **fields}


def told(*instructions: Any, **fields: Any) -> list[tuple[str, str]]:
    document = {"instructions": list(instructions), "jobs": {"work": JOB}, **fields}
    return [(p.place, p.code) for p in check_reading(read_workflow(document), KNOWN)]


def test_shape_meaning_and_references_are_told_in_one_answer() -> None:
    lock = {"TYPE": "Lock", "demands": [{"lockName": "nobody", "count": 0}]}
    job = {**JOB, "timeout": "5", "parallelism": 0, "jobResourceNames": ["nobody"]}
    assert told(
        run(label=5),
        run("nobody", label="a"),
        {**lock, "lockedWorkflow": {"instructions": [run(label="a"), "what"]}},
        jobs={"work": job},
        timeZone="Mars",
        dayOffset="25:00",
        orderPreparation={"parameters": {"day": {"default": "(("}, "at": []}},
    ) == [
        ("instructions[0].label", "wrong-type"),
        ("instructions[2].lockedWorkflow.instructions[1]", "wrong-type"),
        ("jobs.work.timeout", "wrong-type"),
        ("orderPreparation.parameters.at", "wrong-type"),
        ("timeZone", "time-zone-unknown"),
        ("dayOffset", "time-invalid"),
        ("orderPreparation.parameters.day.default", "expression-invalid"),
        ("instructions[1].jobName", "job-unknown"),
        ("instructions[2].demands[0].lockName", "lock-unknown"),
        ("instructions[2].demands[0].count", "out-of-range"),
        ("instructions[2].lockedWorkflow.instructions[0].label", "label-repeated"),
        ("jobs.work.parallelism", "out-of-range"),
        ("jobs.work.jobResourceNames[0]", "job-resource-unknown"),
    ]


def test_what_is_within_an_unknown_instruction_is_checked() -> None:
    cycle = {
        "TYPE": "Cylce",
        "schedule": {"schemes": [{"repeat": {"TYPE": "Ticking", "interval": 0}}]},
        "cycleWorkflow": {"instructions": [run("nobody"), run(label=5), {"TYPE": "Break"}]},
    }
    tried = {
        "TYPE": "Trry",
        "maxTries": 0,
        "try": {"instructions": [cycle]},
        "catch": {"instructions": [{"TYPE": "Retry"}, 5]},
    }
    assert told(tried) == [
        ("instructions[0].TYPE", "type-unknown"),
        ("instructions[0].try.instructions[0].TYPE", "type-unknown"),
        ("instructions[0].try.instructions[0].cycleWorkflow.instructions[1].label", "wrong-type"),
        ("instructions[0].catch.instructions[1]", "wrong-type"),
        (
            "instructions[0].try.instructions[0].schedule.schemes[0].repeat.interval",
            "out-of-range",
        ),
        (
            "instructions[0].try.instructions[0].cycleWorkflow.instructions[0].jobName",
            "job-unknown",
        ),
    ]


def test_a_break_within_an_instruction_of_unknown_type_may_stand_within_a_cycle() -> None:
    strange = {"TYPE": "Loop", "block": {"instructions": [{"TYPE": "Break"}, {"TYPE": "Retry"}]}}
    assert told(strange) == [("instructions[0].TYPE", "type-unknown")]


def test_jobs_that_cannot_be_read_are_not_told_to_be_unknown() -> None:
    assert told(run(), jobs=[]) == [("jobs", "wrong-type")]
    assert told(run(), jobs={"work": []}) == [("jobs.work", "wrong-type")]
    document = {"instructions": [run()], "job": {"work": JOB}}
    found = check_reading(read_workflow(document))
    assert [(p.place, p.code) for p in found] == [("job", "field-unknown")]


def test_a_misspelt_field_is_not_told_to_be_missing_what_it_may_be_meant_for() -> None:
    fork = {"TYPE": "ForkList", "childrn": "$list", "workflow": {"instructions": []}}
    assert told(fork) == [("instructions[0].childrn", "field-unknown")]


def test_a_value_that_no_json_has_hides_nothing_else() -> None:
    document = b'{"instructions": [{"TYPE": "Execute.Named", "jobName": "a"}], "title": "a\\u0000"}'
    found = check_reading(read_workflow(document))
    assert [(p.place, p.code) for p in found] == [
        ("title", "text-unusable"),
        ("instructions[0].jobName", "job-unknown"),
    ]


def test_what_is_no_document_at_all_is_told_alone() -> None:
    assert [p.code for p in check_reading(read_workflow(b"{"))] == ["no-json"]
    assert [p.code for p in check_reading(read_workflow(b"5"))] == ["wrong-type"]
    assert [p.code for p in check_reading(read_workflow({"a": [None] * 500_001}))] == ["too-large"]


def test_offsets_are_not_told_for_a_period_that_is_told() -> None:
    def cycle(period: object) -> dict[str, Any]:
        repeat = {"TYPE": "Periodic", "period": period, "offsets": [0, 60]}
        schedule = {"schemes": [{"repeat": repeat}]}
        return {"TYPE": "Cycle", "schedule": schedule, "cycleWorkflow": {"instructions": [run()]}}

    place = "instructions[0].schedule.schemes[0].repeat.period"
    assert told(cycle(0)) == [(place, "out-of-range")]
    assert told(cycle("1h")) == [(place, "wrong-type")]


def test_a_name_that_can_be_nobodys_is_not_told_to_be_unknown_too() -> None:
    assert told(run(), jobResourceNames=["a b"]) == [("jobResourceNames[0]", "name-invalid")]
