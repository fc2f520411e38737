"""A workflow of 5,000 instructions on a whole installation: deployed, drawn, walked by real jobs.

`python -m tests.bench_long [--instructions N] [--branches N]`. One JSON line a figure, as
`tests.bench` prints them, for a chain of jobs and for as many in parallel branches. The first and
the last fifth of a chain stand side by side: what grows with the steps behind an order shows there.
"""

import argparse
import http.cookiejar
import itertools
import re
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from tests.bench import Bench
from tests.bench_installation import (
    PASSWORD,
    Installation,
    document,
    installation,
    order_id,
    wait_for,
)

PAGES = {
    "page of the workflow": "/workflows/{path}/",
    "diagram": "/workflows/{path}/-/picture/",
    "outline": "/workflows/{path}/-/picture/?view=outline",
    "orders of the workflow": "/workflows/{path}/-/orders/",
    "page of the order": "/orders/{order}/",
    "way of the order": "/orders/{order}/path/",
    "history of the order": "/orders/{order}/history/",
}
"""What people look at, by what a figure calls it."""


class Pages:
    """The pages as somebody sees them who is signed in."""

    def __init__(self, at: Installation) -> None:
        self._root = f"http://127.0.0.1:{at.port}"
        self._cookies = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        ).open
        form = self.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        values = {"csrfmiddlewaretoken": token[1] if token else "", "username": "admin"}
        body = urllib.parse.urlencode({**values, "password": PASSWORD}).encode()
        self._open(f"{self._root}/sign-in/", body).read()

    def get(self, path: str) -> str:
        """Return a page."""
        with self._open(self._root + path, timeout=120) as answer:
            found: bytes = answer.read()
        return found.decode()


def chain(instructions: int) -> dict[str, Any]:
    """Return a workflow of so many jobs one after the other."""
    return document([f"job{n}" for n in range(instructions)])


def forks(instructions: int, branches: int) -> dict[str, Any]:
    """Return a workflow of so many jobs in parallel chains."""
    each = instructions // branches
    made = chain(branches * each)
    jobs = made["instructions"]
    made["instructions"] = [
        {"TYPE": "Fork", "branches": [
            {"id": f"b{n}", "workflow": {"instructions": jobs[n * each : (n + 1) * each]}}
            for n in range(branches)]}
    ]  # fmt: skip
    return made


def walk(bench: Bench, pages: Pages, path: str, written: dict[str, Any], instructions: int) -> None:
    """Deploy a workflow, let one order walk it, and print what that took."""
    at, name = bench.at, order_id(path)
    begun = time.monotonic()
    at.deploy(path, written)
    bench.figure("long", f"{path}, deployed", time.monotonic() - begun, "s", n=instructions)
    begun, cpu_s = time.monotonic(), at.cpu_s()
    at.another().post("/api/v1/orders/", {"workflow": path, "id": name})
    fifths = [begun]
    for n in range(1, 6):
        part = n * instructions // 5
        wait_for(lambda part=part: ended(at, path) >= part, 1_800, path, 0.1)  # type: ignore[misc]
        fifths.append(time.monotonic())
    wait_for(lambda: finished(at, name), 60, path, 0.1)
    spent_ms = (at.cpu_s() - cpu_s) / instructions * 1000
    steps_ms = [(b - a) / instructions * 5_000 for a, b in itertools.pairwise(fifths)]
    bench.figure("long", f"{path}, CPU a job", spent_ms, "ms", n=instructions)
    bench.figure("long", f"{path}, a job of the first fifth", steps_ms[0], "ms")
    bench.figure("long", f"{path}, a job of the last fifth", steps_ms[-1], "ms",
                 baseline=steps_ms[0], ratio=steps_ms[-1] / steps_ms[0])  # fmt: skip
    look(bench, pages, path, name)


def look(bench: Bench, pages: Pages, path: str, order: str) -> None:
    """Print how long each page takes that shows the workflow or its order."""
    for what, address in PAGES.items():
        asked = address.format(path=path, order=urllib.parse.quote(order))
        begun = time.monotonic()
        size = len(pages.get(asked))
        took_ms = (time.monotonic() - begun) * 1000
        bench.figure("long", f"{path}, {what}", took_ms, "ms", kilobytes=size // 1024)


def ended(at: Installation, path: str) -> int:
    """Return how many job runs of a workflow have ended."""
    return int(
        at.scalar(
            "SELECT count(*) FROM history_jobrun WHERE workflow=%s AND ended_at IS NOT NULL", path
        )
    )


def finished(at: Installation, name: str) -> bool:
    """Tell whether history shows an order as finished."""
    sql = "SELECT count(*) FROM history_orderrun WHERE order_id=%s AND state='Finished'"
    return bool(at.scalar(sql, name))


def sizes(bench: Bench, instructions: int) -> None:
    """Print what the walks have left on the disk and hold in memory."""
    at = bench.at
    journal = at.scalar("SELECT sum(length(body)) FROM controller_journalbatch")
    kept = sum(file.stat().st_size for file in at.home.rglob("journal.sqlite*"))
    bench.figure("long", "journal of the controller", journal / instructions, "bytes a job")
    bench.figure("long", "journal of the agent", kept / 1e6, "MB")
    bench.figure("long", "memory, sum of PSS", at.pss_mb(), "MB")


def main() -> None:
    """Measure a chain, then parallel branches."""
    parser = argparse.ArgumentParser(description="Measure a workflow of many instructions.")
    parser.add_argument("--instructions", type=int, default=5_000)
    parser.add_argument("--branches", type=int, default=100)
    given = parser.parse_args()
    with installation() as at:
        bench, pages = Bench(at, Path(), 1, 1.0), Pages(at)
        count = given.instructions
        walk(bench, pages, "chain", chain(count), count)
        walk(bench, pages, "forks", forks(count, given.branches), count)
        sizes(bench, 2 * count)


if __name__ == "__main__":
    main()
