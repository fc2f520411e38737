"""The same jobs as chains of Celery tasks: what a team without an engine would write."""

import os
import subprocess
import time
from typing import Any

from celery import Celery, chain

app = Celery("bench", broker=os.environ["BENCH_BROKER"], backend=os.environ["BENCH_BACKEND"])
app.conf.update(worker_prefetch_multiplier=4, task_acks_late=True)


@app.task(name="bench.job")
def job(_before: object, script: str) -> int:
    """Run the script as a subprocess and return its status."""
    return subprocess.run([script], check=False, env={"PATH": "/usr/bin:/bin"}).returncode


def submit(script: str, orders: int, steps: int) -> list[Any]:
    """Send the chains; returns their results to wait for."""
    return [
        chain(*(job.s(script) if i else job.s(None, script) for i in range(steps))).apply_async()
        for _ in range(orders)
    ]


def main() -> None:
    """Print how many seconds the chains of BENCH_SIZE took."""
    script = os.environ["BENCH_SCRIPT"]
    orders, steps = map(int, os.environ["BENCH_SIZE"].split())
    submit(script, 1, 1)[0].get(timeout=60)
    start = time.monotonic()
    for result in submit(script, orders, steps):
        result.get(timeout=300)
    print(time.monotonic() - start)  # noqa: T201  # what the caller reads


if __name__ == "__main__":
    main()
