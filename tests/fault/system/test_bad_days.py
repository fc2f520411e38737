"""Bad days on real parts: nothing runs twice, every order ends or is flagged with the reason."""

import os
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from engine.order import events as e
from tests.system import reading
from tests.system.child import processes_of
from tests.system.stellwerk import System, lines, until_lines
from tests.system.waiting import wait_until
from tests.system.workflows import appending, steps

pytestmark = pytest.mark.timeout(150)

STEPS = ("first", "second", "third")


def slow(system: System, *, job_s: float = 0.2, **more: object) -> Path:
    """Deploy a workflow of three slow jobs; return the file they write to."""
    done = system.home / "done"
    script = appending(done, f"sleep {job_s}\n")
    system.deploy("slow", steps(script, *STEPS, **more))
    return done


def all_lines(*orders: str) -> list[str]:
    return sorted(f"{order} {step}" for order in orders for step in STEPS)


def attached(system: System) -> set[str]:
    """Return the orders that an agent has, or had: what a database set back cannot lose."""
    return {x.order for x in system.entries() if isinstance(x.event, e.OrderAttached)}


def twice(file: Path) -> list[str]:
    return [line for line, n in Counter(lines(file)).items() if n > 1]


def reasons(system: System) -> dict[str, str]:
    """Return what the journal says of each order that did not go well."""
    found: dict[str, str] = {}
    for entry in system.entries():
        match entry.event:
            case e.OrderBroken(problem=problem):
                found[entry.order] = problem
            case e.OrderFailed(outcome=outcome) | e.OrderReclaimed(outcome=outcome):
                found[entry.order] = outcome.message or found.get(entry.order, "")
            case _:
                pass
    return found


def copied(folder: Path, to: Path) -> None:
    """Copy an agent's folder as a backup does that runs beside it: files come and go meanwhile."""

    def one(source: str, target: str) -> None:
        with suppress(FileNotFoundError):
            shutil.copy2(source, target, follow_symlinks=False)

    shutil.copytree(folder, to, symlinks=True, ignore=sockets, copy_function=one)


def test_a_leader_frozen_for_ten_seconds_costs_nothing(system: System) -> None:
    system.up()
    done = slow(system)
    names = [f"o{i}" for i in range(30)]
    assert system.answer(system.add("slow", names)).ok
    until_lines(done, 10, why=system.logs)
    leader = system.leader()
    leader.freeze()
    thawed_at = time.monotonic() + 10
    until_lines(done, 90, why=system.logs)  # the agent goes on alone meanwhile
    wait_until(lambda: time.monotonic() > thawed_at, why="the clock stands still")
    leader.thaw()
    system.wait_gone()
    assert sorted(lines(done)) == all_lines(*names)
    assert reading.gaps(reading.batches(system.connection())) == []


def test_an_emptied_broker_costs_no_order_and_less_than_a_second(system: System) -> None:
    system.up()
    done = slow(system, job_s=0.05)
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    names = [f"o{i}" for i in range(60)]
    client = system.parts.redis(system.broker_url)
    pauses = []
    for number, start in enumerate(range(0, 60, 20)):
        command = system.add("slow", names[start : start + 20])
        until_lines(done, number * 60 + 5, why=system.logs)
        client.flushdb()
        pauses.append(system.pause_of_an_order("quick"))
        assert system.answer(command).ok
    client.close()
    system.wait_gone()
    assert sorted(lines(done)) == all_lines(*names)
    assert max(pauses) < 1.0, pauses


def test_a_database_set_back_in_time_learns_from_its_agents(system: System) -> None:
    system.up()
    done = slow(system)
    before, after = [f"before{i}" for i in range(30)], [f"after{i}" for i in range(20)]
    gone = [f"gone{i}" for i in range(5)]
    assert system.answer(system.add("slow", gone)).ok
    system.wait_gone()
    assert system.answer(system.add("slow", before)).ok
    until_lines(done, 30, why=system.logs)
    dump = system.home / "dump"
    system.parts.dump(system.database, dump)
    assert system.answer(system.add("slow", after)).ok
    until_lines(done, 45, why=system.logs)
    wait_until(lambda: set(after) <= attached(system), why=system.logs)
    system.controllers["controller-1"].kill()
    system.parts.restore(system.database, dump)
    system.controllers["controller-1"].start()
    left = system.wait_settled(60)
    assert twice(done) == []
    assert left == {}
    assert sorted(lines(done)) == all_lines(*gone, *before, *after)
    assert reading.gaps(reading.batches(system.connection())) == []
    again = [x.order for x in system.entries() if isinstance(x.event, e.OrderFinished)]
    assert [order for order, n in Counter(again).items() if n > 1] == []


