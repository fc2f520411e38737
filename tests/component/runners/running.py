"""Runs a built-in job as an agent does: a process of its own, its arguments in a private file."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from agents.worker.arguments import typed
from agents.worker.jobs import RUNNERS
from agents.worker.outcomes import return_values
from engine.values import normalise


class Ran(msgspec.Struct):
    """What a process left."""

    code: int
    out: str
    err: str
    values: dict[str, Any]


def command(kind: str) -> list[str]:
    """Return the command line of a kind."""
    if kind == "Python":
        return [sys.executable, str(RUNNERS / "python_script.py")]
    return [sys.executable, "-I", str(RUNNERS / "__main__.py"), kind]


def begin(
    kind: str, arguments: Mapping[str, Any], folder: Path, **env: str
) -> "subprocess.Popen[str]":
    """Return the running process of a job."""
    file = folder / "a.args"
    file.touch(0o600)
    file.write_text(json.dumps(arguments))
    given = {"PATH": os.environ["PATH"], "HOME": str(folder), **env}
    given |= {"STELLWERK_ARGUMENTS": str(file), "JS7_RETURN_VALUES": str(folder / "a.ret")}
    return subprocess.Popen(
        command(kind),
        env=given,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]", folder: Path) -> Ran:
    """Return what the process left; its arguments must be gone."""
    out, err = process.communicate(timeout=40)
    assert not (folder / "a.args").exists()
    file = folder / "a.ret"
    values, problem = return_values(file.read_bytes() if file.exists() else None)
    assert problem is None
    file.unlink(missing_ok=True)
    return Ran(process.returncode, out, err, values)


def run(kind: str, folder: Path, **arguments: Any) -> Ran:
    """Return what a built-in job left, given its arguments before they are typed."""
    made = typed(kind, {name: normalise(value) for name, value in arguments.items()})
    return finish(begin(kind, made, folder), folder)
