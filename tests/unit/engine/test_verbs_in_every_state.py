"""Each verb in each state: done at once, marked, refused, or in effect already.

The table is the contract; guards, `may`, previews and explanations are held against it.
"""

import datetime as dt

import pytest

from engine.errors import CommandRefused, EventNotApplicable
from engine.order import events as e
from engine.order import guards
from engine.order import model as m
from engine.order import requests as rq
from engine.order.commands import carry_out
from engine.order.preview import AT_ONCE, When, preview, preview_transfer
from engine.order.transfer import transfer
from engine.order.why import why
from engine.world import Step, World
from tests.unit.engine.standing import NOW_US, WHERE, after, happened, let_go, program, standing

TOMORROW_US = NOW_US + dt.timedelta(days=1) // dt.timedelta(microseconds=1)

VERBS: dict[str, rq.OrderRequest | None] = {
    "cancel": rq.CancelOrders(("o",)),
    "suspend": rq.SuspendOrders(("o",)),
    "reset": rq.SuspendOrders(("o",), reset=True),
    "resume": rq.ResumeOrders(("o",)),
    "continue": rq.ContinueOrders(("o",)),
    "confirm": rq.ConfirmPrompts(("o",)),
    "priority": rq.ChangePriority(("o",), 7),
    "start": rq.ChangeStart(("o",), TOMORROW_US),
    "arguments": rq.ChangeArguments(("o",), {"a": 1}),
    "transfer": None,
    "remove": rq.RemoveOrders(("o",)),
}

# D: done at once; M: marked, done later; -: refused; =: accepted, it is so already.
TABLE = """
                           cancel suspend reset resume continue confirm priority start arguments transfer remove
Fresh                      D      D       D     -      D        -       D        D     D         D        -
Fresh suspended            D      =       =     D      -        -       D        D     D         D        -
Fresh at agent             M      M       M     -      M        -       D        M     M         M        -
Ready suspended            D      =       =     D      -        -       D        -     -         D        -
Ready frozen               D      D       D     -      -        -       D        -     -         D        -
Ready at the end, frozen   D      D       D     -      -        -       D        -     -         D        -
Ready at agent             M      M       M     -      -        -       D        -     -         M        -
Processing                 M      M       M     -      -        -       D        -     -         -        -
Processed at agent         M      M       M     -      -        -       D        -     -         M        -
ProcessingKilled           D      D       D     -      -        -       D        -     -         D        -
Forked                     M      M       M     -      -        -       D        -     -         D        -
DelayingRetry              D      M       D     -      D        -       D        -     -         D        -
DelayingRetry at agent     M      M       M     -      M        -       D        -     -         M        -
Sleeping                   D      M       D     -      D        -       D        -     -         D        -
WaitingForAdmission        D      M       D     -      D        -       D        -     -         D        -
BetweenCycles              D      M       D     -      D        -       D        -     -         D        -
WaitingForLock             D      M       D     -      -        -       D        -     -         D        -
ExpectingNotices           D      M       D     -      -        -       D        -     -         D        -
Prompting                  D      M       D     -      -        D       D        -     -         D        -
Stopped                    D      -       -     D      -        -       D        -     -         D        -
StoppedWhileFresh          D      -       -     D      -        -       D        -     -         D        -
Failed                     D      -       -     D      -        -       D        -     -         D        -
FailedWhileFresh           D      -       -     D      -        -       D        -     -         D        -
FailedInFork               -      -       -     -      -        -       -        -     -         -        -
Broken                     D      -       -     -      -        -       D        -     -         D        -
Broken suspended           D      -       -     -      -        -       D        -     -         D        -
Finished, remaining        -      -       -     -      -        -       -        -     -         -        D
Cancelled, remaining       -      -       -     -      -        -       -        -     -         -        D
Finished, before its join  -      -       -     -      -        -       -        -     -         -        -
"""  # noqa: E501  # a table

CELLS = {
    line[:27].strip(): dict(zip(VERBS, line[27:].split(), strict=True))
    for line in TABLE.strip("\n").splitlines()[1:]
}
each_state = pytest.mark.parametrize("state", CELLS)


def decided(world: World, verb: str) -> list[Step]:
    """Return what a verb leads to for the order."""
    request = VERBS[verb]
    if request is not None:
        return carry_out(world, "o", request)
    world.programs["flow", "v2"] = program("v2", title="the next")
    return transfer(world, world.order("o"), world.programs["flow", "v2"])


def cell(state: str, verb: str) -> str:
    """Return what really happens to an order in a state."""
    world, _ = standing(state)
    try:
        steps = decided(world, verb)
    except CommandRefused as refused:
        return "-" if refused.code == "not-applicable" else refused.code
    if not steps:
        return "="
    for concerned, event in steps:
        world.take(concerned, event)
    followed = happened([*steps, *let_go(world)])
    return "M" if after(world).mark is not None else f"D{'' if followed else '?'}"


def test_the_table_has_every_state_and_verb() -> None:
    assert CELLS.keys() == WHERE.keys()
    assert {v for v in VERBS if v != "reset"} == set(guards.VERBS)


