"""What broke elsewhere with watched files: crashes, repeated words, sources that change or go.

The real agent's memory and the real turn, with findings made by hand.
"""

import pytest

from agents.protocol import FileArose, FileVanished
from agents.worker.watching.finding import Finding, Found
from engine.files.rules import KIND
from engine.files.state import FileState, SourceState
from engine.order import requests as rq
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour
from tests.simulation.scenes import AGENT, OTHER, PROMPT, run
from tests.simulation.watched import IN, Watched

SLOW = {"load": [Behaviour(seconds=60)]}

# -- crashes ------------------------------------------------------------------------------------


def test_an_agent_that_dies_before_its_commit_finds_the_file_again() -> None:
    night = Watched(PROMPT)
    agent = night.system.agents[AGENT]
    night.finds()
    assert agent.hold is not None
    found = Found("a.csv", f"{IN}/a.csv".encode(), "1.1.0.0")
    generation = night.generations[AGENT, "incoming"]
    agent.hold.sources.found(Finding("incoming", generation, (found,)), night.system.clock.now_us)
    agent.down()
    agent.up()
    night.wait(1)
    assert night.there() == []
    night.arises("a.csv")
    assert night.added() == 1


def test_a_restarted_agent_knows_its_files() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    agent = night.system.agents[AGENT]
    agent.down()
    agent.up()
    assert agent.hold is not None
    wanted = agent.hold.sources.wanted()
    assert wanted is not None
    assert set(wanted["incoming"].known) == {"a.csv"}
    night.restart_controller()
    assert night.added() == 1


def test_a_message_that_comes_twice_changes_nothing() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    before = list(night.system.store.journal)
    arisen = night.file().arisen
    assert arisen is not None
    turn = night.system.controller.new_turn()
    turn.files.told(AGENT, FileArose("incoming", "a.csv", arisen))
    night.system.controller.commit(turn)
    assert night.system.store.journal == before


def test_a_late_word_of_an_earlier_file_does_not_touch_the_present_one() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    turn = night.system.controller.new_turn()
    turn.files.told(AGENT, FileVanished("incoming", "a.csv", "an earlier one"))
    night.system.controller.commit(turn)
    assert night.file().is_there


# -- what broke elsewhere: a source changes or goes while orders are there ----------------------


def test_a_source_that_is_withdrawn_lets_its_orders_end_and_leave() -> None:
    night = Watched(run(), does=SLOW)
    night.arises("a.csv", "b.csv")
    night.wait(10)
    night.revoke()
    assert len(night.there()) == 2
    night.wait(100)
    assert night.there() == []
    assert night.file() == FileState()
    assert night.told() == SourceState()


def test_finished_orders_of_a_withdrawn_source_leave_at_once_however_many() -> None:
    night = Watched()
    night.arises(*(f"{n}.csv" for n in range(450)))
    assert len(night.there()) == 450
    night.revoke()
    assert night.there() == []
    assert not [key for key in night.system.store.fact_rows if key[0] in ("file", KIND)]


def test_a_withdrawn_source_is_not_watched_any_more() -> None:
    night = Watched(PROMPT)
    night.finds()
    night.revoke()
    night.arises("a.csv")
    assert night.there() == []
    hold = night.system.agents[AGENT].hold
    assert hold is not None
    assert list(hold.journal.files.watched()) == []


def test_a_source_that_is_changed_keeps_the_orders_of_its_files() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    night.source(delay=9)
    night.source(priority=3)
    night.arises("a.csv")
    assert night.added() == 1
    night.vanishes("a.csv")
    assert night.ask(rq.ConfirmPrompts((night.one().id,))).ok
    assert night.there() == []


def test_a_source_that_goes_to_another_agent_takes_its_files_along() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv", face="5.0.1.1")
    night.source(agentName=OTHER)
    hold, former = (night.system.agents[name].hold for name in (OTHER, AGENT))
    assert hold is not None
    assert former is not None
    wanted = hold.sources.wanted()
    assert wanted is not None
    assert wanted["incoming"].known == {"a.csv": "5.0.1.1"}
    assert former.sources.wanted() == {}
    night.generations[OTHER, "incoming"] = wanted["incoming"].generation
    night.vanishes("a.csv", agent=OTHER)
    assert night.ask(rq.ConfirmPrompts((night.one().id,))).ok
    assert night.there() == []
    assert night.added() == 1


def test_another_directory_means_other_files() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv", face="5.0.1.1")
    night.source(directory="/data/other")
    hold = night.system.agents[AGENT].hold
    assert hold is not None
    wanted = hold.sources.wanted()
    assert wanted is not None
    assert wanted["incoming"].known == {"a.csv": "-"}


def test_two_deployments_in_one_turn_both_count() -> None:
    night = Watched(PROMPT)
    system = night.system
    for path, agent in (("incoming", OTHER), ("second", OTHER)):
        document = {"workflowName": "flow", "agentName": agent, "directory": IN}
        system.controller.ask(rq.TakeItems((system._sealed(KIND, path, document),)))
    night.wait(1)
    found = system.controller.world.objects[KIND, "incoming"]
    assert found is not None
    assert getattr(found[1], "agent_name", "") == OTHER


def test_vanishing_and_arising_come_in_the_order_in_which_they_happened() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    first = night.one().id
    again = Found("a.csv", f"{IN}/a.csv".encode(), "9.9.9.9")
    night.finds(vanished=("a.csv",), arose=(again,))
    assert night.one().id == first
    assert night.ask(rq.ConfirmPrompts((first,))).ok
    night.wait(0.1)
    assert night.one().id != first


@pytest.mark.parametrize("seconds", [0, 5])
def test_a_plan_that_is_closed_refuses_files_as_it_refuses_people(seconds: int) -> None:
    night = Watched(PROMPT)
    night.wait(seconds)
    assert night.ask(rq.ChangePlan("DailyPlan|2026-01-01", closed=True)).ok
    night.arises("a.csv")
    assert night.there() == []


def test_moments_are_those_of_the_agent() -> None:
    night = Watched(PROMPT)
    night.wait(3)
    night.arises("a.csv")
    arisen = night.file().arisen
    assert arisen is not None
    assert (arisen.at_us - night.system.store.journal[0].at_us) // SECOND_US == 3
