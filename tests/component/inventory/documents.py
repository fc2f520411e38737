"""Small documents for tests of the inventory."""

import json
from typing import Any


def workflow(script: str = "echo done", **changes: Any) -> str:
    """Return a good workflow of one job as JSON text."""
    document: dict[str, Any] = {
        "instructions": [{"TYPE": "Execute.Named", "jobName": "work", "label": "work"}],
        "jobs": {
            "work": {
                "agentName": "agent-1",
                "executable": {"TYPE": "ShellScriptExecutable", "script": script},
            }
        },
    }
    return json.dumps({**document, **changes})


def broken() -> str:
    """Return a workflow with two problems: an unknown job and a wrong type."""
    return workflow(
        instructions=[{"TYPE": "Execute.Named", "jobName": "nobody", "label": "work"}],
    )
