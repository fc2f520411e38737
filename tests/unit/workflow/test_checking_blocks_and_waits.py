"""Checking locks, notices, cycles, forks over lists and others that wait or hold."""

from typing import Any

import pytest

from engine.workflow.check import Known, check_workflow
from engine.workflow.model import (
    AddOrder,
    AdmissionTime,
    Block,
    Branch,
    Break,
    ConsumeNotices,
    Cycle,
    Demand,
    Execute,
    ExpectNotices,
    Fork,
    ForkList,
    If,
    Instruction,
    Job,
    Lock,
    Options,
    PostNotices,
    Prompt,
    Segment,
    ShellScript,
    Sleep,
    StickySubagent,
    Stop,
    Workflow,
)
from engine.workflow.problem import Severity
from timetable.scheme import (
    AdmissionTimeScheme,
    CycleSchedule,
    DailyPeriod,
    Periodic,
    Scheme,
)

RUN = Execute("load")
HOURLY = CycleSchedule((Scheme(Periodic(3600)),))
BY_DAY = AdmissionTimeScheme((DailyPeriod(0, 3600),))


def job(agent: str = "agent-a", **fields: Any) -> Job:
    return Job(agent_name=agent, executable=ShellScript("true"), **fields)


def block(*instructions: Instruction, result: dict[str, str] | None = None) -> Block:
    return Block(instructions, result)


def problems(
    *instructions: Instruction, known: Known | None = None, **jobs: Job
) -> list[tuple[str, str]]:
    workflow = Workflow(instructions, {"load": job(), **jobs})
    return [(p.place, p.code) for p in check_workflow(workflow, known)]


def severities(*instructions: Instruction) -> set[Severity]:
    return {p.severity for p in check_workflow(Workflow(instructions, {"load": job()}))}


def test_all_of_them_together_make_sense() -> None:
    assert (
        problems(
            ForkList(block(RUN, result={"r": "$x"}), children="$list", child_to_id="(x, i) => $i"),
            ForkList(block(RUN), agent_name="agent-a", subagent_cluster_id="cluster"),
            Lock(block(RUN), (Demand("a", 1), Demand("b"))),
            Lock(block(RUN), lock_name="a", count=2),
            PostNotices(("a", "b"), {"rows": "$rows"}),
            ExpectNotices("'a' && ('b' || 'c')"),
            ConsumeNotices("'a'", block(RUN), "DontWait"),
            AddOrder("other", {"a": "1"}, start_position="here", end_positions=([1],)),
            Cycle(block(RUN, Break()), HOURLY),
            Prompt("'Go on?'"),
            Sleep("$seconds"),
            StickySubagent("agent-a", block(RUN)),
            Options(block(RUN), stop_on_failure=True),
            AdmissionTime(block(RUN), BY_DAY),
            Segment(block(RUN), label="part"),
            Stop(),
        )
        == []
    )


# Expressions


@pytest.mark.parametrize(
    ("instruction", "place"),
    [
        (ForkList(block(), children="(", child_to_id="x => $x"), "children"),
        (ForkList(block(), children="$l", child_to_id="x =>"), "childToId"),
        (ForkList(block(result={"r": "1 +"}), "$l", "x => $x"), "workflow.result.r"),
        (PostNotices(("a",), {"x": "("}), "arguments.x"),
        (AddOrder("w", {"x": "("}), "arguments.x"),
        (Prompt("Go on?"), "question"),
        (Sleep("a while"), "duration"),
        (StickySubagent("a", block(), subagent_cluster_id_expr="("), "subagentClusterIdExpr"),
    ],
)
def test_expressions_are_parsed(instruction: Instruction, place: str) -> None:
    assert problems(instruction) == [(f"instructions[0].{place}", "expression-invalid")]


def test_a_duration_that_is_never_a_number_is_pointed_out() -> None:
    assert problems(Sleep("'long'")) == [("instructions[0].duration", "value-unfit")]
    assert severities(Sleep("'long'")) == {Severity.WARNING}
    assert problems(Sleep("missing"), Sleep("-5"), Sleep("$a")) == []


