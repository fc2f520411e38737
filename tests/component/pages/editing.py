"""A workflow in the editor, and the requests that its page sends."""

import json
from typing import Any

from django.test import Client

PATH = "demo/edited"


HERE = f"/inventory/workflow/{PATH}/"


SOURCE = """\
# the head
title: Nightly
instructions:
  # the first
  - TYPE: Execute.Named
    jobName: load
    label: load
  - TYPE: Lock
    demands: [{lockName: tape}]
    lockedWorkflow:
      instructions: []
jobs:
  load:
    agentName: agent-1
    executable: {TYPE: ShellScriptExecutable, script: echo hello}
"""


def post(client: Client, what: str, **body: Any) -> Any:
    return client.post(f"{HERE}-/{what}/", json.dumps(body), content_type="application/json")


def operate(client: Client, edit_no: int, **operation: Any) -> Any:
    return post(
        client, "operation", edit_no=edit_no, operation=operation, look={"view": ["source"]}
    )


def long_source(as_json: bool) -> str:
    instructions: list[Any] = []
    jobs: dict[str, Any] = {}
    for n in range(45):
        step = {"TYPE": "Execute.Named", "jobName": f"j{n}"}
        inner = {"instructions": [dict(step)]}
        lock = {"TYPE": "Lock", "demands": [{"lockName": "t"}], "lockedWorkflow": inner}
        left, right = [step, lock], [dict(step), dict(step)]
        branches = [
            {"id": "a", "workflow": {"instructions": left}},
            {"id": "b", "workflow": {"instructions": right}},
        ]
        instructions.append({"TYPE": "Fork", "branches": branches})
        run = {"TYPE": "ShellScriptExecutable", "script": "#!/bin/sh\necho hello\n"}
        jobs[f"j{n}"] = {"agentName": "agent-1", "executable": run}
    document = {"instructions": instructions, "jobs": jobs}
    if as_json:
        return json.dumps(document, indent=2)
    from inventory.editing.emitting import block

    return "\n".join(block(document, 0)) + "\n"
