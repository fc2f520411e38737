"""Starting processes through real keeper and supervisors."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.worker.hands.attempt import Start
from agents.worker.hands.failures import AttemptMisnamed
from tests.component.hands.driver import MARK, Agent, alive, clean, until


def test_a_return_code_and_the_output_come_back(agent: Agent) -> None:
    exit_ = agent.exit(agent.shell("a-1", "echo hi; echo no >&2; exit 3"))
    assert (exit_.return_code, exit_.signal, exit_.reason) == (3, None, "exited")
    assert exit_.started_us is not None
    assert exit_.started_us <= exit_.ended_us
    assert (agent.output("a-1"), agent.output("a-1", "err")) == (b"hi\n", b"no\n")


def test_a_signal_is_told_as_a_signal(agent: Agent) -> None:
    exit_ = agent.exit(agent.shell("a-1", "kill -USR1 $$"))
    assert (exit_.return_code, exit_.signal, exit_.reason) == (None, 10, "exited")


def test_started_comes_once_before_the_exit(agent: Agent) -> None:
    for number in range(20):
        agent.shell(f"a-{number}", "true")
    agent.until(lambda: len(agent.exits) == 20)
    names = [(type(event).__name__, event.attempt) for event in agent.reports]
    assert len(names) == len(set(names)) == 40
    assert all(names.index(("Started", one)) < names.index(("Exit", one)) for one in agent.exits)


def test_the_environment_is_what_was_given_and_the_marker(
    agents: Callable[..., Agent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", "redis://secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    agent = agents()
    env = {"ONLY": "this\nand\ud83d\ude80".encode("utf-16", "surrogatepass").decode("utf-16")}
    agent.pool.start([Start("a-1", ("/usr/bin/env", "-0"), {**env, MARK: str(agent.folder)})])
    agent.exit("a-1")
    seen = dict(line.split("=", 1) for line in agent.output("a-1").decode().split("\0") if line)
    assert seen == {**env, MARK: str(agent.folder), "STELLWERK_ATTEMPT": "a-1"}
    for pid in (agent.keeper, *agent.supervisors):
        assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_job_has_three_descriptors_and_default_signals(agent: Agent) -> None:
    agent.exit(agent.shell("a-1", "ls -l /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"))
    lines = agent.output("a-1").decode().splitlines()
    links = {line.split()[-3]: line.split()[-1] for line in lines if "->" in line}
    assert links.pop("3").startswith("/proc/")  # the directory ls is reading
    assert set(links) == {"0", "1", "2"}
    assert links["0"] == "/dev/null"
    masks = [int(line.split()[1], 16) for line in lines if line.startswith("Sig")]
    reserved = 1 << 31 | 1 << 32  # the C library keeps signals 32 and 33 to itself
    assert [mask & ~reserved for mask in masks] == [0, 0]


def test_a_job_leads_a_group_of_its_own(agent: Agent) -> None:
    agent.shell("a-1", "sleep 60")
    pid = agent.pid("a-1")
    assert os.getpgid(pid) == pid
    assert os.getsid(pid) == agent.supervisor("a-1")


def test_a_job_runs_in_its_directory(agent: Agent, tmp_path: Path) -> None:
    agent.exit(agent.shell("a-1", "pwd", cwd=str(tmp_path)))
    agent.exit(agent.shell("a-2", "pwd"))
    assert agent.output("a-1").decode() == f"{tmp_path}\n"
    assert agent.output("a-2").decode() == f"{agent.folder}/work\n"


@pytest.mark.parametrize(
    ("argv", "env", "words"),
    [
        (("/no/such/program",), {}, "No such file"),
        (("/etc",), {}, "ermission denied"),
        (("/bin/true", "a\0b"), {}, "NUL"),
        ((), {}, "no program"),
        (("/bin/true",), {"A=B": "c"}, "illegal environment variable name"),
        (("/bin/true", "x" * 200_000), {}, "cannot start /bin/true: Argument list too long"),
    ],
)
def test_what_cannot_be_started_is_told_so(
    agent: Agent, argv: tuple[str, ...], env: dict[str, str], words: str
) -> None:
    agent.pool.start([Start("a-1", argv, env)])
    exit_ = agent.exit("a-1")
    assert exit_.reason == "not_started"
    assert words in str(exit_.message)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (
            "#!/no/such/shell -e",
            "/no/such/shell, which the first line of the script names: No",
        ),
        ("#! /etc", "/etc, which the first line of the script names: Permission denied"),
        ("#!/bin/sh\r", "the script, whose lines end with a carriage return, as on Windows: No"),
    ],
)
def test_a_script_without_its_interpreter_is_told_so(
    agent: Agent, tmp_path: Path, first: str, words: str
) -> None:
    script = tmp_path / "script"
    script.write_text(f"{first}\ntrue\n", newline="")
    script.chmod(0o700)
    agent.pool.start([Start("a-1", (str(script),), {})])
    assert str(agent.exit("a-1").message).startswith(f"cannot start {words}")


def test_a_missing_directory_is_told_so(agent: Agent) -> None:
    agent.shell("a-1", "true", cwd="/no/such/directory")
    message = "cannot change to directory /no/such/directory: No such file or directory"
    assert agent.exit("a-1").message == message


def test_an_attempt_id_must_fit_a_file_name(agent: Agent) -> None:
    with pytest.raises(AttemptMisnamed):
        agent.pool.start([Start("../a", ("/bin/true",), {})])


def test_a_second_start_of_an_attempt_is_refused(agent: Agent, tmp_path: Path) -> None:
    script = f"echo run >> {tmp_path}/runs; sleep 0.2"
    agent.shell("a-1", script)
    agent.shell("a-1", script)
    agent.pid("a-1")
    agent.exit("a-1")
    agent.pool.acknowledge(["a-1"])
    agent.exits.clear()
    agent.shell("a-1", script)
    assert agent.exit("a-1").reason == "lost"
    assert (tmp_path / "runs").read_text() == "run\n"


def test_what_a_job_leaves_running_is_left_alone(agent: Agent) -> None:
    agent.exit(agent.shell("a-1", "sleep 60 & echo $!"))
    assert alive(int(agent.line("a-1")))


def test_a_folder_with_a_long_path_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    agent = Agent(deep)
    try:
        assert agent.exit(agent.shell("a-1", "exit 7")).return_code == 7
    finally:
        agent.pool.close()
        clean(deep)


def test_closing_idle_hands_ends_keeper_and_supervisors(
    agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    agent.exit(agent.shell("a-1", "true"))
    agent.pool.acknowledge(["a-1"])
    pids = [agent.keeper, *agent.supervisors]
    agent.pool.close(stop_idle=True)
    until(lambda: not any(alive(pid) for pid in pids))
    assert "supervisor.lost" not in caplog.text  # they were asked to go


def test_closing_busy_hands_leaves_them(agent: Agent) -> None:
    pid = agent.pid(agent.shell("a-1", "sleep 60"))
    pids = [pid, agent.keeper, *agent.supervisors]
    agent.pool.close(stop_idle=True)
    assert all(alive(one) for one in pids)


def test_supervisors_are_small(agent: Agent) -> None:
    for pid in (agent.keeper, *agent.supervisors):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        assert pss < 12_000, f"{pss} kB of {sys.executable}"
