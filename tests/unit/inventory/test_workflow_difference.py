"""What differs between two workflows: what came, changed, moved or went, and where."""

from typing import Any

from engine.workflow.read import read_workflow
from inventory.workflow_difference import Kind, WorkflowDifference, workflow_difference


def job(name: str, label: str = "", **more: Any) -> dict[str, Any]:
    named = {"label": label} if label else {}
    return {"TYPE": "Execute.Named", "jobName": name, **named, **more}


def retry(*inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"TYPE": "Retry", "maxTries": 3, "try": {"instructions": list(inner)}, **more}


def fork(**branches: list[dict[str, Any]]) -> dict[str, Any]:
    lanes = [{"id": name, "workflow": {"instructions": its}} for name, its in branches.items()]
    return {"TYPE": "Fork", "branches": lanes}


def document(*instructions: dict[str, Any], **more: Any) -> dict[str, Any]:
    run = {"TYPE": "ShellScriptExecutable", "script": "true"}
    jobs = {name: {"agentName": "a", "executable": run} for name in ("load", "check", "post")}
    return {"instructions": list(instructions), "jobs": jobs, **more}


def difference(old: dict[str, Any], new: dict[str, Any]) -> WorkflowDifference:
    before, after = read_workflow(old), read_workflow(new)
    assert before.workflow, before.problems
    assert after.workflow, after.problems
    return workflow_difference(before.workflow, after.workflow)


def kinds(found: WorkflowDifference) -> dict[str, Kind]:
    return {at: changed.kind for at, changed in found.changed.items()}


def test_two_that_say_the_same_do_not_differ() -> None:
    same = document(job("load"), retry(job("check")))
    assert difference(same, same) == WorkflowDifference(removed=[])


def test_an_instruction_put_in_is_added_and_those_behind_it_stay_as_they_are() -> None:
    found = difference(
        document(job("load"), job("post")), document(job("load"), job("check"), job("post"))
    )
    assert kinds(found) == {"1": Kind.ADDED}
    assert not found.removed


def test_what_is_in_an_added_block_is_added_too() -> None:
    found = difference(document(), document(retry(job("load"), job("post"))))
    assert kinds(found) == dict.fromkeys(("0", "0/try/0", "0/try/1"), Kind.ADDED)


def test_one_that_is_gone_is_told_of_at_the_place_before_which_it_stood() -> None:
    found = difference(
        document(job("load"), retry(job("check"), job("post"))),
        document(job("load"), retry(job("post"))),
    )
    assert not found.changed
    assert [(each.before, each.was) for each in found.removed] == [("1/try/0", "1/try/0")]


def test_the_last_one_of_a_block_leaves_a_place_at_the_end_of_it() -> None:
    found = difference(
        document(retry(job("load"), job("post")), job("check")),
        document(retry(job("load")), job("check")),
    )
    assert [(each.before, each.was) for each in found.removed] == [("0/try/1", "0/try/1")]


def test_a_changed_field_is_named_and_a_block_around_a_change_is_not_changed_itself() -> None:
    found = difference(
        document(retry(job("load", "first"))), document(retry(job("check", "first"), maxTries=5))
    )
    assert found.changed["0"].fields == ("maxTries",)
    assert found.changed["0/try/0"].fields == ("jobName",)
    inner = difference(
        document(retry(job("load", "first"))), document(retry(job("check", "first")))
    )
    assert kinds(inner) == {"0/try/0": Kind.CHANGED}


def test_one_that_says_the_same_elsewhere_has_moved() -> None:
    found = difference(
        document(job("load", "a"), job("check", "b"), retry()),
        document(job("check", "b"), retry(job("load", "a"))),
    )
    assert kinds(found) == {"1/try/0": Kind.MOVED}
    assert [(each.was, each.before, each.to) for each in found.removed] == [("0", "0", "1/try/0")]


def test_a_branch_that_is_gone_is_a_change_of_its_fork() -> None:
    both, one = fork(eu=[job("load")], us=[job("check")]), fork(eu=[job("load")])
    found = difference(document(both), document(one))
    assert found.changed["0"].fields == ("branches", "-fork+us")


def test_a_branch_that_came_is_a_change_and_what_is_in_it_is_added() -> None:
    both, one = fork(eu=[job("load")], us=[job("check")]), fork(eu=[job("load")])
    found = difference(document(one), document(both))
    assert kinds(found) == {"0": Kind.CHANGED, "0/fork+us/0": Kind.ADDED}


def test_a_changed_job_is_seen_wherever_it_is_run() -> None:
    old, new = document(job("load"), retry(job("load"))), document(job("load"), retry(job("load")))
    new["jobs"] = {**new["jobs"], "load": {**new["jobs"]["load"], "timeout": 60, "agentName": "b"}}
    found = difference(old, new)
    assert found.changed["0"].fields == ("job agentName", "job timeout")
    assert found.changed["1/try/0"].kind is Kind.CHANGED
    assert found.jobs == {"load": ("agentName", "timeout")}


def test_fields_of_the_workflow_and_jobs_that_came_and_went_are_told() -> None:
    old, new = document(title="old"), document(title="new", timeZone="UTC")
    new["jobs"] = {"load": new["jobs"]["load"], "more": new["jobs"]["load"]}
    found = difference(old, new)
    assert found.fields == ("timeZone", "title")
    assert found.jobs == {"check": (), "post": (), "more": ()}


def test_another_type_in_its_place_is_one_gone_and_one_come() -> None:
    found = difference(document({"TYPE": "Sleep", "duration": "1"}), document({"TYPE": "Stop"}))
    assert kinds(found) == {"0": Kind.ADDED}
    assert [each.was for each in found.removed] == ["0"]
