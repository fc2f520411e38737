"""Files become orders on real parts: each once, though agent, controller and broker die."""

import json
import time
from pathlib import Path

import pytest

from engine.order.requests import TakeItems
from engine.seal import sealed
from tests.system.stellwerk import System, lines, until_lines
from tests.system.waiting import wait_until
from tests.system.workflows import Document, execute, job

pytestmark = pytest.mark.timeout(240)

FILES = 60


def handling(done: Path, *, then: str = "") -> Document:
    """Return a workflow that notes the file of its order, and what it does with it."""
    script = f'#!/bin/sh\nbasename "$FILE" >> {done}\n{then}'
    work = job(script)
    work["executable"]["env"]["FILE"] = "$file"
    return {
        "orderPreparation": {"parameters": {"file": {"type": "String"}}},
        "instructions": [execute("work", "work")],
        "jobs": {"work": work},
    }


def watch(system: System, directory: Path, *, version: str = "v1", agent: str = "agent-1") -> None:
    """Deploy a source for a directory."""
    document = {
        "workflowName": "handle", "agentName": agent, "directory": str(directory), "delay": 1,
    }  # fmt: skip
    body = json.dumps(document).encode()
    item = sealed(system.site, "fileordersource", "incoming", version, body)
    assert system.answer(system.ask(TakeItems((item,)))).ok


@pytest.fixture
def directory(system: System) -> Path:
    """Where files arrive."""
    made = system.home / "in"
    made.mkdir()
    return made


def test_a_file_runs_its_order_and_the_order_leaves_with_the_file(
    system: System, directory: Path
) -> None:
    system.up()
    done = system.home / "done"
    system.deploy("handle", handling(done, then='rm "$FILE"\n'))
    watch(system, directory)
    (directory / "with blank.csv").write_text("x")
    until_lines(done, 1, why=system.logs)
    assert lines(done) == ["with blank.csv"]
    system.wait_gone()
    assert not (directory / "with blank.csv").exists()


def test_an_order_stays_finished_until_its_file_is_gone(system: System, directory: Path) -> None:
    system.up()
    done = system.home / "done"
    system.deploy("handle", handling(done))
    watch(system, directory)
    (directory / "a").write_text("x")
    wait_until(lambda: list(system.orders().values()) == ["Finished"], within_s=30, why=system.logs)
    (directory / "a").unlink()
    system.wait_gone()
    assert lines(done) == ["a"]


def test_each_file_gets_one_order_though_everything_is_killed(
    system: System, directory: Path
) -> None:
    system.up(controllers=2)
    done = system.home / "done"
    system.deploy("handle", handling(done, then='mv "$FILE" "$FILE.done.$$" && rm "$FILE.done.$$"'))
    watch(system, directory)
    agent = system.agents["agent-1"]
    for n in range(FILES):
        (directory / f"{n:03}").write_text("x")
        if n % 15 == 10:
            agent.kill()
            agent.start()
        if n == 25:
            leader = system.leader()
            leader.kill()
            leader.start()
        time.sleep(0.05)
    until_lines(done, FILES, why=system.logs)
    system.wait_gone(60)
    assert sorted(lines(done)) == [f"{n:03}" for n in range(FILES)]
    assert system.rows("SELECT 1 FROM controller_fact WHERE kind='file'") == []


def test_an_agent_that_lost_its_folder_doubles_no_file(system: System, directory: Path) -> None:
    system.up()
    done = system.home / "done"
    system.deploy("handle", handling(done))
    watch(system, directory)
    for name in "abc":
        (directory / name).write_text("x")
    wait_until(
        lambda: list(system.orders().values()) == ["Finished"] * 3, within_s=30, why=system.logs
    )
    agent = system.agents["agent-1"]
    agent.kill()
    (directory / "a").unlink()
    for name in ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"):
        (system.folder_of("agent-1") / name).unlink(missing_ok=True)
    run = system.link()["run"]
    agent.start()
    wait_until(lambda: system.link()["run"] != run, within_s=30, why=system.logs)
    wait_until(lambda: len(system.orders()) == 2, within_s=30, why=system.logs)
    for name in "bc":
        (directory / name).unlink()
    system.wait_gone()
    assert sorted(lines(done)) == ["a", "b", "c"]
