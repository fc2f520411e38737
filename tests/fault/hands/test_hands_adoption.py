"""Agent, supervisors and keeper killed while jobs run."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.component.hands.driver import Agent, alive, processes_of, until

ROOT = Path(__file__).parents[3]
AGENT = [sys.executable, "-m", "tests.component.hands.agent_process"]


def kill(pid: int) -> None:
    """Kills a process and returns when it is gone."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))


def killed_agent(folder: Path, *jobs: str) -> None:
    """Return after an agent that has started jobs was killed."""
    with subprocess.Popen([*AGENT, str(folder), *jobs], cwd=ROOT, stdout=subprocess.PIPE) as agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == b"ready\n"
        agent.kill()


def wait_for(file: Path) -> str:
    """Return a file's content once it has a line."""
    until(lambda: file.exists() and "\n" in file.read_text())
    return file.read_text()


def test_jobs_of_a_killed_agent_are_adopted(
    folder: Path, agents: Callable[..., Agent], tmp_path: Path
) -> None:
    gate = f"{tmp_path}/gate"
    long = f"echo begin; while [ ! -e {gate} ]; do sleep 0.02; done; echo end; exit 4"
    killed_agent(folder, f"a-1=sleep 0.2; echo over > {tmp_path}/over; exit 3", f"a-2={long}")
    wait_for(tmp_path / "over")
    agent = agents()
    assert agent.adopted.same_boot
    assert agent.exit("a-1").return_code == 3
    assert [event.attempt for event in agent.adopted.running if event.attempt != "a-1"] == ["a-2"]
    assert agent.adopted.verdict("a-9") == "not_started"
    Path(gate).touch()
    assert agent.exit("a-2").return_code == 4
    assert agent.output("a-2") == b"begin\nend\n"


def test_unacknowledged_exits_come_again_and_acknowledged_ones_do_not(
    agents: Callable[..., Agent],
) -> None:
    first = agents()
    first.exit(first.shell("a-1", "exit 1"))
    first.exit(first.shell("a-2", "exit 2"))
    first.pool.acknowledge(["a-1"])
    first.pool.close()
    second = agents()
    assert {exit_.attempt: exit_.return_code for exit_ in second.adopted.exits} == {"a-2": 2}


def test_timeouts_hold_while_there_is_no_agent(
    folder: Path, agents: Callable[..., Agent], tmp_path: Path
) -> None:
    killed_agent(folder, f"t-1=echo $$ > {tmp_path}/pid; trap '' TERM; while :; do sleep 1; done")
    pid = int(wait_for(tmp_path / "pid"))
    until(lambda: not alive(pid))
    exit_ = agents().exit("t-1")
    assert (exit_.reason, exit_.signal) == ("timedout", 9)


def test_a_killed_supervisor_costs_nothing(agent: Agent, tmp_path: Path) -> None:
    gate = f"{tmp_path}/gate"
    agent.shell("a-1", f"echo begin; while [ ! -e {gate} ]; do sleep 0.02; done; exit 6")
    pid, old = agent.pid("a-1"), agent.supervisor("a-1")
    kill(old)
    agent.until(lambda: old not in agent.supervisors and len(agent.supervisors) == 2)
    assert alive(pid)
    Path(gate).touch()
    exit_ = agent.exit("a-1")
    assert (exit_.return_code, exit_.reason) == (6, "exited")


def test_a_job_that_ends_while_its_supervisor_is_dead_keeps_its_return_code(
    agent: Agent,
) -> None:
    agent.shell("a-1", "sleep 0.3; exit 9")
    agent.pid("a-1")
    os.kill(agent.keeper, signal.SIGSTOP)  # so that nobody starts another one
    kill(agent.supervisor("a-1"))
    time.sleep(0.5)
    os.kill(agent.keeper, signal.SIGCONT)
    assert agent.exit("a-1").return_code == 9


def test_an_adopted_job_can_be_killed_and_has_its_timeout(agent: Agent) -> None:
    agent.shell("a-1", "sleep 60")
    agent.shell("a-2", "sleep 60", timeout_s=1.5)
    for attempt in ("a-1", "a-2"):
        agent.pid(attempt)
    for pid in agent.supervisors:
        kill(pid)
    agent.pool.kill("a-1", grace_s=5)
    assert agent.exit("a-1").reason == "killed"
    assert (agent.exit("a-2").reason, agent.exit("a-2").signal) == ("timedout", 15)


def test_an_attempt_is_refused_by_the_next_supervisor_too(agent: Agent, tmp_path: Path) -> None:
    script = f"echo run >> {tmp_path}/runs; sleep 0.5"
    agent.shell("a-1", script)
    agent.pid("a-1")
    kill(agent.supervisor("a-1"))
    agent.shell("a-1", script)
    agent.exit("a-1")
    agent.exit(agent.shell("a-2", "sleep 0.3"))
    assert (tmp_path / "runs").read_text() == "run\n"