# Forks over lists


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({}, "children", "children-unclear"),
        ({"children": "$l"}, "childToId", "field-missing"),
        ({"children": "$l", "child_to_id": "$x"}, None, ""),
        ({"children": "$l", "child_to_id": "'x'"}, "childToId", "function-needed"),
        ({"children": "$l", "child_to_id": "(a, b, c) => $a"}, "childToId", "function-needed"),
        ({"subagent_cluster_id": "c"}, "agentName", "field-missing"),
        (
            {"agent_name": "a", "subagent_cluster_id": "c", "subagent_cluster_id_expr": "'c'"},
            "subagentClusterId",
            "cluster-twice",
        ),
        (
            {"agent_name": "a", "subagent_cluster_id": "c", "subagent_id_variable": "`"},
            "subagentIdVariable",
            "name-invalid",
        ),
    ],
)
def test_a_fork_list_has_children_or_subagents(
    fields: dict[str, Any], place: str | None, code: str
) -> None:
    expected = [] if place is None else [(f"instructions[0].{place}", code)]
    assert problems(ForkList(block(), **fields)) == expected


def test_children_and_subagents_together_are_unclear() -> None:
    both = ForkList(block(), "$l", "x => $x", agent_name="agent-a", subagent_cluster_id="cluster")
    assert problems(both) == [("instructions[0].children", "children-unclear")]


# Locks


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, ("demands", "demands-missing")),
        ({"count": 1}, ("demands", "demands-missing")),
        ({"demands": (Demand("a", 0),)}, ("demands[0].count", "out-of-range")),
        ({"demands": (Demand("a b"),)}, ("demands[0].lockName", "name-invalid")),
        ({"demands": (Demand("a"), Demand("a"))}, ("demands[1].lockName", "lock-repeated")),
        ({"demands": (Demand("a"),), "lock_name": "a"}, ("lockName", "demands-twice")),
        ({"lock_name": "a", "count": -1}, ("count", "out-of-range")),
        ({"lock_name": ""}, ("lockName", "name-invalid")),
    ],
)
def test_demands_are_clear(fields: dict[str, Any], found: tuple[str, str]) -> None:
    assert problems(Lock(block(), **fields)) == [(f"instructions[0].{found[0]}", found[1])]


def test_a_lock_that_is_held_already_is_pointed_out_but_not_beyond_a_branch() -> None:
    inner = Lock(block(RUN), lock_name="a")
    place = "instructions[0].lockedWorkflow.instructions[0].then.instructions[0]"
    nested = Lock(block(If("$x", block(inner))), (Demand("a"), Demand("b")))
    assert problems(nested) == [(place, "lock-nested")]
    assert severities(nested) == {Severity.WARNING}
    assert problems(Lock(block(Fork((Branch("x", block(inner)),))), (Demand("a"),))) == []
    assert problems(Lock(block(inner), (Demand("b"),))) == []


# Notices


def consumes(boards: str, inner: Instruction) -> ConsumeNotices:
    return ConsumeNotices(boards, subworkflow=block(inner))


@pytest.mark.parametrize(
    ("outer", "inner", "found"),
    [
        ("'a'", "'a'", True),
        ("'a' && 'b'", "'c' && ('a' || 'a')", True),
        ("'a' || 'b'", "'a'", False),
        ("'a'", "'a' || 'b'", False),
        ("'a'", "'b'", False),
    ],
)
def test_a_notice_that_is_held_for_certain_and_needed_again_is_pointed_out(
    outer: str, inner: str, found: bool
) -> None:
    again = consumes(inner, RUN)
    place = "instructions[0].subworkflow.instructions[0]"
    told = [(f"{place}.then.instructions[0].noticeBoardNames", "board-nested")]
    nested = consumes(outer, If("$x", block(again)))
    assert problems(nested) == (told if found else [])
    child = f"{place}.branches[0].workflow.instructions[0].noticeBoardNames"
    forked = consumes(outer, Fork((Branch("x", block(again)),)))
    assert problems(forked) == ([(child, "board-nested")] if found else [])
    assert severities(nested) == ({Severity.WARNING} if found else set())


def test_a_notice_that_is_held_may_be_read_and_one_that_was_given_back_consumed() -> None:
    assert problems(consumes("'a'", ExpectNotices("'a'"))) == []
    assert problems(consumes("'a'", RUN), consumes("'a'", RUN)) == []


