"""`make bench`: the workloads W1 to W5, four of them on a whole installation, beside two baselines.

One JSON line a figure: workload, figure, value, unit, baseline, ratio, n, load, commit. Rounds of
the product and of the baselines take turns, because machines are shared; medians are printed.
`python -m tests.bench [W1 W2 W3 W4 W5] [--rounds N] [--scale F]`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench_hands import baseline, compiled
from tests.bench_installation import (
    ROOT,
    SCRIPT,
    Installation,
    document,
    finished_runs,
    installation,
    order_id,
    wait_for,
)


class Bench:
    """Runs workloads and prints their figures."""

    def __init__(self, at: Installation, program: Path, rounds: int, scale: float) -> None:
        self.at, self.program, self.rounds, self.scale = at, program, rounds, scale
        self.script = at.home / "baseline.sh"
        self.script.write_text(SCRIPT)
        self.script.chmod(0o755)
        self.commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()

    def figure(self, workload: str, name: str, value: float, unit: str, **more: Any) -> None:
        """Print one figure, and keep it."""
        line = json.dumps(
            {
                "workload": workload,
                "figure": name,
                "value": round(value, 4),
                "unit": unit,
                **{k: round(v, 4) if isinstance(v, float) else v for k, v in more.items()},
                "load": os.getloadavg()[0],
                "commit": self.commit,
                "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            }
        )
        print(line, flush=True)  # noqa: T201  # what the command is for
        with (ROOT / "bench-history.jsonl").open("a") as history:
            history.write(line + "\n")

    def bare(self, jobs: int) -> dict[str, float]:
        """Return the figures of the bare spawn loop, two at a time."""
        return baseline(self.program, self.script, jobs, parallel=2)

    # -- workloads --------------------------------------------------------------------------

    def w1(self) -> None:
        """1,000 orders of 5 jobs, submitted at once; all history durable."""
        orders, steps = int(1000 * self.scale), 5
        self.at.deploy("w1", document([f"job{i}" for i in range(steps)]))
        rows: list[dict[str, float]] = []
        for _ in range(self.rounds):
            b = self.bare(orders * steps)
            rows.append({**self._w1_round(orders, steps), "bare": orders * steps / b["wall_s"],
                         "child": (b["child_cpu_s"] + b["self_cpu_s"]) / orders / steps * 1000,
                         "celery": self._celery(orders // 5, steps)})  # fmt: skip
        middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        self.figure("W1", "jobs per second", middle["rate"], "1/s", baseline=middle["bare"],
                    ratio=middle["rate"] / middle["bare"], n=len(rows))  # fmt: skip
        chain = middle["celery"]
        self.figure("W1", "jobs per second beside a Celery chain", middle["rate"], "1/s",
                    baseline=chain, ratio=middle["rate"] / chain, n=len(rows))  # fmt: skip
        self.figure("W1", "CPU per job", middle["cpu"], "ms", baseline=middle["child"], n=len(rows))
        self.figure(
            "W1", "CPU beyond the child", middle["cpu"] - middle["child"], "ms", n=len(rows)
        )
        self.figure("W1", "CPU of the database, not in the above", middle["database"], "ms",
                    n=len(rows))  # fmt: skip
        self.figure("W1", "memory, sum of PSS", max(row["pss"] for row in rows), "MB", n=len(rows))

    def _w1_round(self, orders: int, steps: int) -> dict[str, float]:
        before, cpu = finished_runs(self.at, "w1"), self.at.cpu_s()
        database = self.at.database_cpu_s()
        start = time.monotonic()
        batch = [{"workflow": "w1", "id": order_id(f"w1-{i}")} for i in range(orders)]
        for first in range(0, orders, 500):
            self.at.post("/api/v1/orders/", batch[first : first + 500])
        wait_for(lambda: finished_runs(self.at, "w1") >= before + orders, 300, "W1", 0.05)
        wall = time.monotonic() - start
        jobs = orders * steps
        return {
            "rate": jobs / wall,
            "cpu": (self.at.cpu_s() - cpu) / jobs * 1000,
            "database": (self.at.database_cpu_s() - database) / jobs * 1000,
            "pss": self.at.pss_mb(),
        }

    def _celery(self, orders: int, steps: int) -> float:
        """Return jobs per second of the same jobs as Celery chains on the same broker."""
        path = self.at.broker.removeprefix("redis+socket://")
        env = {
            **os.environ,
            "BENCH_BROKER": f"redis+socket://{path}?virtual_host=5",
            "BENCH_BACKEND": f"redis+socket://{path}?virtual_host=6",
            "BENCH_SCRIPT": str(self.script),
            "BENCH_SIZE": f"{orders} {steps}",
        }
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.bench_celery", "worker", "-P", "threads",
             "-c", "4", "-l", "ERROR",
             "--without-gossip", "--without-mingle", "--without-heartbeat"],
            cwd=ROOT, env={**env, "C_FORCE_ROOT": "1"}, stdout=self.at.log, stderr=self.at.log,
        )  # fmt: skip
        try:
            out = subprocess.run(
                [sys.executable, "-m", "tests.bench_celery"],
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
                check=True,
            )
            return orders * steps / float(out.stdout)
        finally:
            worker.terminate()
            worker.wait(30)

    def w2(self) -> None:
        """One order with one job on an idle system, again and again."""
        self.at.deploy("w2", document(["job"]))
        starts, shown = [], []
        for _ in range(int(100 * self.scale)):
            name = order_id("w2")
            sent = time.time()
            self.at.post("/api/v1/orders/", {"workflow": "w2", "id": name})
            wait_for(lambda name=name: self._shown(name), 10, "W2", 0.002)  # type: ignore[misc]
            shown.append((time.time() - sent) * 1000)
            started = self.at.scalar(
                "SELECT extract(epoch from started_at)::float8 FROM history_jobrun"
                " WHERE order_id=%s",
                name,
            )
            starts.append((started - sent) * 1000)
            time.sleep(0.02)
        for name, values in (("submit to job start", starts), ("submit to history", shown)):
            self.figure("W2", f"{name}, p50", statistics.median(values), "ms", n=len(values))
            self.figure("W2", f"{name}, max", max(values), "ms", n=len(values))

    def _shown(self, name: str) -> bool:
        return bool(
            self.at.scalar(
                "SELECT 1 FROM history_orderrun WHERE order_id=%s AND state='Finished'", name
            )
        )

    def w3(self) -> None:
        """One order with 200 jobs one after the other."""
        steps = int(200 * self.scale)
        self.at.deploy("w3", document([f"job{i}" for i in range(steps)]))
        values = [self._one("w3") / steps * 1000 for _ in range(self.rounds)]
        bare = self.bare(200)["wall_s"] / 200 * 1000
        self.figure("W3", "a step, best", min(values), "ms", baseline=bare, n=len(values))
        self.figure(
            "W3", "a step, median", statistics.median(values), "ms", baseline=bare, n=len(values)
        )

    def w4(self) -> None:
        """One order that forks into 500 branches of one job and joins them."""
        branches = int(500 * self.scale)
        made = document(["unused"])
        made["instructions"] = [
            {"TYPE": "Fork", "branches": [
                {"id": f"b{i}", "workflow": {"instructions": [
                    {"TYPE": "Execute.Named", "jobName": "job", "label": f"job{i}"}]}}
                for i in range(branches)]}
        ]  # fmt: skip
        self.at.deploy("w4", made)
        values, bare = [], []
        for _ in range(self.rounds):
            bare.append(self.bare(branches)["wall_s"])
            values.append(self._one("w4"))
        value, floor = statistics.median(values), statistics.median(bare)
        self.figure(
            "W4", "fork and join", value, "s", baseline=floor, ratio=value / floor, n=len(values)
        )

    def w5(self) -> None:
        """The daily plan, on a database of its own; its program prints and we keep."""
        out = subprocess.run(
            [sys.executable, "-m", "tests.bench_plan", "--rounds", str(self.rounds),
             "--orders", str(int(1_000_000 * self.scale))],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for line in out.stdout.splitlines():
            told = json.loads(line)
            told.pop("load")
            self.figure(told.pop("workload"), told.pop("figure"), told.pop("value"),
                        told.pop("unit"), **told)  # fmt: skip

    def _one(self, workflow: str) -> float:
        name = order_id(workflow)
        start = time.monotonic()
        self.at.post("/api/v1/orders/", {"workflow": workflow, "id": name})
        wait_for(lambda: self._shown(name), 120, workflow, 0.005)
        return time.monotonic() - start


def main() -> None:
    """Run the workloads that were named, all of them by default."""
    parser = argparse.ArgumentParser(description="Measure the workloads W1 to W5.")
    parser.add_argument("workloads", nargs="*", default=["W1", "W2", "W3", "W4", "W5"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    with installation() as at:
        bench = Bench(at, compiled(at.home), given.rounds, given.scale)
        for workload in given.workloads:
            getattr(bench, workload.lower())()


if __name__ == "__main__":
    main()
