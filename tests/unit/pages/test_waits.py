"""In a few words why an order waits, and with which links."""

from datetime import UTC, datetime

from cockpit.api.orders.bodies import ReasonSeen
from cockpit.pages.waits import keys_of, short, waits_of
from engine.facts import Control, LockState
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


def test_a_suspended_workflow_is_told_with_what_the_order_waits_for() -> None:
    expecting = order(m.ExpectingNotices((("a/b", "k"),)))
    found = short(expecting, {FROZEN: Control(suspended=True)}, {})
    assert found.sentence == "workflow is suspended; not posted yet"
    assert found.targets[0].href == "/resources/boards/a/b/?key=k"
    assert short(order(m.Ready()), {FROZEN: Control(suspended=True)}, {}).sentence == (
        "workflow is suspended"
    )


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
