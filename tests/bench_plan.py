"""W5: a thousand schedules planned for thirty days, and a day of a million planned orders.

`python -m tests.bench_plan [--rounds N] [--orders N]` prints one JSON line a figure; `make bench`
runs it as well. The baseline is a plain COPY of the same rows into a table with the same indexes,
in the same run.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests/conformance/timetable"
CASE = "load-1000x30-midnight"
DAY = timedelta(days=1)


def figure(name: str, value: float, unit: str, **more: Any) -> None:
    """Print one figure."""
    line = {"workload": "W5", "figure": name, "value": round(value, 4), "unit": unit}
    line |= {k: round(v, 4) if isinstance(v, float) else v for k, v in more.items()}
    print(json.dumps({**line, "load": os.getloadavg()[0]}), flush=True)  # noqa: T201  # its purpose


@contextmanager
def database() -> Iterator[None]:
    """Start PostgreSQL in a home of its own, and make all tables there."""
    home = Path(tempfile.mkdtemp(prefix="stb-"))
    os.environ["STELLWERK_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.settings")
    from cockpit.embedded import running_parts

    try:
        with running_parts(home) as urls:
            os.environ.update(urls.environment())
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def load() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the documents of the load, and what is expected of them."""
    spec = importlib.util.spec_from_file_location("load", CASES / "gen_plan_load.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cases = json.loads((CASES / "plan_scale.json").read_text())
    case = next(case for case in cases if case["name"] == CASE)
    given = case["generator"]
    made = module.load(
        given["seed"], given["schedules"], given["start"], given["days"], given["period_begin"]
    )
    return made, case["expect"]


def release(documents: dict[str, Any]) -> None:
    """Put the documents into force as the controller does."""
    from django.conf import settings

    from controller.models import DeployedItem

    pairs = [("calendar", n, d) for n, d in documents["calendars"].items()]
    pairs += [("schedule", n, d) for n, d in documents["schedules"].items()]
    DeployedItem.objects.bulk_create(
        DeployedItem(
            controller=settings.STELLWERK_CONTROLLER_ID, kind=kind, path=f"load/{name}",
            version=hashlib.sha256(json.dumps(document).encode()).hexdigest(),
            document=json.dumps(document).encode(), signature=b"", current=True, taken_no=1,
        )
        for kind, name, document in pairs
    )  # fmt: skip


class Spent:
    """What something has cost: seconds by the clock, and CPU here and in the database session."""

    wall = cpu = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """Measure what is done meanwhile."""
    session = Path(f"/proc/{run('SELECT pg_backend_pid()')[0][0]}/schedstat")
    found = Spent()
    found.cpu -= time.process_time() + int(session.read_text().split()[0]) / 1e9
    found.wall -= time.perf_counter()
    yield found
    found.wall += time.perf_counter()
    found.cpu += time.process_time() + int(session.read_text().split()[0]) / 1e9


def plan_all(first: date, days: int) -> Spent:
    """Return what planning and storing costs; nothing is in mind from before."""
    from django.db import transaction

    from dailyplan import released
    from dailyplan.plan_now import plan_now
    from dailyplan.plan_settings import PlanConfig

    now = datetime.combine(first, datetime.min.time(), UTC) - DAY
    config = PlanConfig(days_ahead_plan=days, days_ahead_submit=0)
    for remembered in (released._schedule, released._calendar):
        remembered.cache_clear()
    with spent() as cost:
        plan_now(released.read_released(), config, now=now, transaction=transaction.atomic)
    return cost


def forget() -> None:
    """Empty the plan."""
    run("TRUNCATE dailyplan_plannedorder, dailyplan_plannedschedule, dailyplan_parameterisation,"
        " dailyplan_countchange")  # fmt: skip


def run(statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """Return the rows of a statement."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def copy_again() -> Spent:
    """Return what a plain COPY of the same rows costs."""
    from django.db import connection

    columns = ("origin, start_at, day, parameterisation, state, flags, submit, late, repeat_s,"
               " count, end_at, next_at, left_out")  # fmt: skip
    run("DROP TABLE IF EXISTS plain")
    run("CREATE TABLE plain (LIKE dailyplan_plannedorder INCLUDING ALL)")
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY dailyplan_plannedorder ({columns}) TO STDOUT") as copy:
            rows = b"".join(bytes(block) for block in copy)
        with spent() as cost, cursor.copy(f"COPY plain ({columns}) FROM STDIN") as copy:
            copy.write(rows)
        return cost


def check(first: date, days: int, expected: dict[str, Any]) -> int:
    """Return how many starts are stored, having compared all of them with what is expected."""
    from dailyplan.cycle import starts_of
    from dailyplan.models import Parameterisation
    from dailyplan.tables import rows_of

    names = dict(Parameterisation.objects.values_list("id", "schedule"))
    found: set[tuple[str, int]] = set()
    for row in rows_of(list(names), first, first + (days - 1) * DAY):
        name = names[row.parameterisation]
        if row.repeat_s is None:
            found.add((name, row.start_us))
            continue
        grid = starts_of(row.start_us, row.end_us or 0, row.repeat_s, row.left_out)
        found.update((name, at) for at in grid)
    lines = [f"{n}|{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%dT%H:%M:%SZ}" for n, at in found]
    text = "\n".join(sorted(lines))
    digest = hashlib.sha256(text.encode()).hexdigest()
    if (len(lines), digest) != (expected["starts"], expected["sha256"]):
        raise SystemExit(f"W5: {len(lines)} starts, digest {digest}: not what is expected")
    return len(lines)


def replan(name: str, first: date, days: int) -> float:
    """Return the seconds from a changed schedule to its rows."""
    from controller.models import DeployedItem

    item = DeployedItem.objects.get(kind="schedule", path=f"load/{name}")
    document = json.loads(bytes(item.document))
    document["calendars"][0]["periods"] = [{"singleStart": "07:07:00", "whenHoliday": "IGNORE"}]
    began = time.perf_counter()
    DeployedItem.objects.filter(kind="schedule", path=item.path).update(
        document=json.dumps(document).encode(), version=f"changed at {began}"
    )
    plan_all(first, days)
    return time.perf_counter() - began


def planned(rounds: int) -> None:
    """Measure planning and planning anew."""
    documents, expected = load()
    first = date.fromisoformat(documents["range"][0])
    days = (date.fromisoformat(documents["range"][1]) - first).days + 1
    release(documents)
    took: list[Spent] = []
    plain: list[Spent] = []
    starts = rows = 0
    for _ in range(rounds):
        forget()
        took.append(plan_all(first, days))
        starts = check(first, days, expected)
        rows = run("SELECT count(*) FROM dailyplan_plannedorder")[0][0]
        plain.append(copy_again())
    value, base = (statistics.median(cost.wall for cost in costs) for costs in (took, plain))
    figure("planned and stored, rows", rows / value, "1/s", baseline=rows / base,
           ratio=base / value, n=rounds)  # fmt: skip
    figure("planned and stored, orders", starts / value, "1/s", n=rounds)
    value, base = (statistics.median(cost.cpu for cost in costs) for costs in (took, plain))
    figure("planned and stored, CPU with the database's", value, "s", baseline=base,
           ratio=base / value, n=rounds)  # fmt: skip
    anew = [replan(name, first, days) for name in list(documents["schedules"])[1:6]]
    figure("a changed schedule planned anew, max", max(anew), "s", n=len(anew))
    projected(first)


def projected(first: date) -> None:
    """Measure a year of all schedules, computed and then kept."""
    from dailyplan.plan_settings import DEFAULTS
    from dailyplan.projection import project
    from dailyplan.released import read_released

    released = read_released()
    schedules = list(released.schedules.values())
    for name in ("computed", "kept"):
        began = time.perf_counter()
        project(schedules, released, DEFAULTS, first=first, last=first + 364 * DAY)
        took = time.perf_counter() - began
        figure(f"a year of {len(schedules)} schedules, {name}", took, "s")


def a_million(orders: int) -> None:
    """Measure lists over one day with many planned orders."""
    from dailyplan.counts import count_days, count_late, fold
    from dailyplan.selecting import PlanFilter, page
    from dailyplan.state import PlanState

    forget()
    day, schedules = date(2026, 5, 4), 1_000
    run(
        "INSERT INTO dailyplan_parameterisation (digest, schedule, schedule_path, workflow,"
        " order_name, priority, tags, body) SELECT decode(lpad(to_hex(n), 8, '0'), 'hex'),"
        " 'schedule-' || n, 'plan/' || n %% 20 || '/schedule-' || n,"
        " 'flows/' || n %% 20 || '/workflow-' || n %% 200, 'order-' || n, 0,"
        " CASE WHEN n %% 50 = 0 THEN '{night}'::text[] ELSE '{}' END, ''"
        " FROM generate_series(1, %s) AS n",
        (schedules,),
    )
    run(
        "INSERT INTO dailyplan_plannedorder (origin, start_at, day, parameterisation, state, flags,"
        " submit, late) SELECT n::bigint * 7919, %s + n * %s, %s,"
        " (SELECT min(id) FROM dailyplan_parameterisation) + n %% %s,"
        " CASE WHEN n %% 10 < 6 THEN 3 WHEN n %% 10 < 8 THEN 1 WHEN n %% 100000 = 99999 THEN 4"
        " ELSE 0 END, 0, false, n %% 997 = 0 FROM generate_series(0, %s - 1) AS n",
        (datetime(2026, 5, 4, tzinfo=UTC), DAY / orders, day, schedules, orders),
    )
    run("VACUUM ANALYZE dailyplan_plannedorder")
    fold()
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    filters = {
        "all": {}, "one state": {"states": (PlanState.FAILED,)},
        "workflow": {"workflow": "workflow-7"},
        "folder": {"folder": "flows/3"}, "schedule": {"schedule": "plan/5/schedule-5"},
        "text": {"text": "order-99"}, "tag": {"tags": ("night",)}, "late": {"late_before": noon},
        "folder and state": {"folder": "flows/3", "states": (PlanState.FAILED,)},
        "everybody's folder": {"folder": "flows"},
    }  # fmt: skip
    deep = f"{day}.{int(noon.timestamp() * 1e6)}.1"
    worst = 0.0
    for name, given in filters.items():
        wanted = PlanFilter(first=day, last=day, **given)  # type: ignore[arg-type]
        took = max(median_ms(page, wanted), median_ms(partial(page, cursor=deep), wanted))
        worst = max(worst, took)
        figure(f"list of {orders}: {name}, first and deep page", took, "ms", n=5)
    counted = median_ms(lambda: (count_days(day, day), count_late(day, now=noon, tolerance_s=60)))
    figure(f"counts of {orders}", counted, "ms", n=5)
    figure(f"list of {orders}, slowest", max(worst, counted), "ms")


def median_ms(act: Callable[..., Any], *given: Any) -> float:
    """Return the median time of an act in milliseconds."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        act(*given)
        took.append((time.perf_counter() - began) * 1_000)
    return statistics.median(took)


def main() -> None:
    """Run W5."""
    parser = argparse.ArgumentParser(description="Measure the daily plan.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=1_000_000)
    given = parser.parse_args()
    with database():
        if given.rounds:
            planned(given.rounds)
        a_million(given.orders)


if __name__ == "__main__":
    main()