@each_state
def test_a_verb_does_what_the_table_says(state: str) -> None:
    assert {verb: cell(state, verb) for verb in VERBS} == CELLS[state]


def test_a_guard_that_lets_everything_pass_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "refusal", lambda *_: None)
    with pytest.raises((AssertionError, EventNotApplicable)):
        test_a_verb_does_what_the_table_says("Failed")


@each_state
def test_a_verb_once_more_changes_nothing(state: str) -> None:
    for verb in (verb for verb, what in CELLS[state].items() if what == "M"):
        world, _ = standing(state)
        for concerned, event in decided(world, verb):
            world.take(concerned, event)
        list(let_go(world))
        assert decided(world, verb) == [], verb


@each_state
def test_may_names_what_would_change_something(state: str) -> None:
    _, order = standing(state)
    wanted = {v for v, what in CELLS[state].items() if what in "DM" and v != "reset"}
    assert guards.may(order) == wanted


@each_state
def test_only_an_order_that_has_ended_takes_no_verb(state: str) -> None:
    _, order = standing(state)
    ended = state in ("FailedInFork", "Finished, before its join")
    assert bool(guards.may(order)) is not ended


WHEN = {"-": When.REFUSED, "=": When.NEVER, "M": When.LATER, "D": When.NOW}


@each_state
def test_a_preview_tells_what_would_happen_and_does_nothing(state: str) -> None:
    world, order = standing(state)
    for verb, request in VERBS.items():
        if request is None or verb == "priority":
            continue
        told = preview(world, "o", request)
        assert told.when is WHEN[CELLS[state][verb]], told
        assert told.effect.endswith(AT_ONCE) is (told.when is When.NOW)
        assert (told.code == "accepted") is (CELLS[state][verb] != "-")
    assert world.order("o") == order


@each_state
def test_a_preview_of_a_transfer_tells_what_would_happen(state: str) -> None:
    world, _ = standing(state)
    new = program("v2", title="the next")
    told = preview_transfer(world, "o", new)
    assert told.when is WHEN[CELLS[state]["transfer"]], told


@each_state
def test_every_order_can_say_why_it_waits(state: str) -> None:
    world, order = standing(state)
    told = why(world, order, NOW_US)
    assert told.code
    assert told.sentence.endswith((".", "?"))


def changed_then_suspended() -> World:
    """Return a world in which an order at an agent has other arguments coming, and is suspended."""
    world, order = standing("Fresh at agent")
    for request in (rq.ChangeArguments(("o",), {"a": 1}), rq.ChangeStart(("o",), TOMORROW_US)):
        for concerned, event in carry_out(world, "o", request):
            world.take(concerned, event)
    for _ in range(2):  # once more changes nothing
        for concerned, event in carry_out(world, "o", rq.SuspendOrders(("o",), kill=True)):
            world.take(concerned, event)
    assert world.order("o").arguments == order.arguments
    return world


def given_back(world: World) -> m.Order:
    """Return the order when its agent has given it back and nothing follows any more."""
    held = world.order("o").held
    assert held is not None
    world.take("o", e.OrderDetached(held.agent))
    list(let_go(world))
    return after(world)


def test_who_is_suspended_keeps_a_change_that_was_accepted_before() -> None:
    order = given_back(changed_then_suspended())
    assert (order.suspended, order.mark) == (True, None)
    assert (order.arguments, order.scheduled_us) == ({"a": 1}, TOMORROW_US)


def test_who_is_not_suspended_after_all_keeps_it_as_well() -> None:
    world = changed_then_suspended()
    for concerned, event in carry_out(world, "o", rq.ResumeOrders(("o",))):
        world.take(concerned, event)
    order = given_back(world)
    assert (order.suspended, order.mark) == (False, None)
    assert (order.arguments, order.scheduled_us) == ({"a": 1}, TOMORROW_US)


def test_a_preview_tells_that_a_suspension_takes_the_place_of_a_transfer() -> None:
    world, _ = standing("Ready at agent", mark=m.Mark("transfer", version="v2"))
    told = preview(world, "o", rq.SuspendOrders(("o",)))
    assert told.effect.startswith("is suspended and not transferred as soon as")


def test_a_preview_of_resuming_who_has_not_started_tells_of_its_start() -> None:
    world, _ = standing("Fresh suspended")
    told = preview(world, "o", rq.ResumeOrders(("o",)))
    assert told.effect == "waits for its start again at once"


def test_who_is_to_be_cancelled_leaves_also_when_its_job_fails() -> None:
    failed = m.Outcome("failed", return_code=7)
    world, _ = standing("Processed at agent", mark=m.Mark("cancel"), held=None, outcome=failed)
    told = [type(event).__name__ for _, event in let_go(world)]
    assert told == ["OrderFailed", "OrderCancelled"]
    assert isinstance(after(world).state, m.Cancelled)


def test_who_is_to_be_suspended_is_failed_when_its_job_fails() -> None:
    failed = m.Outcome("failed", return_code=7)
    world, _ = standing("Processed at agent", mark=m.Mark("suspend"), held=None, outcome=failed)
    list(let_go(world))
    order = after(world)
    assert (type(order.state), order.mark, order.suspended) == (m.Failed, None, False)
