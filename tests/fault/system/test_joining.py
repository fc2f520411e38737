"""Joining: a token works once, a wrong one never, and only what the site has signed is run."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents import trust
from agents.protocol import door_of_controller, queue_of_agent
from engine.order import events as e
from engine.order.requests import TakeItems
from engine.seal import sealed
from tests.system.envoy import Envoy
from tests.system.stellwerk import System, lines
from tests.system.waiting import wait_until
from tests.system.workflows import appending, steps

pytestmark = pytest.mark.timeout(120)


def test_a_wrong_token_gets_no_answer_and_the_right_one_still_works(system: System) -> None:
    system.register(token="the right one")
    controller = system.controller()
    wrong = system.agent(token="a wrong one")
    controller.wait_says("join.refused")
    assert system.link() == {}
    wrong.kill()
    system.agent(token="the right one")
    system.wait_coupled()


def test_a_used_token_joins_nobody_else(system: System) -> None:
    system.up()
    stranger = system.agent(folder=system.home / "elsewhere", name="stranger")
    system.controllers["controller-1"].wait_says("join.refused")
    assert stranger.alive
    assert not (system.home / "elsewhere" / "link.json").exists()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    assert system.pause_of_an_order("quick") < 2


def test_an_agent_without_a_token_ends_with_a_sentence(system: System) -> None:
    agent = system.agent(token="")
    wait_until(lambda: not agent.alive, why=agent.tail)
    assert agent.stop() == 1
    assert agent.says("give it a token") == 1


def answers(envoy: Envoy, queue: str) -> list[trust.Joined]:
    client = envoy.system.parts.redis(envoy.system.broker_url)
    found = []
    while (raw := client.lpop(queue_of_agent(envoy.agent, queue))) is not None:
        body = json.loads(base64.b64decode(json.loads(str(raw, "utf-8"))["body"]))  # type: ignore[arg-type]
        kind, _, text = body[0][0].partition("\n")
        answer = trust.decode(base64.b64decode(text)) if kind == "joined" else None
        found += [answer] if isinstance(answer, trust.Joined) else []
    client.close()
    return found


def test_a_lost_answer_is_given_again_until_the_key_was_used(system: System, envoy: Envoy) -> None:
    system.register("agent-2", "once")
    controller = system.controller()
    own = X25519PrivateKey.generate()
    letter = trust.join_letter("agent-2", "first", own, "once")
    text = "join\n" + base64.b64encode(trust.encode(letter)).decode()

    def asked() -> list[trust.Joined]:
        envoy.post.send(door_of_controller("controller"), text)
        return answers(envoy, "first")

    lost = wait_until(asked, pause_s=0.5, why=system.logs)[0]
    again = wait_until(asked, pause_s=0.5, why=system.logs)[0]
    key, other = trust.accept(lost, own, "once"), trust.accept(again, own, "once")
    assert key is not None
    assert key == other
    envoy.key = key
    envoy.couple()
    refused = controller.says("join.refused")
    envoy.post.send(door_of_controller("controller"), text)
    controller.wait_says("join.refused", times=refused + 1)


def test_an_agent_killed_while_it_joins_joins_at_its_next_start(system: System) -> None:
    system.register()
    agent = system.agent()
    client = system.parts.redis(system.broker_url)
    wait_until(lambda: client.llen(door_of_controller("controller")), why=agent.tail)
    client.close()
    agent.kill()
    controller = system.controller()
    controller.wait_says("join.joined")
    agent.start()
    system.wait_coupled()


def test_the_controller_refuses_what_the_site_has_not_signed(system: System) -> None:
    system.up()
    document = json.dumps(steps("#!/bin/sh\n:\n", "only")).encode()
    forged = sealed(Ed25519PrivateKey.generate(), "workflow", "forged", "v1", document)
    answer = system.answer(system.ask(TakeItems((forged,))))
    assert [(a.ok, a.code) for a in answer.answers] == [(False, "not-signed")]
    assert not system.rows("SELECT 1 FROM controller_deployeditem")


def test_the_agent_refuses_what_the_site_has_not_signed(system: System) -> None:
    system.up()
    done = system.home / "done"
    system.deploy("changed", steps(appending(done), "only"))
    evil = json.dumps(steps(appending(done, "echo evil"), "only")).encode()
    # Somebody writes into the database; only the site's key could have signed it.
    system.execute("UPDATE controller_deployeditem SET document=%s", evil)
    assert system.answer(system.add("changed", ["o1"])).ok
    system.agents["agent-1"].wait_says("hold.item_not_signed")
    assert system.wait_settled() == {"o1": "Broken"}
    broken = [x.event for x in system.entries() if isinstance(x.event, e.OrderBroken)]
    assert "changed" in broken[0].problem
    assert lines(done) == []


@pytest.mark.parametrize("restart", ["nothing", "agent", "controller"])
def test_a_disabled_agent_ends_its_jobs_and_starts_none_until_it_is_enabled(
    system: System, restart: str
) -> None:
    system.up()
    done, go = system.home / "done", system.home / "go"
    system.deploy("slow", steps(appending(done, f"until test -e {go}; do sleep 0.05; done"), "x"))
    system.deploy("quick", steps(appending(done), "only"))
    system.add("slow", ["o1"])
    wait_until(lambda: lines(done) == ["o1 x"])
    agent = system.agents["agent-1"]
    said = agent.says("hold.process_limit")
    system.execute("UPDATE agents_agent SET enabled=false")
    wait_until(lambda: agent.says("hold.process_limit") > said, why=agent.tail)
    assert system.answer(system.add("quick", ["o2"])).ok
    if restart == "agent":
        agent.kill()
        system.agent()
        system.wait_coupled()
    go.touch()
    wait_until(lambda: "o1" not in system.orders(), why=system.logs)
    assert lines(done) == ["o1 x"]
    assert system.orders() == {"o2": "Ready"}
    if restart == "controller":
        # Whoever leads next does not know what the agent was told.
        system.controllers["controller-1"].kill()
        system.execute("UPDATE agents_agent SET enabled=true")
        system.controller()
    system.execute("UPDATE agents_agent SET enabled=true")
    system.wait_gone()
    assert lines(done) == ["o1 x", "o2 only"]
