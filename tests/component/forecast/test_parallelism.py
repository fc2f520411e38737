"""How many processes are taken for an agent that nobody limits."""

import datetime as dt

import pytest

from agents.models import Agent
from cockpit.services.forecast_reading import gather
from dailyplan.forecast_present import PROCESSES
from history.parallelism import most_at_once
from tests.component.forecast.mirror import C, Mirror, flow, run


@pytest.fixture
def ran(mirror: Mirror) -> Mirror:
    """A site on which one job has run."""
    mirror.deploy({"fin/close": flow(run("load"))})
    mirror.add("close", "fin/close", in_s=-6_000)
    mirror.write()
    return mirror


def put(mirror: Mirror, agent: str, *spans: tuple[float, float | None]) -> None:
    """Let jobs have run at an agent, from and to minutes before now."""

    def at(minutes: float | None) -> dt.datetime | None:
        return None if minutes is None else mirror.now - dt.timedelta(minutes=minutes)

    template = mirror.conn.execute("SELECT * FROM history_jobrun LIMIT 1").fetchone()
    assert template is not None
    cursor = mirror.conn.execute("SELECT * FROM history_jobrun LIMIT 0")
    names = [one.name for one in cursor.description or []]
    for n, (began, ended) in enumerate(spans):
        row = dict(zip(names, template, strict=True))
        row |= {"agent": agent, "started_at": at(began), "ended_at": at(ended)}
        row |= {"no": 1_000_000 + n + hash(agent) % 1_000 * 1_000, "attempt": f"{agent}.{n}"}
        marks = ", ".join(["%s"] * len(row))
        mirror.conn.execute(
            f"INSERT INTO history_jobrun ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
            list(row.values()),
        )


def test_the_most_at_once_are_counted_for_each_agent(ran: Mirror) -> None:
    put(ran, "a", (9, 6), (8, 5), (7, None), (5, 4))
    put(ran, "b", (9, 8), (8, 7))
    found = most_at_once(ran.conn, C)
    assert (found["a"], found["b"]) == (3, 1), "one that ends makes room for one that begins"


def test_only_the_newest_runs_are_looked_at(ran: Mirror) -> None:
    put(ran, "a", (9, None), (8, None), (7, None))
    assert most_at_once(ran.conn, C, runs=2)["a"] == 2
    assert "a" not in most_at_once(ran.conn, C, days=0)


def test_an_agent_without_a_limit_is_taken_with_what_was_seen_and_said(ran: Mirror) -> None:
    Agent.objects.all().delete()
    for name, limit in (("small", None), ("big", None), ("limited", 3)):
        Agent.objects.create(id=name, process_limit=limit)
    many = PROCESSES + 4
    put(ran, "big", *((9.0 - n / 100, None) for n in range(many)))
    put(ran, "limited", (9, None), (8, None), (7, None), (6, None))
    gathered = gather(ran.conn, C, ran.now)
    taken = {agent.name: agent.processes for agent in gathered.snapshot.agents}
    assert taken == {"small": PROCESSES, "big": many, "limited": 3}
    assert gathered.processes == {"small": PROCESSES, "big": many}
