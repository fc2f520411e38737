"""Kills and timeouts of real process trees."""

import os
import time

from tests.component.hands.driver import Agent, alive

STUBBORN = (
    "trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $!; while :; do sleep 1; done"
)


def test_a_kill_ends_a_job_with_sigterm(agent: Agent) -> None:
    pid = agent.pid(agent.shell("a-1", "sleep 60"))
    agent.pool.kill("a-1", grace_s=30)
    exit_ = agent.exit("a-1")
    assert (exit_.reason, exit_.signal) == ("killed", 15)
    assert not alive(pid)


def test_a_job_may_end_in_order_within_the_grace(agent: Agent) -> None:
    agent.shell("a-1", "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done")
    agent.line("a-1")
    agent.pool.kill("a-1", grace_s=30)
    exit_ = agent.exit("a-1")
    assert (exit_.reason, exit_.return_code) == ("killed", 5)
    assert agent.output("a-1") == b"up\nbye\n"


def test_a_tree_that_ignores_sigterm_is_killed_after_the_grace(agent: Agent) -> None:
    agent.shell("a-1", STUBBORN)
    child = int(agent.line("a-1"))
    asked = time.monotonic()
    agent.pool.kill("a-1", grace_s=0.5)
    exit_ = agent.exit("a-1")
    assert time.monotonic() - asked >= 0.5
    assert (exit_.reason, exit_.signal) == ("killed", 9)
    agent.until(lambda: not alive(child))


def test_without_the_sweep_a_stubborn_tree_lives_on(agent: Agent) -> None:
    """Negative control: SIGTERM alone leaves what the test above looks for."""
    agent.shell("a-1", STUBBORN)
    child = int(agent.line("a-1"))
    os.killpg(agent.pid("a-1"), 15)
    agent.exit(agent.shell("a-2", "sleep 0.5"))
    assert alive(child)
    assert "a-1" not in agent.exits


def test_a_kill_at_once_has_no_grace(agent: Agent) -> None:
    agent.shell("a-1", STUBBORN, grace_s=60)
    child = int(agent.line("a-1"))
    agent.pool.kill("a-1", grace_s=60, immediately=True)
    assert agent.exit("a-1").signal == 9
    agent.until(lambda: not alive(child))


def test_a_second_kill_can_hasten_the_first(agent: Agent) -> None:
    agent.shell("a-1", STUBBORN)
    agent.line("a-1")
    agent.pool.kill("a-1", grace_s=60)
    agent.pool.kill("a-1", grace_s=60, immediately=True)
    assert agent.exit("a-1").signal == 9


def test_a_grandchild_in_a_session_of_its_own_is_killed(agent: Agent) -> None:
    agent.shell("a-1", "setsid sh -c 'echo $$; exec sleep 60' & sleep 60")
    grandchild = int(agent.line("a-1"))
    assert os.getpgid(grandchild) != agent.pid("a-1")
    agent.pool.kill("a-1", grace_s=0.1)
    agent.exit("a-1")
    agent.until(lambda: not alive(grandchild))


def test_a_daemon_whose_parents_are_gone_is_killed(agent: Agent) -> None:
    agent.shell("a-1", "(setsid sh -c 'echo $$; exec sleep 60' &) ; sleep 60")
    daemon = int(agent.line("a-1"))
    agent.pool.kill("a-1", grace_s=0)
    agent.exit("a-1")
    agent.until(lambda: not alive(daemon))


def test_a_descendant_without_the_marker_is_remembered_at_sigterm(agent: Agent) -> None:
    script = "trap 'exit 0' TERM; env -i setsid sh -c 'echo $$; exec sleep 60' & wait"
    agent.shell("a-1", script)
    stranger = int(agent.line("a-1"))
    agent.pool.kill("a-1", grace_s=0.3)
    assert agent.exit("a-1").return_code == 0
    agent.until(lambda: not alive(stranger))


def test_a_timeout_ends_a_job(agent: Agent) -> None:
    exit_ = agent.exit(agent.shell("a-1", "sleep 60", timeout_s=0.2))
    assert (exit_.reason, exit_.signal) == ("timedout", 15)


def test_a_timeout_kills_after_its_grace(agent: Agent) -> None:
    agent.shell("a-1", STUBBORN, timeout_s=0.2, grace_s=0.2)
    child = int(agent.line("a-1"))
    exit_ = agent.exit("a-1")
    assert (exit_.reason, exit_.signal) == ("timedout", 9)
    agent.until(lambda: not alive(child))


def test_a_job_that_ends_in_time_has_no_timeout(agent: Agent) -> None:
    assert agent.exit(agent.shell("a-1", "true", timeout_s=60)).reason == "exited"


def test_a_kill_of_an_unknown_or_ended_attempt_does_nothing(agent: Agent) -> None:
    pid = agent.pid(agent.shell("a-1", "sleep 60"))
    agent.exit(agent.shell("a-2", "true"))
    agent.pool.kill("a-2", grace_s=0)
    agent.pool.kill("a-3", grace_s=0)
    agent.exit(agent.shell("a-4", "true"))
    assert alive(pid)


def test_a_kill_before_the_start_prevents_it_or_ends_it(agent: Agent) -> None:
    for number in range(50):
        agent.shell(f"a-{number}", "sleep 60")
        agent.pool.kill(f"a-{number}", grace_s=5)
    agent.until(lambda: len(agent.exits) == 50)
    assert {exit_.reason for exit_ in agent.exits.values()} == {"killed"}