@pytest.mark.timeout(120)
def test_supervisors_killed_under_load_lose_and_double_nothing(
    agent: Agent, tmp_path: Path
) -> None:
    jobs, runs = 600, tmp_path / "runs"
    for number in range(jobs):
        agent.shell(f"a-{number}", f"echo {number} >> {runs}; exit {number % 100}")
    for goal in range(60, jobs, 60):
        agent.until(lambda goal=goal: len(agent.exits) >= goal)  # type: ignore[misc]
        for pid in agent.supervisors:
            os.kill(pid, signal.SIGKILL)
    agent.until(lambda: len(agent.exits) == jobs)
    assert {exit_.reason for exit_ in agent.exits.values()} == {"exited"}
    assert sorted(map(int, runs.read_text().split())) == list(range(jobs))
    assert all(exit_.return_code == int(one[2:]) % 100 for one, exit_ in agent.exits.items())


def test_jobs_outlive_a_killed_keeper_and_keep_their_return_codes(
    agent: Agent, tmp_path: Path
) -> None:
    gate = f"{tmp_path}/gate"
    agent.shell("a-1", f"while [ ! -e {gate} ]; do sleep 0.02; done; exit 6")
    agent.pid("a-1")
    keeper = agent.keeper
    kill(keeper)
    assert agent.exit(agent.shell("a-2", "exit 2")).return_code == 2
    agent.until(lambda: agent.keeper != keeper)
    Path(gate).touch()
    assert agent.exit("a-1").return_code == 6
    agent.pool.acknowledge(["a-1", "a-2"])
    agent.until(lambda: len(agent.supervisors) == 2)
    assert agent.exit(agent.shell("a-3", "exit 3")).return_code == 3


def test_a_supervisor_that_dies_after_its_keeper_loses_the_status_but_not_the_job(
    agent: Agent, tmp_path: Path
) -> None:
    gate = f"{tmp_path}/gate"
    agent.shell("a-1", f"while [ ! -e {gate} ]; do sleep 0.02; done; exit 6")
    pid, keeper, supervisor = agent.pid("a-1"), agent.keeper, agent.supervisor("a-1")
    kill(keeper)
    agent.until(lambda: agent.keeper != keeper)
    kill(supervisor)
    agent.until(lambda: agent.pool.homes["a-1"][0] == agent.pool.generation)
    assert alive(pid)
    Path(gate).touch()
    exit_ = agent.exit("a-1")
    assert (exit_.reason, exit_.return_code) == ("lost", None)


def test_an_agent_adopts_after_everything_but_the_jobs_was_killed(
    agents: Callable[..., Agent],
) -> None:
    first = agents()
    pid = first.pid(first.shell("a-1", "sleep 60"))
    victims = [first.keeper, *first.supervisors]
    first.pool.close()
    for victim in victims:
        kill(victim)
    second = agents()
    assert [event.attempt for event in second.adopted.running] == ["a-1"]
    second.pool.kill("a-1", grace_s=1)
    assert second.exit("a-1").reason == "lost"
    assert not alive(pid)


def test_after_a_restart_of_the_machine_what_ran_is_lost(agents: Callable[..., Agent]) -> None:
    first = agents()
    first.pid(first.shell("a-1", "sleep 60"))
    first.exit(first.shell("a-2", "exit 2"))
    victims = [first.keeper, *first.supervisors, first.pid("a-1")]
    first.pool.close()
    for victim in victims:
        kill(victim)
    second = agents(boot="another-boot")
    found = {exit_.attempt: (exit_.reason, exit_.return_code) for exit_ in second.adopted.exits}
    assert found == {"a-1": ("lost", None), "a-2": ("exited", 2)}
    assert not second.adopted.same_boot
    assert second.adopted.verdict("a-9") == "lost"


def test_starts_sent_to_a_stopped_supervisor_happen_once_after_its_death(
    agent: Agent, tmp_path: Path
) -> None:
    for pid in agent.supervisors:
        os.kill(pid, signal.SIGSTOP)
    for number in range(10):
        agent.shell(f"a-{number}", f"echo {number} >> {tmp_path}/runs")
    for pid in agent.supervisors:
        os.kill(pid, signal.SIGKILL)
    agent.until(lambda: len(agent.exits) == 10)
    assert sorted((tmp_path / "runs").read_text().split()) == [str(n) for n in range(10)]


def test_keeper_and_supervisors_of_a_deleted_folder_end_after_their_jobs(
    agents: Callable[..., Agent], folder: Path, tmp_path: Path
) -> None:
    agent = agents()
    gate = tmp_path / "gate"
    agent.pid(agent.shell("a-1", f"while [ ! -e {gate} ]; do sleep 0.02; done"))
    pids = [agent.keeper, agent.supervisor("a-1")]
    agent.pool.close()
    shutil.rmtree(folder)
    agents()  # another one in the same place has its own
    assert all(alive(pid) for pid in pids)
    gate.touch()
    until(lambda: not any(alive(pid) for pid in pids))


def test_supervisors_and_agent_killed_together_cost_nothing(
    folder: Path, agents: Callable[..., Agent], tmp_path: Path
) -> None:
    jobs = [f"a-{n}=echo {n} >> {tmp_path}/runs; sleep 0.{n}; exit {n}" for n in range(1, 9)]
    killed_agent(folder, *jobs)
    for pid in list(processes_of(folder)):
        if b"\0supervisor\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    agent = agents()
    codes = {f"a-{n}": agent.exit(f"a-{n}").return_code for n in range(1, 9)}
    assert codes == {f"a-{n}": n for n in range(1, 9)}
    assert len((tmp_path / "runs").read_text().split()) == 8