def test_a_database_set_back_takes_new_orders_before_its_agent_is_met(system: System) -> None:
    """The numbers of the lost future come again with other content; nothing may be mixed up."""
    system.up()
    done = slow(system, job_s=0.05)
    dump = system.home / "dump"
    system.parts.dump(system.database, dump)
    assert system.answer(system.add("slow", ["lost0", "lost1", "lost2"])).ok
    system.wait_gone()
    system.agents["agent-1"].kill()
    system.controllers["controller-1"].kill()
    system.parts.restore(system.database, dump)
    system.controllers["controller-1"].start()
    new = [f"new{i}" for i in range(6)]
    assert system.answer(system.add("slow", new)).ok
    system.agents["agent-1"].start()
    assert system.wait_settled() == {}
    assert sorted(lines(done)) == all_lines("lost0", "lost1", "lost2", *new)


@pytest.mark.parametrize("memory", ["kept", "lost"])
def test_an_agent_folder_restored_from_a_copy_runs_nothing_twice(
    system: System, memory: str
) -> None:
    system.up()
    done = slow(system)
    agent, folder = system.agents["agent-1"], system.folder_of("agent-1")
    names = [f"o{i}" for i in range(40)]
    assert system.answer(system.add("slow", names)).ok
    until_lines(done, 20, why=system.logs)
    agent.kill()
    copied(folder, system.home / "copy")
    agent.start()
    until_lines(done, 60, why=system.logs)
    agent.kill()
    shutil.rmtree(folder)
    shutil.copytree(system.home / "copy", folder, symlinks=True)
    if memory == "lost":
        shutil.rmtree(next(system.home.glob("stellwerk-agents-*")))
    agent.start()
    left = system.wait_settled()
    assert twice(done) == []
    assert set(left.values()) == {"Failed"}
    told = reasons(system)
    assert all("journal" in told[order] for order in left), told
    # The agent is of use again.
    assert system.answer(system.add("slow", ["later"])).ok
    wait_until(lambda: "later" not in system.orders(), why=system.logs)


def sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".sock")]


def test_a_folder_started_twice_is_refused(system: System) -> None:
    system.up()
    second = system.agent(name="second")
    wait_until(lambda: not second.alive, why=second.tail)
    assert second.stop() == 2
    assert second.says("Another agent works in") == 1


@pytest.mark.parametrize("machine", ["this", "another"])
def test_a_copied_folder_started_beside_the_first_runs_nothing(
    system: System, machine: str
) -> None:
    system.up()
    done = slow(system)
    names = [f"o{i}" for i in range(40)]
    assert system.answer(system.add("slow", names)).ok
    until_lines(done, 10, why=system.logs)
    copy = system.home / "copy"
    copied(system.folder_of("agent-1"), copy)
    elsewhere = system.home / "elsewhere"
    elsewhere.mkdir()
    # Another machine has another memory of what ran on it.
    more = {"TMPDIR": str(elsewhere)} if machine == "another" else {}
    second = system.agent(folder=copy, name="second", more=more)
    if machine == "this":
        wait_until(lambda: not second.alive, why=second.tail)
        assert second.says("An agent with a copy of this journal") == 1
    else:
        second.wait_says("partner.refused")
    system.wait_gone()
    assert sorted(lines(done)) == all_lines(*names)


@pytest.mark.parametrize("jobs", ["live on", "die"])
def test_supervisors_and_agent_killed_together_flag_what_was_lost(
    system: System, jobs: str
) -> None:
    system.up()
    done = slow(system, job_s=0.5, isNotRestartable=True)
    names = [f"o{i}" for i in range(20)]
    assert system.answer(system.add("slow", names)).ok
    until_lines(done, 10, why=system.logs)
    folder = system.folder_of("agent-1")
    for pid, line in processes_of(folder):
        if "entry.py" in line or jobs == "die" or pid == system.agents["agent-1"].pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    system.agents["agent-1"].kill()
    system.agents["agent-1"].start()
    left = system.wait_settled()
    assert twice(done) == []
    finished = {line.split()[0] for line in lines(done) if line.endswith("third")}
    assert set(names) == finished | set(left)
    assert set(left.values()) <= {"Failed"}
    told = reasons(system)
    known = ("while the job ran", "while it started the job")
    assert all(any(words in told[order] for words in known) for order in left), told
