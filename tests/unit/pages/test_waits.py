"""In a few words why an order waits, and with which links."""

from datetime import UTC, datetime

from cockpit.api.orders.bodies import ReasonSeen
from cockpit.pages.waits import keys_of, short, waits_of
from engine.facts import Control, Instance, LockState, NoticeState
from engine.order import model as m

AWAY = datetime(2026, 1, 31, tzinfo=UTC)
LOCK = ("lock", "a/tape", "")
FROZEN = ("workflow", "a/w", "")


def order(state: m.State, **given: object) -> m.Order:
    return m.Order(id="#1", workflow="a/w", version="v", state=state, **given)  # type: ignore[arg-type]


def test_who_holds_the_lock_is_named_with_a_link_to_the_lock() -> None:
    waiting = order(m.WaitingForLock((("a/tape", 1),)))
    assert set(keys_of(waiting)) == {LOCK, FROZEN}
    found = short(waiting, {LOCK: LockState({"#2": 1, "#3": 1, "#4": 1})}, {})
    assert found.sentence == "held by #2, #3 and 1 more"
    assert [t.href for t in found.targets] == ["/resources/locks/a/tape/"]


def test_an_agent_that_is_away_comes_before_all_else() -> None:
    held = order(m.Ready(), held=m.Held("agent-9", "attached"))
    found = short(held, {}, {"agent-9": AWAY})
    assert (found.sentence, found.since) == ("agent is away", AWAY)
    assert found.targets[0].text == "agent-9"
    assert found.targets[0].href == "/resources/agents/agent-9/"


def test_an_agent_that_is_disabled_is_told_to_those_who_wait_for_a_process() -> None:
    held = m.Held("agent-9", "attached")
    assert short(order(m.Ready(), held=held), {}, {}, {"agent-9"}).sentence == "agent is disabled"
    running = order(m.Processing("r:1", 1), held=held)
    assert short(running, {}, {}, {"agent-9"}).sentence == ""


def test_an_agent_that_never_joined_is_told_to_those_who_are_to_go_there() -> None:
    going = order(m.Ready(), held=m.Held("agent-9", "attaching"))
    assert short(going, {}, {}).sentence == "on its way to the agent"
    assert short(going, {}, {}, unheard={"agent-9"}).sentence == "agent has not joined yet"


def test_a_suspended_workflow_is_told_with_what_the_order_waits_for() -> None:
    expecting = order(m.ExpectingNotices((("a/b", "k"),)))
    found = short(expecting, {FROZEN: Control(suspended=True)}, {})
    assert found.sentence == "workflow is suspended; not posted yet"
    assert found.targets[0].href == "/resources/boards/a/b/?key=k"
    assert short(order(m.Ready()), {FROZEN: Control(suspended=True)}, {}).sentence == (
        "workflow is suspended"
    )


def test_only_notices_that_keep_an_order_waiting_are_named() -> None:
    expected = tuple((board, "k") for board in ("a/mine", "a/other", "a/there", "a/none"))
    here = order(m.ExpectingNotices(expected))
    instances = {"a/mine": Instance(1, 1, holders={"#2": "a/w"}), "a/there": Instance(1, 1)}
    instances["a/other"] = Instance(1, 1, holders={"#3": "a/x"})
    facts = {("notice", board, "k"): NoticeState((one,), 1) for board, one in instances.items()}
    assert {("notice", *at) for at in expected} < set(keys_of(here))

    found = short(here, facts, {})
    assert found.sentence == "not posted yet, or in use"
    assert [t.text for t in found.targets] == ["a/none: k", "a/mine: k"]

    only_mine = order(m.ExpectingNotices((("a/mine", "k"),)))
    assert short(only_mine, facts, {}).sentence == "in use by #2"
    done = {("notice", "a/mine", "k"): NoticeState((Instance(1, 1, consumed_by=("a/w",)),), 1)}
    assert short(only_mine, done, {}).sentence == "consumed already"


def test_the_notice_of_a_plan_without_a_key_leads_to_its_board() -> None:
    found = short(order(m.ExpectingNotices((("a/b", "DailyPlan|2026-01-31/"),))), {}, {})
    assert found.targets[0].text == "a/b: DailyPlan|2026-01-31"
    assert found.targets[0].href == "/resources/boards/a/b/?key=DailyPlan%7C2026-01-31%2F"


def test_a_breakpoint_is_told_apart_from_being_suspended() -> None:
    there = order(m.Ready(), suspended=True, position=(1,))
    assert short(there, {FROZEN: Control(stops=((1,),))}, {}).sentence == "stopped before it"
    assert short(there, {}, {}).sentence == ""


def test_what_does_not_wait_says_so_and_names_lead_to_their_pages() -> None:
    running = waits_of(order(m.Processing("r:1", 1)), ReasonSeen("running", "It runs.", ["a-1"]))
    assert not running.waits
    children = waits_of(order(m.Forked(("#1|a",), 1)), ReasonSeen("children", "x", ["#1|a"]))
    assert children.targets[0].href == "/orders/%231%7Ca/"
    frozen = waits_of(order(m.Ready()), ReasonSeen("workflow-suspended", "x", ["a/w"]))
    assert frozen.targets[0].href == "/workflows/a/w/"
