"""What is kept of a link: when its agent was heard last, its load, and what it was told."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from agents import protocol as pr
from controller.changes import Changes, LinkState
from tests.component.controller.conftest import TOKEN, Desk

STREAM = "8d3f8a52-7df6-4f0e-9d3b-000000000001"


def seen_at(desk: Desk) -> datetime | None:
    rows = desk.rows("SELECT seen_at FROM controller_link")
    found: datetime | None = rows[0][0]
    return found


def write(desk: Desk, silence_s: float | None) -> datetime | None:
    link = LinkState("agent-1", STREAM, run="run", silence_s=silence_s)
    desk.round.rows.commit(Changes(links=[link]), TOKEN, uuid4())
    return seen_at(desk)


def test_an_agent_that_was_only_written_to_was_never_heard(desk: Desk) -> None:
    assert write(desk, None) is None


def test_what_is_written_of_a_silent_agent_keeps_the_moment_of_its_last_word(desk: Desk) -> None:
    first = write(desk, 40.0)
    assert first is not None
    assert timedelta(seconds=39) < datetime.now(UTC) - first < timedelta(seconds=60)
    assert write(desk, None) == first


def test_a_term_that_has_not_heard_an_agent_leaves_the_moment_as_it_was(desk: Desk) -> None:
    first = write(desk, 3600.0)
    desk.rows("UPDATE controller_link SET state='silent', nonce='here-1'")
    desk.begin()
    desk.round.look_at_register({"agent-1": 5}, {})
    turn = desk.round.new_turn()
    turn.out.limit("agent-1", 7)
    desk.round.commit(turn)
    assert seen_at(desk) == first
    assert desk.rows("SELECT state FROM controller_link") == [("silent",)]


def test_a_hello_is_a_word_too(desk: Desk) -> None:
    first = write(desk, 3600.0)
    desk.begin()
    links = desk.round.links
    links.meet("agent-1", "here-2")
    links.states["agent-1"].changed = True
    desk.round.commit(desk.round.new_turn())
    found = seen_at(desk)
    assert first is not None
    assert found is not None
    assert found - first > timedelta(seconds=3000)
    assert time.time() - found.timestamp() < 60


def test_orders_that_break_at_an_agent_do_not_count_as_its_load(desk: Desk) -> None:
    job = {"agentName": "agent-1", "executable": {"TYPE": "ShellScriptExecutable", "script": "x"}}
    instructions = [{"TYPE": "Execute.Named", "jobName": "job"}]
    desk.deploy("workflow", "flow", {"instructions": instructions, "jobs": {"job": job}})
    desk.add("flow", "a", "b")
    link = desk.round.links.states["agent-1"]
    assert link.held == 2
    turn = desk.round.new_turn()
    turn.broken("a", "no way on")
    desk.round.commit(turn)
    assert link.held == 1
    desk.begin()
    assert desk.round.links.states["agent-1"].held == 1


def test_an_agent_that_may_run_none_is_told_so_that_older_ones_understand_it(desk: Desk) -> None:
    """They take 0, as they take None, for the limit of their own."""
    turn = desk.round.new_turn()
    turn.out.limit("agent-1", 0)
    turn.out.limit("agent-1", 3)
    turn.out.limit("agent-1", None)
    said = [pr.decode_down(body) for _, _, body in turn.changes(lambda _order: None).outbox]
    assert said == [pr.Limits(pr.NO_PROCESS), pr.Limits(3), pr.Limits(None)]
    assert pr.NO_PROCESS < 0
