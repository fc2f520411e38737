"""What a workflow refers to, and where."""

from engine.workflow.model import (
    AddOrder,
    Block,
    ConsumeNotices,
    Demand,
    Execute,
    ExpectNotices,
    If,
    Job,
    Lock,
    PostNotices,
    ShellScript,
    StickySubagent,
    Workflow,
)
from engine.workflow.relations import Relations, relations


def test_everything_referred_to_is_found_with_its_positions() -> None:
    job = Job(
        agent_name="agent-a",
        executable=ShellScript("##!include log\n", {"A": "JobResource:db:user"}),
        job_resource_names=("web",),
        subagent_cluster_id="cluster",
    )
    workflow = Workflow(
        (
            Lock(Block((Execute("load"),)), (Demand("tape"), Demand("disk", 1))),
            Lock(Block((PostNotices(("done", "more")),)), lock_name="tape"),
            ExpectNotices("'a' && ('b' || 'a')"),
            ConsumeNotices("'a'", Block((AddOrder("other", {"x": "JobResource:api:x"}),))),
            If("JobResource:db:on", Block((StickySubagent("agent-b", Block(())),))),
        ),
        jobs={"load": job, "idle": Job("agent-c", ShellScript("true"))},
        job_resource_names=("all",),
    )
    assert relations(workflow) == Relations(
        locks={"tape": ((0,), (1,)), "disk": ((0,),)},
        boards_posted={"done": ((1, "lock", 0),), "more": ((1, "lock", 0),)},
        boards_expected={"a": ((2,),), "b": ((2,),)},
        boards_consumed={"a": ((3,),)},
        workflows_added={"other": ((3, "consumeNotices", 0),)},
        job_resources={
            "all": (),
            "web": ((0, "lock", 0),),
            "db": ((0, "lock", 0), (4,)),
            "api": ((3, "consumeNotices", 0),),
        },
        agents={"agent-a": ((0, "lock", 0),), "agent-b": ((4, "then", 0),), "agent-c": ()},
        subagent_clusters={"cluster": ((0, "lock", 0),)},
        include_scripts={"log": ((0, "lock", 0),)},
    )


def test_a_workflow_alone_refers_to_nothing_and_what_is_unreadable_is_left_out() -> None:
    assert relations(Workflow(())) == Relations()
    broken = Workflow((ExpectNotices("a &&"), If("(", Block(()))))
    assert relations(broken) == Relations()
