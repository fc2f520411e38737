"""Writing: canonical bytes, and the id of a version."""

import hashlib
import json

from engine.workflow.model import Block, Execute, If, Job, ShellScript, Try, Workflow
from engine.workflow.read import read_workflow
from engine.workflow.write import digest, write_workflow


def test_the_smallest_workflow_has_its_instructions() -> None:
    assert write_workflow(Workflow(())) == b'{"instructions":[]}'


def test_empty_blocks_keep_their_instructions() -> None:
    workflow = Workflow((Try(Block(()), catch=Block(())),))
    assert json.loads(write_workflow(workflow)) == {
        "instructions": [
            {"TYPE": "Try", "try": {"instructions": []}, "catch": {"instructions": []}}
        ]
    }


def test_defaults_are_left_out_however_they_were_made() -> None:
    given = json.dumps(
        {
            "instructions": [{"TYPE": "Execute.Named", "jobName": "a", "defaultArguments": {}}],
            "timeZone": "Etc/UTC",
            "title": None,
            "jobs": {
                "a": {
                    "agentName": "x",
                    "criticality": "NORMAL",
                    "parallelism": 1,
                    "executable": {"TYPE": "ShellScriptExecutable", "script": "s", "env": {}},
                }
            },
        }
    )
    read = read_workflow(given.encode()).workflow
    made = Workflow((Execute("a"),), jobs={"a": Job("x", ShellScript("s"))})
    assert read == made
    assert write_workflow(made) == (
        b'{"instructions":[{"TYPE":"Execute.Named","jobName":"a"}],"jobs":{"a":{"agentName":"x",'
        b'"executable":{"TYPE":"ShellScriptExecutable","script":"s"}}}}'
    )
    assert write_workflow(read) == write_workflow(made)


def test_the_order_of_names_makes_no_other_version() -> None:
    one = Workflow((), jobs={"a": Job("x", ShellScript("s")), "b": Job("y", ShellScript("t"))})
    other = Workflow((), jobs=dict(reversed(one.jobs.items())))
    assert digest(one) == digest(other)


def test_the_digest_is_that_of_the_bytes_and_tells_versions_apart() -> None:
    one, other = Workflow((), title="a"), Workflow((), title="b")
    assert digest(one) == hashlib.sha256(write_workflow(one)).hexdigest()
    assert digest(one) != digest(other)


def test_plain_values_equal_to_a_default_of_another_type_are_written() -> None:
    workflow = Workflow((Execute("a", default_arguments={"a": None, "b": False, "c": []}),))
    assert read_workflow(write_workflow(workflow)).workflow == workflow


def test_the_deepest_document_is_written_and_read() -> None:
    inner = Block(())
    for _ in range(63):
        inner = Block((If("true", then=inner),))
    workflow = Workflow((If("true", then=inner),))
    assert read_workflow(write_workflow(workflow)).workflow == workflow
