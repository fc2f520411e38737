"""What an order that expects notices is told to wait for, as more and more of it comes."""

import pytest

from engine.errors import CommandRefused
from engine.objects.board_expression import as_text, parse, rest
from engine.order.notice_key import in_words
from engine.order.why import why
from tests.unit.engine.noticing import PLAN, stage
from tests.unit.engine.stage import SECOND, Stage, board, expect, lock, planned, post

BOTH = {"TYPE": "Prompt", "question": "'end'"}


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def told(scene: Stage, order_id: str = "x") -> str:
    return scene.loaded(lambda: why(scene.world, scene.order(order_id), 0)).sentence


def test_what_another_notice_has_made_needless_is_not_missing(forgets: bool) -> None:
    scene = stage(forgets, flow=[expect("'a' && ('b' || 'c')"), BOTH])
    scene.add("x", "flow")
    assert told(scene) == (
        "It waits for notice k on board /a; notice k on board /b; notice k on board /c."
        " It needs 'a' && ('b' || 'c')."
    )
    scene.post("c")
    assert told(scene) == "It waits for notice k on board /a."


def test_of_an_or_all_that_would_do_are_told(forgets: bool) -> None:
    scene = stage(forgets, flow=[expect("'a' && ('b' || 'c')"), BOTH])
    scene.post("a")
    scene.add("x", "flow")
    assert told(scene) == (
        "It waits for notice k on board /b; notice k on board /c. It needs 'b' || 'c'."
    )


def test_what_is_left_out_since_nobody_will_post_it_is_not_missing(forgets: bool) -> None:
    known = {"day": planned("''"), "eve": planned("''")}
    flows = {
        "flow": [expect("'day' && 'eve'", whenNotAnnounced="DontWait"), BOTH],
        "later": [BOTH, post("eve")],
    }
    scene = Stage(flows, boards=known, forgets=forgets)
    scene.add("p", "later", plan=PLAN)
    scene.add("x", "flow", plan=PLAN)
    assert told(scene) == f"It waits for the notice of plan {PLAN} on board /eve, " + (
        "announced by 1 order."
    )


def test_orders_ahead_at_any_of_the_locks_are_counted_once(forgets: bool) -> None:
    flows = {
        "both": [lock(("l", None), ("m", None))],
        "first": [lock(("l", None))],
        "second": [lock(("m", None))],
    }
    scene = Stage(flows, boards={"a": board()}, locks={"l": 1, "m": 1}, forgets=forgets)
    for order_id, workflow in (("h", "both"), ("i", "second"), ("j", "both"), ("x", "both")):
        scene.add(order_id, workflow)
    assert told(scene, "j").endswith("1 order waits before it.")
    assert told(scene).endswith("2 orders wait before it.")


@pytest.mark.parametrize(
    ("key", "plan", "words"),
    [
        ("k", None, "notice k"),
        ("k", "P|1", "notice k of plan P|1"),
        ("", "P|1", "the notice of plan P|1"),
    ],
)
def test_a_notice_is_told_with_its_plan(key: str, plan: str | None, words: str) -> None:
    assert in_words(key, plan) == words


def test_a_notice_whose_end_is_past_is_not_posted(forgets: bool) -> None:
    scene = stage(forgets)
    scene.pass_time(60)
    with pytest.raises(CommandRefused, match="end_of_life: It is past"):
        scene.post("a", end_of_life_us=60 * SECOND)
    scene.post("a", end_of_life_us=61 * SECOND)


@pytest.mark.parametrize(
    "text", ["'a'", "'a' && 'b' || 'c'", "('a' || 'b') && ('c' || 'd' && 'e')"]
)
def test_an_expression_is_written_as_it_was_read(text: str) -> None:
    assert parse(as_text(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("present", "left"), [("", "'a' && ('b' || 'c')"), ("a", "'b' || 'c'"), ("b", "'a'")]
)
def test_the_rest_of_an_expression_is_what_has_to_come_true(present: str, left: str) -> None:
    found = rest(parse("'a' && ('b' || 'c')"), lambda name: name in present)
    assert found is not None
    assert as_text(found) == left


def test_nothing_is_left_of_an_expression_that_is_true() -> None:
    assert rest(parse("'a' && ('b' || 'c')"), lambda name: name in "ac") is None