@pytest.mark.parametrize(
    ("instruction", "place", "code"),
    [
        (PostNotices(()), "noticeBoardNames", "boards-missing"),
        (PostNotices(("a", "a")), "noticeBoardNames[1]", "board-repeated"),
        (PostNotices(("a b",)), "noticeBoardNames[0]", "name-invalid"),
        (PostNotices(("a",), {"": 1}), 'arguments[""]', "name-invalid"),
        (ExpectNotices("a"), "noticeBoardNames", "board-expression-invalid"),
        (ConsumeNotices("'a' &&"), "noticeBoardNames", "board-expression-invalid"),
        (ExpectNotices("'a b'"), "noticeBoardNames", "name-invalid"),
        (ExpectNotices("'a'", "Never"), "whenNotAnnounced", "choice-unknown"),
    ],
)
def test_boards_are_named_and_joined(instruction: Instruction, place: str, code: str) -> None:
    assert problems(instruction) == [(f"instructions[0].{place}", code)]


# Subagents


def test_sticky_blocks_are_not_nested_and_fit_their_jobs() -> None:
    nested = StickySubagent("agent-a", block(StickySubagent("agent-a", block(RUN))))
    assert problems(nested) == [("instructions[0].subworkflow.instructions[0]", "sticky-nested")]
    place = ("instructions[0].subworkflow.instructions[0].jobName", "sticky-elsewhere")
    assert problems(StickySubagent("agent-b", block(RUN))) == [place]
    clustered = StickySubagent("agent-a", block(RUN), subagent_cluster_id="one")
    assert problems(clustered, load=job(subagent_cluster_id="other")) == [place]
    assert problems(clustered, load=job(subagent_cluster_id="one")) == []


def test_a_cluster_is_given_in_one_way() -> None:
    both = job(subagent_cluster_id="c", subagent_cluster_id_expr="'c'")
    assert problems(load=both) == [("jobs.load.subagentClusterId", "cluster-twice")]
    lost = job(with_subagent_cluster_id_expr=True)
    assert problems(load=lost) == [("jobs.load.subagentClusterIdExpr", "field-missing")]
    assert problems(load=job(subagent_cluster_id_expr="(")) == [
        ("jobs.load.subagentClusterIdExpr", "expression-invalid")
    ]


# Adding orders


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"workflow_name": "a b"}, "workflowName", "name-invalid"),
        ({"start_position": "a/b"}, "startPosition", "name-invalid"),
        ({"start_position": (0, "then")}, "startPosition", "position-invalid"),
        ({"end_positions": ([0], 7)}, "endPositions[1]", "position-invalid"),
        ({"block_position": (0,)}, "blockPosition", "position-invalid"),
        ({"tags": ("",)}, "tags[0]", "name-invalid"),
        ({"priority": 2**31}, "priority", "out-of-range"),
        ({"arguments": {"`": 1}}, 'arguments["`"]', "name-invalid"),
    ],
)
def test_an_added_order_is_well_formed(fields: dict[str, Any], place: str, code: str) -> None:
    add = AddOrder(**{"workflow_name": "other", **fields})
    assert problems(add) == [(f"instructions[0].{place}", code)]
    assert problems(AddOrder("other", block_position=(0, "then"), priority=-3)) == []


# What there is


def test_everything_referred_to_exists_if_told() -> None:
    none = frozenset[str]()
    nothing = Known(
        agents=none,
        job_resources=none,
        locks=none,
        boards=none,
        workflows=none,
        subagent_clusters=none,
        include_scripts=none,
    )
    found = problems(
        Lock(block(PostNotices(("b",))), (Demand("l"),)),
        ExpectNotices("'b' || 'c'"),
        AddOrder("w"),
        StickySubagent("agent-z", block(), subagent_cluster_id="s"),
        If("JobResource:r:x == 1", block()),
        known=nothing,
    )
    assert found[:-1] == [
        ("instructions[0].demands[0].lockName", "lock-unknown"),
        ("instructions[0].lockedWorkflow.instructions[0].noticeBoardNames[0]", "board-unknown"),
        ("instructions[1].noticeBoardNames", "board-unknown"),
        ("instructions[1].noticeBoardNames", "board-unknown"),
        ("instructions[2].workflowName", "workflow-unknown"),
        ("instructions[3].agentName", "agent-unknown"),
        ("instructions[3].subagentClusterId", "subagent-cluster-unknown"),
        ("instructions[4].predicate", "job-resource-unknown"),
    ]
    assert found[-1] == ("jobs.load.agentName", "agent-unknown")
