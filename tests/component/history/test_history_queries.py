"""Lists of the history: pages by key, filters, counts."""

import datetime as dt
import re

import psycopg
import pytest

from controller.follower import Following
from engine.order import events as e
from engine.order import model as m
from history import partitions, queries
from history.follow import HistoryFollower
from history.keyset import CursorUnreadable, Page, _beyond
from history.models import GroupCount, JobRun, OrderRun
from history.queries import JobFilter, OrderFilter
from tests.journal_writing import BEGIN_US, Step, added, entries, one_job, whole_life, write_turn

C = "c"
DAY_US = 86_400_000_000
ALL = OrderFilter(controller=C)


def follow(conn: psycopg.Connection, *turns: tuple[list[Step], int]) -> None:
    one = Following(conn, HistoryFollower(C), C, transaction=lambda conn: conn.transaction())
    no = one.no
    for steps, at_us in turns:
        write_turn(conn, C, entries(steps, first_no=no + 1, at_us=at_us))
        no += len(steps)
        one.step()


@pytest.fixture
def three_days(conn: psycopg.Connection) -> None:
    """On each day two orders that are through, one that fails and one with a child."""
    for day in range(3):
        steps: list[Step] = [
            *whole_life(f"#{day}#done-1", f"r:{day}1"),
            *whole_life(f"#{day}#done-2", f"r:{day}2"),
            added(f"#{day}#bad", workflow="risk/var"),
            *one_job(f"#{day}#bad", f"r:{day}3", m.Outcome("failed", 1, "no")),
            (f"#{day}#bad", e.OrderDetached("agent-1")),
            (f"#{day}#bad", e.OrderFailed(m.Outcome("failed", 1, "no"), BEGIN_US)),
            added(f"#{day}#fork", tags=("eu",), order_date=f"2026-11-2{day}"),
            (f"#{day}#fork", e.OrderStarted(BEGIN_US)),
            (f"#{day}#fork", e.OrderForked(((f"#{day}#fork|x", "x"),))),
        ]
        follow(conn, (steps, BEGIN_US + day * DAY_US))


def ids(page: Page) -> list[str]:
    return [row.order_id for row in page.rows]  # type: ignore[attr-defined]


def listed(**wanted: object) -> list[str]:
    found = queries.order_runs(OrderRun.objects.all(), OrderFilter(controller=C, **wanted))  # type: ignore[arg-type]
    return ids(found)


@pytest.mark.usefixtures("three_days")
def test_pages_lead_through_the_list_and_back() -> None:
    whole = ids(queries.order_runs(OrderRun.objects.all(), ALL))
    assert len(whole) == 12
    assert whole[0] == "#2#fork"
    assert whole[-1] == "#0#done-1"
    pages, cursor = [], None
    while True:
        page = queries.order_runs(OrderRun.objects.all(), ALL, cursor=cursor, limit=5)
        pages.append(page)
        cursor = page.older
        if cursor is None:
            break
    assert [ids(page) for page in pages] == [whole[:5], whole[5:10], whole[10:]]
    assert pages[0].newer is None
    back = queries.order_runs(OrderRun.objects.all(), ALL, cursor=pages[2].newer, limit=5)
    assert ids(back) == whole[5:10]
    first = queries.order_runs(OrderRun.objects.all(), ALL, cursor=back.newer, limit=5)
    assert (ids(first), first.newer) == (whole[:5], None)


@pytest.mark.usefixtures("three_days")
def test_filters_narrow_the_list() -> None:
    assert listed(groups=["failed"]) == ["#2#bad", "#1#bad", "#0#bad"]
    assert listed(workflow="risk/*") == ["#2#bad", "#1#bad", "#0#bad"]
    assert listed(workflow="risk/var", groups=["finished"]) == []
    assert listed(text="#1#*") == ["#1#fork", "#1#bad", "#1#done-2", "#1#done-1"]
    assert listed(text="done-2") == ["#2#done-2", "#1#done-2", "#0#done-2"]
    assert listed(text="#*#bad") == ["#2#bad", "#1#bad", "#0#bad"]
    assert listed(tags=["eu"], order_date="2026-11-21") == ["#1#fork"]
    assert listed(parent="#1#fork") == ["#1#fork|x"]
    assert listed(with_children=True, text="#1#fork*") == ["#1#fork|x", "#1#fork"]
    assert listed(order_ids=["#1#fork|x", "#0#bad"]) == ["#1#fork|x", "#0#bad"]
    assert len(listed(is_live=True)) == 6
    first = OrderRun.objects.order_by("run").first()
    assert first
    assert len(listed(until=first.added_at)) == 0
    assert len(listed(since=first.added_at)) == 12


