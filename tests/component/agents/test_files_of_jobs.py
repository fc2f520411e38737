"""Files that `toFile` makes: private, there while the job runs, and gone after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.worker.job_files import JobFiles
from tests.component.agents.agent import TestedAgent, sealed

SECRET = "s3cret/value+1"


def workflow(script: str, **env: str) -> dict[str, Any]:
    """Return a workflow of one shell job."""
    executable = {"TYPE": "ShellScriptExecutable", "script": script, "env": env}
    return {
        "orderPreparation": {"allowUndeclared": True},
        "instructions": [{"TYPE": "Execute.Named", "jobName": "job"}],
        "jobs": {"job": {"agentName": "agent-1", "executable": executable}},
    }


def files(agent: TestedAgent) -> list[Path]:
    """Return what lies in folders of files of attempts, and these folders."""
    return sorted((agent.folder / "out").glob("*.files/**/*"))


def test_a_job_finds_its_file_private_and_nobody_after_it(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    script = 'cat "$F"; echo; stat -c "%a %a" "$F"; stat -c %a "${F%/*}" "${F%/*/*}"; exit 3'
    agent.take_item("workflow", "flow", workflow(script, F="toFile($x ++ $y, '*.txt')"))
    agent.take_order("#1", "flow", arguments={"x": "a b", "y": sealed(SECRET).strip("'")})
    agent.until(agent.outcomes)
    agent.until(lambda: agent.written().count(b"\n") == 4)
    assert agent.written() == b"a b***\n600 600\n700\n700\n"
    assert agent.outcomes()[0].return_code == 3
    assert not list((agent.folder / "out").glob("*.files"))
    assert SECRET.encode() not in agent.stored()


def test_files_of_a_job_that_ended_without_its_agent_are_swept(
    agents: Callable[[], TestedAgent], tmp_path: Path
) -> None:
    first, gate = agents(), tmp_path / "gate"
    script = f'echo begun; while [ ! -e {gate} ]; do sleep 0.05; done; cat "$F" && echo && echo end'
    first.take_item("workflow", "flow", workflow(script, F="toFile('kept', 'f')"))
    first.take_order("#1", "flow")
    first.until(lambda: b"begun" in first.written())
    first.end()
    second = agents()
    assert [path.name for path in files(second)] == ["1", "f"]  # the job runs, and needs it
    second.end()
    gate.touch()
    out = next((first.folder / "out").glob("*.out"))
    third = None
    while third is None:
        if b"end" in out.read_bytes():
            third = agents()
    assert files(third) == []
    third.until(third.outcomes)
    assert third.outcomes()[0].kind == "succeeded"


def test_without_the_sweep_such_a_file_would_stay(
    agents: Callable[[], TestedAgent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobFiles, "sweep", lambda _self, _running: None)
    first = agents()
    left = first.folder / "out" / "gone-1.files" / "1"
    left.mkdir(parents=True)
    first.end()
    second = agents()
    assert files(second) == [left]
    monkeypatch.undo()
    second.end()
    assert files(agents()) == []


def test_files_that_cannot_be_written_fail_the_job_and_leave_nothing(
    agents: Callable[[], TestedAgent], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: str, _content: bytes, *, new: bool = False) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agents.worker.job_files.write_private", full)
    agent = agents()
    agent.take_item("workflow", "flow", workflow("true", F="toFile('x', 'f')"))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert "No space left" in (agent.outcomes()[0].message or "")
    assert not list((agent.folder / "out").glob("*.files"))


def test_a_new_file_is_never_written_through_an_existing_name(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    files = JobFiles(str(tmp_path))
    (tmp_path / "a-1.files").symlink_to(target)
    with pytest.raises(OSError, match="exists"):
        files.write("a-1", {"1/f": b"x"})
    assert not target.exists()
