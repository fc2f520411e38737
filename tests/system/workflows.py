"""Workflow documents of the system tests."""

from typing import Any

Document = dict[str, Any]


def job(script: str, *, agent: str = "agent-1", parallelism: int = 1000, **more: Any) -> Document:
    """Return a job that runs a script with the order's id and the label in its environment."""
    environment = {"ORDER": "$js7OrderId", "LABEL": "$js7Label"}
    executable = {"TYPE": "ShellScriptExecutable", "script": script, "env": environment}
    return {"agentName": agent, "parallelism": parallelism, "executable": executable, **more}


def execute(name: str, label: str) -> Document:
    """Return an instruction that runs a job."""
    return {"TYPE": "Execute.Named", "jobName": name, "label": label}


def steps(script: str, *labels: str, **more: Any) -> Document:
    """Return a workflow whose every step runs the same script."""
    return {
        "instructions": [execute("work", label) for label in labels],
        "jobs": {"work": job(script, **more)},
    }


def appending(file: object, then: str = "") -> str:
    """Return a script that appends one line, order id and label, to a file that is shared."""
    return f'#!/bin/sh\necho "$ORDER $LABEL" >> {file}\n{then}'
