"""When a consumed notice goes: the four policies of a board, side by side."""

from typing import Any, get_args

import msgspec
import pytest

from engine.facts import NoticeState
from engine.objects.model import NoticeBoard, Policy
from tests.unit.engine.noticing import END, inside
from tests.unit.engine.stage import Stage, board, consume, expect, post

FLOWS: dict[str, list[dict[str, Any]]] = {
    "left": [consume("'a'")],
    "right": [consume("'a'")],
    "third": [consume("'a'")],
    "reads": [expect("'a'"), END],
    "posts": [post("a"), END],
}


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def test_the_words_of_documents_are_those_of_the_rules() -> None:
    field = {f.name: f for f in msgspec.structs.fields(NoticeBoard)}["consumption_policy"]
    assert set(get_args(field.type)) == {policy.value for policy in Policy}


def stage(policy: str, forgets: bool) -> Stage:
    return Stage(FLOWS, boards={"a": board(consumption_policy=policy)}, forgets=forgets)


def both_hold(policy: str, forgets: bool) -> Stage:
    """Return a stage where one order of each of two workflows holds the same instance."""
    scene = stage(policy, forgets)
    scene.post("a")
    scene.add("x", "left")
    scene.add("z", "right")
    assert inside(scene, "x")
    assert inside(scene, "z")
    return scene


def is_there(scene: Stage) -> bool:
    return scene.notice("a").present is not None


def test_a_document_takes_the_policies_that_the_rules_know() -> None:
    assert Policy(NoticeBoard("'k'", "'k'").consumption_policy) is Policy.ANY_SUCCESS
    for policy in Policy:
        scene = stage(policy.value, False)
        scene.post("a")
        present = scene.notice("a").present
        assert present
        assert present.policy is policy


@pytest.mark.parametrize(
    ("policy", "first_ok", "last_ok", "stays"),
    [
        ("any_success", True, False, False),
        ("any_success", False, True, False),
        ("any_success", False, False, True),
        ("any_success", True, True, False),
        ("all_success", True, False, True),
        ("all_success", False, True, True),
        ("all_success", False, False, True),
        ("all_success", True, True, False),
        ("last_finisher", True, False, True),
        ("last_finisher", False, True, False),
        ("last_finisher", False, False, True),
        ("last_finisher", True, True, False),
        ("close_on_first_success", True, False, False),
        ("close_on_first_success", False, True, False),
        ("close_on_first_success", False, False, True),
        ("close_on_first_success", True, True, False),
    ],
)
def test_the_policy_decides_when_the_last_block_has_ended(
    policy: str, first_ok: bool, last_ok: bool, stays: bool, forgets: bool
) -> None:
    scene = both_hold(policy, forgets)
    scene.leave("x", fails="no" if first_ok else "yes")
    scene.leave("z", fails="no" if last_ok else "yes")
    assert is_there(scene) == stays


@pytest.mark.parametrize("policy", list(Policy))
def test_a_workflow_that_succeeded_never_gets_the_same_notice_again(
    policy: str, forgets: bool
) -> None:
    scene = both_hold(policy, forgets)
    scene.leave("x")
    scene.leave("z", fails="yes")
    scene.add("again", "left")
    assert scene.state("again") == "ExpectingNotices"


def test_all_success_waits_for_those_that_failed_and_lets_them_try_anew(forgets: bool) -> None:
    scene = both_hold("all_success", forgets)
    scene.leave("x")
    scene.leave("z", fails="yes")
    present = scene.notice("a").present
    assert present
    assert (present.consumed_by, present.failed_by) == (("left",), ("right",))
    scene.add("new", "right")
    assert inside(scene, "new")
    scene.leave("new")
    assert not is_there(scene)


def test_all_success_takes_the_success_of_a_resumed_order(forgets: bool) -> None:
    scene = both_hold("all_success", forgets)
    scene.leave("z", fails="yes")
    scene.resume("z")
    scene.leave("z")
    assert is_there(scene)
    scene.leave("x")
    assert not is_there(scene)


def test_a_cancelled_block_counts_as_failed(forgets: bool) -> None:
    scene = both_hold("all_success", forgets)
    scene.leave("x")
    scene.cancel("z")
    assert is_there(scene)


def test_after_the_first_success_nobody_joins_or_reads_and_the_others_go_on(forgets: bool) -> None:
    scene = both_hold("close_on_first_success", forgets)
    scene.leave("x")
    scene.add("late", "third")
    scene.add("r", "reads")
    assert [scene.state(i) for i in ("late", "r")] == ["ExpectingNotices", "ExpectingNotices"]
    assert inside(scene, "z")
    scene.leave("z", fails="yes")
    assert not is_there(scene)
    scene.resume("z")  # its grant is good although the notice is closed
    assert inside(scene, "z")
    scene.leave("z")
    assert scene.notice("a").instances == ()


def test_without_that_policy_others_join_after_the_first_success(forgets: bool) -> None:
    scene = both_hold("any_success", forgets)
    scene.leave("x")
    scene.add("late", "third")
    assert inside(scene, "late")


@pytest.mark.parametrize("policy", ["all_success", "last_finisher"])
def test_a_posting_where_some_have_consumed_it_is_a_new_one_for_all(
    policy: str, forgets: bool
) -> None:
    scene = both_hold(policy, forgets)
    scene.leave("x")
    scene.leave("z", fails="yes")
    scene.add("again", "left")
    scene.add("p", "posts")
    assert inside(scene, "again")
    assert scene.order("again").consumptions[0].notices == (("/a", "k", 2),)


def test_another_policy_counts_for_what_is_posted_from_then_on(forgets: bool) -> None:
    scene = both_hold("any_success", forgets)
    scene.objects["noticeboard", "a"] = ("/a", board(consumption_policy="last_finisher"))
    scene.world.objects = {} if forgets else dict(scene.objects)
    scene.leave("x")
    scene.leave("z", fails="yes")
    assert not is_there(scene)
    scene.post("a")
    present = scene.notice("a").present
    assert present
    assert present.policy is Policy.LAST_FINISHER


def test_partial_and_complete_worlds_give_the_same_events() -> None:
    for policy in Policy:
        told = []
        for forgets in (False, True):
            scene = both_hold(policy.value, forgets)
            scene.looks = 1
            for n in range(3):
                scene.add(f"w{n}", "left")
            scene.leave("z", fails="yes")
            scene.leave("x", fails="yes")
            scene.resume("z")
            told.append(scene.past)
        assert told[0] == told[1]


def test_a_state_that_was_stored_before_there_were_policies_is_read() -> None:
    old = ["notice", [[1, 5, None, {}, {"x": "left"}, [], False, False, 0, []]], 1, 0, None]
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=NoticeState)
    assert found.instances[0].policy is Policy.ANY_SUCCESS
    assert found.instances[0].warn_us == {}