@pytest.mark.usefixtures("three_days")
def test_an_order_with_its_way_its_jobs_and_its_children() -> None:
    bad = queries.order_run(OrderRun.objects.all(), C, "#1#bad")
    assert bad
    assert [s.state for s in queries.states(bad)] == [
        "Fresh", "Ready", "Processing", "Failed",
    ]  # fmt: skip
    (job,) = queries.job_runs_of(JobRun.objects.all(), bad)
    assert job.state == "failed"
    assert queries.job_run(JobRun.objects.all(), C, job.no) == job
    fork = queries.order_run(OrderRun.objects.all(), C, "#1#fork")
    assert fork
    assert [c.order_id for c in queries.children(OrderRun.objects.all(), fork)] == ["#1#fork|x"]
    assert queries.order_run(OrderRun.objects.all(), C, "nobody") is None


@pytest.mark.usefixtures("three_days")
def test_job_runs_are_listed_and_filtered() -> None:
    def attempts(**wanted: object) -> list[str]:
        found = queries.job_runs(JobRun.objects.all(), JobFilter(controller=C, **wanted))  # type: ignore[arg-type]
        return [row.attempt for row in found.rows]  # type: ignore[attr-defined]

    assert len(attempts()) == 9
    assert attempts(states=["failed"]) == ["r:23", "r:13", "r:03"]
    assert attempts(workflow="risk/*", agent="agent-1") == ["r:23", "r:13", "r:03"]
    assert attempts(order_id="#0#done-1") == ["r:01"]


@pytest.mark.usefixtures("three_days")
def test_counts_equal_what_the_lists_show() -> None:
    counts = queries.counts_by_group(GroupCount.objects.all(), C)
    assert counts == {"finished": 6, "failed": 3, "waiting": 3}
    assert queries.counts_by_group(GroupCount.objects.all(), C, workflow="risk/*") == {"failed": 3}
    every = queries.counts_by_group(GroupCount.objects.all(), C, with_children=True)
    assert every["ready"] == 3


@pytest.mark.usefixtures("three_days")
def test_rows_that_the_gate_hides_stay_hidden() -> None:
    seen = OrderRun.objects.filter(workflow__startswith="risk/")
    assert ids(queries.order_runs(seen, ALL)) == ["#2#bad", "#1#bad", "#0#bad"]
    assert queries.order_run(seen, C, "#1#fork") is None


@pytest.mark.parametrize("cursor", ["x", "1", "1.2.3", "99999999999999999999.1", "-"])
def test_a_foreign_cursor_is_refused(transactional_db: None, cursor: str) -> None:
    with pytest.raises(CursorUnreadable):
        queries.order_runs(OrderRun.objects.all(), ALL, cursor=cursor)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "controller_added_at_run"),
        ({"groups": ["finished"]}, "controller_group_added_at_run"),
        ({"workflow": "billing/w1"}, "controller_workflow_added_at_run"),
        ({"text": "order-1234*"}, "controller_order_id_run"),
    ],
)
def test_a_deep_page_walks_an_index(
    conn: psycopg.Connection, wanted: dict[str, object], index: str
) -> None:
    """Neither a sort nor a whole table is read, however deep the page lies."""
    first = dt.date(2026, 11, 1)
    partitions.ensure(conn, [first + dt.timedelta(days=n) for n in range(3)])
    conn.execute(_MANY, (C,))
    conn.execute("ANALYZE history_orderrun")
    rows = queries.filtered_orders(
        OrderRun.objects.all(),
        OrderFilter(controller=C, **wanted),  # type: ignore[arg-type]
    )
    cursor = "1793640000000000.400000"
    rows = rows.filter(_beyond(cursor, "added_at", "run", is_newer=False))
    plan = rows.order_by("-added_at", "-run")[:101].explain()
    assert index in plan, plan
    assert not re.search("Seq Scan on history_orderrun_2026110[123]", plan), plan


_MANY = """
    INSERT INTO history_orderrun (day, controller, run, order_id, workflow, version, state, "group",
           suspended, live, position, added_at, priority, tags, arguments, changed_no)
    SELECT '2026-11-01'::date + (n / 10000), %s, n::bigint << 20, 'order-' || n,
           'billing/w' || n %% 50, '1', 'Finished',
           (ARRAY['finished', 'failed', 'cancelled'])[1 + n %% 3], false, false, '0',
           timestamptz '2026-11-01 00:00Z' + n * interval '8.64 s', 0, '{}', '\\x80', n
      FROM generate_series(0, 29999) AS n"""
