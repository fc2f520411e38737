"""What nights have shown of agents that come back: strange folders, lists half told.

Seeds may come to other nights when the product changes; these stay where they are.
"""

import json
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from agents import protocol as pr
from engine.order import events as e
from engine.order import model as m
from simulation.host import Host
from simulation.network import CONTROLLER
from simulation.night import Night, plan
from tests.simulation import scenes
from tests.simulation.scenes import AGENT, block, job, run

FLOW = json.dumps({**block(run()), "jobs": {"load": job()}}).encode()
ATTEMPT = "attempt-1"


def began_a_job(host: Host) -> None:
    """Let the journal have a job that was begun, and nobody know of its process."""
    order = m.Order(
        id="a",
        workflow="flow",
        version="v1",
        state=m.Processing(ATTEMPT, started_us=0),
        held=m.Held(AGENT, "attached"),
        own_no=1,
    )
    host.journal.put(pr.Item("workflow", "flow", "v1", FLOW, b""))
    host.journal.save(order)
    host.journal.set("lock", host.folder.encode())
    host.journal.commit()
    host.journal.boot = host.machine.boot
    host.seen[host.run] = host.journal.last_n


def away(before: Callable[[Host], None] = lambda _host: None) -> tuple[Night, Host]:
    """Return a night and an agent in it that has been there once."""
    night = Night(plan(0), [])
    night.take_over()
    host = night.hosts[AGENT]
    host.up()
    host.down()
    before(host)
    return night, host


def state_of(host: Host) -> tuple[m.Order, list[str]]:
    """Return the order as the journal has it, and the attempts that were begun."""
    known = host.journal.known("a")
    assert known is not None
    return known[0], list(host.machine.processes)


def test_a_job_that_was_to_begin_begins_when_its_agent_comes_back() -> None:
    _, host = away(began_a_job)
    host.up()
    assert state_of(host)[1] == [ATTEMPT]


def test_a_job_in_a_strange_folder_is_lost_and_not_begun_again() -> None:
    night, host = away(began_a_job)
    host.folder += "'"
    host.up()
    night.clock.go_to(night.clock.now_us + 1_000_000)
    order, begun = state_of(host)
    assert ATTEMPT not in begun
    assert isinstance(order.state, m.Processing)  # the lost one is repeated under another name
    assert begun == [order.state.attempt]


def test_a_strange_folder_stays_strange_when_it_was_only_looked_at() -> None:
    _, host = away(began_a_job)
    host.seen.clear()
    for _ in range(3):
        host.up()
        assert host.round is not None
        assert host.round.paused
        host.round.journal.set("term", b"1")
        host.round.commit_and_act()
        host.down()
    assert state_of(host)[1] == []


def test_a_strange_folder_tells_its_list_in_one_commit_with_the_stream_of_it() -> None:
    _, host = away(began_a_job)
    host.folder += "'"
    host.up()
    assert host.round is not None
    partner = host.round.partner
    partner.tick(0)
    welcome = pr.Welcome(
        CONTROLLER, 1, "up", host.run, 0, "stream of the list", list_holdings=True, answers=1
    )
    envelope = pr.Envelope(
        agent=AGENT, nonce=partner.nonce, run="", stream="", term=1, words=(welcome,)
    )
    host.round.letters.append(pr.seal(envelope, host.stage.keys[AGENT], "down"))
    host.journal.doom = "after"
    host._step()
    assert host.hold is None
    told = [pr.decode_up(msgspec.Raw(body)) for _, body in host.journal.events(0, 9)]
    assert host.fact("stream") == "stream of the list"
    assert pr.Listed(1) in told


def test_a_copy_of_a_folder_remembers_since_which_boot_it_was_used() -> None:
    night, host = away(began_a_job)
    night.back_up()
    host.lose_machine()
    host.up()
    host.down()
    host.journal.set_back(night.backups[AGENT])
    assert not host.machine.adopt(host.journal.boot).same_boot


def test_what_comes_before_the_order_is_attached_is_of_a_lost_time() -> None:
    night = scenes.Night(run())
    night.system.agents[AGENT].down()
    night.add()
    controller, before = night.system.controller, night.system.store.rows["a"].order
    assert before.held == m.Held(AGENT, "attaching")
    told_of: list[e.OrderEvent] = [e.OrderMoved((1,)), e.OrderAttached(AGENT), e.OrderMoved((1,))]
    for n, event in enumerate(told_of, start=1):
        told = pr.encode_item(pr.Happened("a", before.own_no, event, 0))
        controller.reported(AGENT, "run", [(n, told)])
    assert night.events()[-3:] == ["OrderAttachable", "OrderAttached", "OrderMoved"]


def dropped_while_running(order: m.Order, run_no: int) -> m.Order:
    """Return an order as an agent knows it that had to drop it while its job ran."""
    running = m.Processing(ATTEMPT, started_us=0)
    return replace(order, state=running, run=run_no, held=None)


def tell(night: scenes.Night, told: m.Order) -> m.Order:
    """Let the agent tell of an order that it does not hold; returns it as its row is then."""
    controller = night.system.controller
    controller.reported(AGENT, "run", [(1, pr.encode_item(pr.Holding(told, held=False)))])
    return night.system.store.rows[told.id].order


def test_a_job_that_was_dropped_while_it_ran_does_not_take_the_place_of_what_is_known() -> None:
    night = scenes.Night(run())
    night.system.agents[AGENT].down()
    night.add()
    before = night.system.store.rows["a"].order
    after = tell(night, dropped_while_running(before, before.run + 3))
    assert (after.state, after.held) == (m.Ready(), m.Held(AGENT, "attaching"))
    assert after.ownership > (before.run + 3, before.own_no)


def test_a_job_that_was_dropped_while_it_ran_and_that_is_lost_here_is_to_be_decided() -> None:
    night = scenes.Night(run())
    night.system.agents[AGENT].down()
    night.add()
    told = dropped_while_running(night.system.store.rows["a"].order, 99)
    after = tell(night, replace(told, id="lost"))
    assert isinstance(after.state, m.Failed)
    assert "had to drop the order" in (after.outcome.message or "" if after.outcome else "")
