"""The beat moves with the role: one at a time, and no start is lost to both or sent by both."""

import time

from cockpit.management.commands.services import DEPOSED
from tests.fault.services.conftest import Members
from tests.system.parts import Parts
from tests.system.waiting import wait_until

FIRST, SECOND = "cockpit-1/aa", "cockpit-2/bb"


def every_second(members: Members) -> None:
    members.conn.execute(
        "WITH every AS (INSERT INTO django_celery_beat_intervalschedule (every, period)"
        " VALUES (1, 'seconds') RETURNING id)"
        " INSERT INTO django_celery_beat_periodictask (name, task, args, kwargs, queue, headers,"
        " enabled, one_off, total_run_count, date_changed, description, interval_id)"
        " SELECT 'ticking', 'app.tick', '[]', '{}', 'ticks', '{}', true, false, 0, now(), '', id"
        " FROM every"
    )


def sent(members: Members) -> int:
    return int(members.broker.llen("ticks"))


def claimed(members: Members) -> int:
    name = "SELECT total_run_count FROM django_celery_beat_periodictask WHERE name = 'ticking'"
    return int(members.rows(name)[0][0])


def test_after_a_fail_over_exactly_one_beat_runs(members: Members) -> None:
    every_second(members)
    members.lead(1, FIRST)
    first = members.services("first", 1, FIRST)
    wait_until(lambda: sent(members) >= 3, why=members.logs)

    members.lead(2, SECOND)
    second = members.services("second", 2, SECOND)
    wait_until(lambda: not first.alive, why=members.logs)
    assert first.process
    assert first.process.returncode == DEPOSED
    before, began = sent(members), time.monotonic()
    wait_until(lambda: sent(members) >= before + 4, why=members.logs)

    # Two beats would be about twice as fast as the clock allows one to be.
    assert sent(members) - before <= time.monotonic() - began + 1.5
    assert second.stop() == 0
    assert sent(members) == claimed(members)


def test_the_beat_goes_on_after_the_servers_were_away(servers: Parts, members: Members) -> None:
    every_second(members)
    members.lead(1, FIRST)
    members.services("first", 1, FIRST)
    wait_until(lambda: sent(members) >= 2, why=members.logs)
    servers.kill_broker()
    servers.stop_database_immediately()
    members.reconnect()
    before = sent(members)
    wait_until(lambda: sent(members) >= before + 3, within_s=40, why=members.logs)


def test_our_services_run_once_for_each_planned_moment(members: Members) -> None:
    members.lead(1, FIRST)
    first = members.services("first", 1, FIRST)
    members.wait_services_of("cockpit-1")
    wait_until(lambda: ended(members, "cleanup"), why=members.logs)
    first.kill()
    members.lead(2, SECOND)
    members.services("second", 2, SECOND)
    members.wait_services_of("cockpit-2")
    wait_until(lambda: not running(members, FIRST), why=members.logs)
    # The second one makes up for the last occurrence, finds it done and leaves it.
    runs = members.rows("SELECT planned_at, term FROM cluster_service_run WHERE service='cleanup'")
    assert len({planned for planned, _ in runs}) == len(runs)
    assert all(planned.minute == 0 for planned, _ in runs)


def test_what_a_killed_process_left_running_is_closed_when_it_starts_again(
    members: Members,
) -> None:
    members.lead(1, FIRST)
    first = members.services("first", 1, FIRST)
    members.wait_services_of("cockpit-1", "history")
    first.kill()
    members.services("again", 1, FIRST)
    wait_until(lambda: states(members, "history") == ["abandoned", "running"], why=members.logs)


def states(members: Members, service: str) -> list[str]:
    statement = "SELECT state FROM cluster_service_run WHERE service = %s ORDER BY planned_at"
    return [state for (state,) in members.rows(statement, service)]


def ended(members: Members, service: str) -> bool:
    return "finished" in states(members, service)


def running(members: Members, holder: str) -> bool:
    statement = "SELECT 1 FROM cluster_service_run WHERE state = 'running' AND holder = %s"
    return bool(members.rows(statement, holder))
