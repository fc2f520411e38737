"""What cannot be read or cannot follow spares everybody else and says what is wrong."""

import pytest

from agents.protocol import queue_of_controller
from engine.order import events as e
from engine.order.model import SUCCEEDED, Broken
from tests.system.envoy import Envoy
from tests.system.stellwerk import System, lines
from tests.system.waiting import wait_until
from tests.system.workflows import appending, steps

pytestmark = pytest.mark.timeout(120)

PAUSE_S = 1.0


def ready(system: System) -> None:
    """Have one sound agent whose orders must never be held up."""
    system.up()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    system.pause_of_an_order("quick")


def test_a_request_that_cannot_be_read_is_answered_so_and_others_go_on(system: System) -> None:
    ready(system)
    bad = system.ask(b"\xc1 no request")
    assert system.pause_of_an_order("quick") < PAUSE_S
    answer = system.answer(bad)
    assert not answer.ok
    assert "cannot be read" in answer.answers[0].sentence


def test_an_order_id_with_a_nul_is_refused_and_others_go_on(system: System) -> None:
    ready(system)
    bad = system.add("quick", ["nul\0inside", "sound"])
    assert system.pause_of_an_order("quick") < PAUSE_S
    assert not system.answer(bad).ok
    assert system.controllers["controller-1"].says("controller.leads") == 1


def test_an_event_that_cannot_follow_flags_its_order_alone(system: System, envoy: Envoy) -> None:
    ready(system)
    envoy.register().couple()
    system.deploy("odd", steps("#!/bin/sh\n:\n", "only", agent="agent-2"))
    assert system.answer(system.add("odd", ["odd"])).ok
    own_no = envoy.wait_attached("odd").order.own_no
    end = e.OrderProcessed("an attempt that never began", SUCCEEDED, None, 1)
    envoy.report("odd", own_no, e.OrderAttached("agent-2"), end)
    wait_until(lambda: system.orders().get("odd") == "Broken", why=system.logs)
    assert system.pause_of_an_order("quick") < PAUSE_S
    broken = [x.event for x in system.entries() if isinstance(x.event, e.OrderBroken)]
    assert len(broken) == 1
    assert "does not run attempt an attempt that never began" in broken[0].problem
    assert Broken(broken[0].problem).problem


def test_an_envelope_that_cannot_be_read_quarantines_its_agent_alone(
    system: System, envoy: Envoy
) -> None:
    ready(system)
    envoy.register().couple()
    envoy.send(envoy.queue, envoy.unreadable())
    wait_until(lambda: system.link("agent-2")["state"] == "quarantined", why=system.logs)
    assert "cannot be read" in system.link("agent-2")["problem"]
    assert system.pause_of_an_order("quick") < PAUSE_S
    assert system.link("agent-1")["state"] == "coupled"


def test_an_item_that_cannot_be_read_quarantines_until_the_agent_starts_again(
    system: System, envoy: Envoy
) -> None:
    ready(system)
    envoy.register().couple()
    envoy.send(envoy.queue, envoy.letter(envoy.envelope(b"\xc1")))
    wait_until(lambda: system.link("agent-2")["state"] == "quarantined", why=system.logs)
    # The same instance says hello again: nothing has changed.
    assert "cannot be read" in (envoy.couple().problem or "")
    assert system.link("agent-2")["state"] == "quarantined"
    # Started again, with a version that does not send such things.
    envoy.nonce, envoy.last = envoy.nonce[:-1] + "0a", 0
    assert envoy.couple().problem is None
    system.wait_coupled("agent-2")
    assert system.link("agent-2")["problem"] == ""


def test_a_result_with_nul_characters_goes_through(system: System) -> None:
    ready(system)
    done = system.home / "done"
    script = appending(
        done, "printf 'out\\0put\\n'\nprintf 'value=a\\0b\\n' >> $JS7_RETURN_VALUES\n"
    )
    system.deploy("nul", steps(script, "first", "second"))
    assert system.answer(system.add("nul", ["nul"])).ok
    system.wait_gone()
    assert lines(done) == ["nul first", "nul second"]
    ends = [x.event for x in system.entries() if isinstance(x.event, e.OrderProcessed)]
    values = [end.outcome.values.get("value") for end in ends if end.outcome.values.get("value")]
    assert values == ["a\0b", "a\0b"]


def test_an_agent_cannot_speak_for_another(system: System, envoy: Envoy) -> None:
    ready(system)
    envoy.register().couple()
    nonce = system.link("agent-1")["nonce"]
    as_other = envoy.envelope(words=(envoy.hello(agent="agent-1", nonce="stolen"),))
    envoy.send(envoy.queue, envoy.letter(as_other))
    envoy.send(envoy.queue, envoy.letter(as_other, name="agent-1"))
    named = envoy.envelope(words=(envoy.hello(agent="agent-1"),), agent="agent-1")
    envoy.send(envoy.queue, envoy.letter(named))
    system.controllers["controller-1"].wait_says("intake.not_authentic")
    assert system.pause_of_an_order("quick") < PAUSE_S
    assert system.link("agent-1")["nonce"] == nonce


def test_an_old_envelope_sent_again_changes_nothing(system: System, envoy: Envoy) -> None:
    ready(system)
    envoy.register().couple()
    system.deploy("odd", steps("#!/bin/sh\n:\n", "only", agent="agent-2"))
    assert system.answer(system.add("odd", ["odd"])).ok
    own_no = envoy.wait_attached("odd").order.own_no
    started = e.OrderProcessingStarted("agent-2", "a-1", "work", "only", (0,), 1)
    envoy.report("odd", own_no, e.OrderAttached("agent-2"), started)
    wait_until(lambda: system.orders().get("odd") == "Processing", why=system.logs)
    for to, letter in list(envoy.sent):
        envoy.send(to, letter)
    wait_until(envoy.post._letters.empty, why="the letters were not sent")
    assert system.pause_of_an_order("quick") < PAUSE_S
    assert system.orders()["odd"] == "Processing"
    starts = [x for x in system.entries() if x.event == started]
    assert len(starts) == 1


def test_a_letter_that_is_no_envelope_is_dropped(system: System, envoy: Envoy) -> None:
    ready(system)
    queue = queue_of_controller("controller", 1)
    for letter in ("x", "agent-1\n", "agent-1\nno base64 \0", "join\nrubbish", "\n\n\n"):
        envoy.post.send(queue, letter)
    assert system.pause_of_an_order("quick") < PAUSE_S
    assert system.link()["state"] == "coupled"
