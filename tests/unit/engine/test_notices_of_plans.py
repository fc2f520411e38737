"""Keys of notices, plans, and what is announced by somebody or by nobody."""

import pytest

from engine.errors import CommandRefused
from engine.objects.board_expression import parse, without
from tests.unit.engine.noticing import DAILY, END, PLAN, inside, stage
from tests.unit.engine.stage import Stage, board, expect, planned, post


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def test_keys_of_a_plannable_board_belong_to_the_plan_of_the_order(forgets: bool) -> None:
    scene = stage(forgets, daily=[expect("'day'"), END])
    scene.add("#2026-03-02#T1-a", "daily")
    scene.add("named", "daily", plan="DailyPlan|2026-03-03")
    assert scene.queue("day", f"{PLAN}/k") == ["#2026-03-02#T1-a"]
    scene.post("day", plan="DailyPlan|2026-03-03")
    assert inside(scene, "named")
    assert scene.state("#2026-03-02#T1-a") == "ExpectingNotices"


def test_the_plan_alone_may_tell_the_notices_of_a_plannable_board_apart(forgets: bool) -> None:
    boards = {"day": planned("''")}
    flows = {"daily": [expect("'day'"), END], "posts": [post("day")]}
    scene = Stage(flows, boards=boards, forgets=forgets)
    scene.add("#2026-03-02#T1-a", "daily")
    scene.add("#2026-03-03#T1-a", "daily")
    scene.add("#2026-03-02#T1-p", "posts")
    assert inside(scene, "#2026-03-02#T1-a")
    assert scene.state("#2026-03-03#T1-a") == "ExpectingNotices"


@pytest.mark.parametrize("key", ["''", "$unknown", "1 / 0"])
def test_a_key_that_cannot_be_made_fails_the_order(forgets: bool, key: str) -> None:
    boards = {"odd": board(key)}
    flows = {"flow": [expect("'odd'")], "posts": [post("odd")]}
    scene = Stage(flows, boards=boards, forgets=forgets)
    scene.add("r")
    scene.add("p", "posts")
    assert scene.state("r") == scene.state("p") == "Failed"


def test_an_unknown_board_fails_the_order(forgets: bool) -> None:
    scene = stage(forgets, odd=[expect("'nowhere'")])
    order = scene.add("r", "odd")
    assert order
    assert "There is no notice board nowhere." in str(order.outcome)


def test_nobody_posts_into_a_closed_plan(forgets: bool) -> None:
    scene = stage(forgets, daily=[END, post("day")])
    scene.add("#2026-03-02#T1-a", "daily")
    scene.close(PLAN)
    scene.leave("#2026-03-02#T1-a")
    assert scene.state("#2026-03-02#T1-a") == "Failed"
    assert f"Plan {PLAN} is closed" in str(scene.order("#2026-03-02#T1-a").outcome)
    with pytest.raises(CommandRefused, match="is closed"):
        scene.post("day", plan=PLAN)
    scene.close(PLAN, closed=False)
    scene.post("day", plan=PLAN)
    assert scene.notice("day", f"{PLAN}/k").present


def test_an_order_that_met_a_closed_plan_says_the_way_out_and_it_works(forgets: bool) -> None:
    scene = stage(forgets, daily=[END, post("day")])
    scene.add("#2026-03-02#T1-a", "daily")
    scene.close(PLAN)
    scene.leave("#2026-03-02#T1-a")
    said = str(scene.order("#2026-03-02#T1-a").outcome)
    assert "Open the plan, then resume the order." in said
    scene.resume("#2026-03-02#T1-a")  # control: closed, it fails again
    assert scene.state("#2026-03-02#T1-a") == "Failed"
    scene.close(PLAN, closed=False)
    scene.resume("#2026-03-02#T1-a")
    assert scene.notice("day", f"{PLAN}/k").present


def test_what_nobody_announces_is_not_waited_for(forgets: bool) -> None:
    scene = stage(forgets, **DAILY)
    for flow in ("skips", "does", "takes", "passes"):
        scene.add(flow, flow, plan=PLAN)
    assert scene.kinds("skips")[-2:] == ["OrderMoved", "OrderPrompted"]
    assert scene.kinds("does")[-2:] == ["OrderNoticesRead", "OrderPrompted"]
    assert scene.kinds("takes")[-2:] == ["OrderConsumptionStarted", "OrderPrompted"]
    assert scene.kinds("passes")[-2:] == ["OrderMoved", "OrderPrompted"]
    scene.leave("takes")
    assert scene.state("takes") == "gone"


def test_what_is_announced_is_waited_for_until_the_poster_posts(forgets: bool) -> None:
    scene = stage(forgets, **DAILY)
    scene.add("p", "later", plan=PLAN)
    assert scene.notice("day", f"{PLAN}/k").announced == 1
    for flow in ("skips", "does", "takes", "passes"):
        scene.add(flow, flow, plan=PLAN)
        assert scene.state(flow) == "ExpectingNotices"
    scene.leave("p")
    assert scene.kinds("skips")[-2:] == ["OrderNoticesRead", "OrderPrompted"]
    assert scene.notice("day", f"{PLAN}/k").announced == 0
    assert scene.order("takes").consumptions


def test_when_the_last_poster_is_cancelled_nobody_waits_any_more(forgets: bool) -> None:
    scene = stage(forgets, **DAILY)
    scene.add("p", "later", plan=PLAN)
    scene.add("q", "later", plan=PLAN)
    scene.add("s", "skips", plan=PLAN)
    scene.cancel("p")
    assert scene.state("s") == "ExpectingNotices"
    scene.cancel("q")
    assert scene.kinds("s")[-3:] == ["OrderStateReset", "OrderMoved", "OrderPrompted"]


def test_posters_behind_the_start_or_outside_the_plan_announce_nothing(forgets: bool) -> None:
    nested = {"TYPE": "If", "predicate": "true", "then": {"instructions": [END, post("day")]}}
    scene = stage(forgets, deep=[nested], globally=[END, post("a")], **DAILY)
    scene.add("p", "later", plan="DailyPlan|2026-03-03")
    scene.add("n", "deep", plan=PLAN)
    scene.add("g", "globally", plan=PLAN)
    scene.add("s", "skips", plan=PLAN)
    assert inside(scene, "s")
    assert scene.notice("a").announced == 0


@pytest.mark.parametrize(
    ("text", "left_out", "rest"),
    [
        ("'a'", "a", None),
        ("'a' && 'b'", "a", "'b'"),
        ("'a' || 'b'", "a", "'b'"),
        ("'a' && ('b' || 'c')", "bc", "'a'"),
        ("'a' || 'b' && 'c'", "c", "'a' || 'b'"),
        ("'a' && 'b'", "ab", None),
    ],
)
def test_boards_that_nobody_posts_to_are_left_out_of_an_expression(
    text: str, left_out: str, rest: str | None
) -> None:
    assert without(parse(text), frozenset(left_out)) == (parse(rest) if rest else None)


@pytest.mark.parametrize("how", ["deleted", "consumed"])
def test_who_waits_for_a_notice_that_goes_for_good_is_looked_at(forgets: bool, how: str) -> None:
    scene = stage(forgets, **DAILY)
    scene.post("day", plan=PLAN)
    scene.add("x", "takes", plan=PLAN)
    scene.add("y", "takes", plan=PLAN)
    assert scene.state("y") == "ExpectingNotices"
    if how == "deleted":
        scene.delete("day", plan=PLAN)
    else:
        scene.leave("x")
    assert inside(scene, "y")
    assert scene.order("y").consumptions[0].notices == ()
