"""What starting a job through the pool costs beside the bare spawn loop, as one JSON line a round.

``python -m tests.bench_hands [JOBS] [PARALLEL] [ROUNDS]``; needs a C compiler. Rounds of both take
turns, because the machine is shared. CPU is read from /proc and rusage, wall time says less.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agents.worker.hands.attempt import Exit, Start
from agents.worker.hands.pool import Pool

SCRIPTS = {"true": b"", "sh": b"#!/bin/sh\n/bin/true\n"}
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    **{f"JS7_VARIABLE_{number}": "x" * 20 for number in range(10)},
}
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def compiled(folder: Path) -> Path:
    """Return the baseline program."""
    program = folder / "baseline"
    source = Path(__file__).with_name("bench_baseline.c")
    subprocess.run(["cc", "-O2", "-o", program, source], check=True)
    return program


def baseline(program: Path, script: Path, jobs: int, *, parallel: int = 2) -> dict[str, float]:
    """Return wall and CPU seconds of the bare spawn loop."""
    words = [str(program), str(script), str(jobs), str(parallel)]
    out = subprocess.run(words, env=ENVIRONMENT, check=True, capture_output=True)
    facts: dict[str, float] = json.loads(out.stdout)
    return facts


def spent_s(pids: list[int]) -> tuple[float, float]:
    """Return the CPU of processes by themselves (nanosecond clock) and of reaped children."""
    own = children = 0.0
    for pid in pids:
        own += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children += (int(fields[13]) + int(fields[14])) * _TICK_S
    return own, children


def run(pool: Pool, script: Path, jobs: int, *, parallel: int) -> dict[str, float]:
    """Return wall seconds and CPU seconds of supervisors, children and this process."""
    pids = [link.pid for link in pool.places.values()]
    own, children = spent_s(pids)
    mine, began, run_id = time.process_time(), time.perf_counter(), time.time_ns()
    started = ended = 0
    waiting = select.epoll()
    waiting.register(pool.fileno(), select.EPOLLIN)
    out = pool.folder.path / "out"
    while ended < jobs:
        room = min(parallel - (started - ended), jobs - started)
        names = [f"{run_id}-{number}" for number in range(started, started + room)]
        pool.start([Start(name, (str(script),), ENVIRONMENT, None, 15.0) for name in names])
        started += room
        waiting.poll()
        exits = [event.attempt for event in pool.on_readable() if isinstance(event, Exit)]
        pool.acknowledge(exits)
        ended += len(exits)
        for attempt in exits:
            (out / f"{attempt}.out").unlink()
            (out / f"{attempt}.err").unlink()
    wall, spent = time.perf_counter() - began, spent_s(pids)
    return {
        "wall_s": wall,
        "supervisors_cpu_s": spent[0] - own,
        "child_cpu_s": spent[1] - children,
        "agent_cpu_s": time.process_time() - mine,
    }


def compared(folder: Path, script: Path, jobs: int, *, parallel: int, rounds: int) -> None:
    """Prints a line for each round of the baseline and the pool."""
    program = compiled(folder)
    pool = Pool(folder / "hands", supervisors=2 * (os.cpu_count() or 1))
    pool.open()
    for _ in range(rounds):
        bare = baseline(program, script, jobs)
        hands = run(pool, script, jobs, parallel=parallel)
        line = {
            "script": script.name,
            "parallel": parallel,
            "bare_per_s": round(jobs / bare["wall_s"]),
            "hands_per_s": round(jobs / hands["wall_s"]),
            "ratio": round(bare["wall_s"] / hands["wall_s"], 2),
            "bare_us": round((bare["self_cpu_s"] + bare["child_cpu_s"]) / jobs * 1e6),
            **{
                key.replace("cpu_s", "us"): round(value / jobs * 1e6)
                for key, value in hands.items()
                if key.endswith("cpu_s")
            },
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    pool.close(stop_idle=True)


def main() -> None:
    """Measures with a program and with a shell script."""
    numbers = [int(word) for word in sys.argv[1:]] + [2000, 16, 3][len(sys.argv) - 1 :]
    folder = Path(tempfile.mkdtemp(prefix="bench-hands-"))
    script = folder / "job.sh"
    script.write_bytes(SCRIPTS["sh"])
    script.chmod(0o700)
    for program in (Path("/bin/true"), script):
        compared(folder, program, numbers[0], parallel=numbers[1], rounds=numbers[2])
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
