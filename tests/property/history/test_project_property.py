"""The history's rows against the engine, on streams of events that it allows."""

from collections import Counter
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EventNotApplicable
from engine.order import events as e
from engine.order import model as m
from engine.order.apply import apply
from engine.order.group import group_of, state_name
from engine.order.object_events import PostedNotice
from engine.position import to_text
from engine.world import World
from history.carried import Left, decode, left_by_job, put_together
from history.changes import Changes
from history.project import project
from history.runs import CHILD_BITS, Run
from tests.journal_writing import Step, added, entries

OUTCOMES = (
    m.Outcome("succeeded", 0, None, {"returnCode": 0}),
    m.Outcome("failed", 1, "no", {"returnCode": 1, "why": "x"}),
    m.Outcome("killed"),
)
PLACES = ((0,), (1,), (2, "try+0", 0))
IDS = ("a", "b", "a|x", "a|y")
BRANCHES = ("x", "y")
WALKS = st.builds(Random, st.integers(0, 2**32))
"""Long walks are what shows anything, so chance comes from a seed and not from small examples."""

STEPS = 120
LEADS_AWAY = (e.OrderFailed, e.OrderFailedInFork, e.OrderFinished, e.OrderCancelled, e.OrderBroken)
"""Events that end most of what could happen; taken seldom."""


def candidates(order: m.Order, number: int) -> list[e.OrderEvent]:
    """One event of each kind that may follow for an order; the engine refuses some of them."""
    outcome, place = OUTCOMES[number % 3], PLACES[number % 3]
    attempt = order.state.attempt if isinstance(order.state, m.Processing) else f"r:{number}"
    children = tuple((f"{order.id}|{branch}", branch) for branch in BRANCHES)
    carried = m.Result(place, "named", None, {"n": number})
    return [
        e.OrderStarted(number),
        e.OrderAttachable("agent-1", order.own_no + 1),
        e.OrderAttached("agent-1"),
        e.OrderDetached("agent-1"),
        e.OrderProcessingStarted("agent-1", attempt, "load", None, order.position, number),
        e.OrderProcessed(attempt, outcome, result(order, outcome), number),
        e.OrderMoved(place),
        e.OrderCaught(place, outcome),
        e.OrderRetrying(place, number if number % 2 else None),
        e.OrderAwoke(),
        *([e.OrderForked(children)] if order.parent is None else []),
        e.OrderChildEnded(children[number % 2][0], number % 3 == 0, {}),
        e.OrderJoined(outcome, carried if number % 2 else None),
        e.OrderFailed(outcome, number),
        e.OrderFailedInFork(outcome, number),
        e.OrderFinished(number, None),
        e.OrderCancelled(number),
        e.OrderMarked(m.Mark("suspend")),
        e.OrderSuspended(),
        e.OrderResumed(place if number % 2 else None, (carried,) if number % 5 == 0 else None),
        e.OrderPriorityChanged(number),
        e.OrderBroken("cannot follow"),
        *waits(order, number),
    ]


def result(order: m.Order, outcome: m.Outcome) -> m.Result | None:
    """What a job leaves at the place where the history has it."""
    return m.Result(order.position, None, "load", outcome.values) if outcome.values else None


def waits(order: m.Order, number: int) -> list[e.OrderEvent]:
    """Events of waiting states and of blocks."""
    place = PLACES[number % 3]
    demands = (("tape", number % 2 or None),)
    held = order.locks[-1].position if order.locks else place
    consumed = order.consumptions[-1].position if order.consumptions else place
    return [
        e.OrderStateReset(),
        e.OrderSleeping(number, "sleep"),
        e.OrderAdmissionAwaited(number),
        e.OrderCyclingPrepared(place, number, "0"),
        e.OrderCycleStarted(place),
        e.OrderPrompted("Go on?"),
        e.OrderPromptAnswered(place),
        e.OrderLocksQueued(demands),
        e.OrderLocksAcquired(demands, place),
        e.OrderLocksReleased(held),
        e.OrderNoticesPosted((PostedNotice("eod", "day"),), place, number),
        e.OrderNoticesExpected((("eod", "day"),)),
        e.OrderNoticesRead(place, m.Result(place, None, None, {"read": number})),
        e.OrderConsumptionStarted(
            (("eod", "day", 1),), place, m.Result(place, None, None, {"held": number})
        ),
        e.OrderNoticeHeldLong("eod", "day", 1, 5, number),
        e.OrderNoticesConsumed(consumed, ok=number % 2 == 0),
        e.OrderStopped(OUTCOMES[1], number),
        e.OrderTransferred(f"v{number}"),
        e.OrderTransferred(f"v{number}", place, ((PLACES[number % 2], place),)),
        e.OrderChanged(m.Change(scheduled_us=number)),
    ]


def applicable(order: m.Order, number: int) -> list[e.OrderEvent]:
    """The candidates that the engine allows."""
    found = []
    for event in candidates(order, number):
        with suppress(EventNotApplicable):
            apply(order, event)
            found.append(event)
    return found


def happened(chance: Random) -> tuple[list[Step], World]:
    """Steps that follow one another, and the world after them."""
    world = World(complete=True)
    steps: list[Step] = []
    for _ in range(STEPS):
        order_id = chance.choice(IDS)
        order = world.orders.get(order_id)
        if order is None and "|" in order_id:
            continue
        events = applicable(order, chance.randrange(100)) if order else [added(order_id)[1]]
        if chance.random() < 0.9:
            events = [event for event in events if not isinstance(event, LEADS_AWAY)]
        if events:
            event = chance.choice(events)
            world.take(order_id, event)
            steps.append((order_id, event))
    return steps, world


def in_batches(steps: list[Step], cuts: list[int]) -> tuple[dict[int, Run], list[Changes]]:
    """The runs after projecting the steps cut into batches, and the changes of each batch."""
    made = entries(steps)
    edges = sorted({0, len(made), *(cut for cut in cuts if cut < len(made))})
    runs: dict[int, Run] = {}
    newest: dict[str, Run] = {}
    batches = []
    for begin, end in pairwise(edges):
        changes = project("c", made[begin:end], newest)
        runs |= changes.runs
        newest = dict(changes.current)
        batches.append(changes)
    return runs, batches


@settings(max_examples=100)
@given(WALKS)
def test_runs_show_what_the_engine_says(chance: Random) -> None:
    steps, world = happened(chance)
    current = project("c", entries(steps), {}).current
    for order_id, order in {**world.left, **world.orders}.items():
        run = current[order_id]
        shown = (run.state, run.group, run.position, run.suspended, run.agent, run.priority)
        assert shown == (
            state_name(order),
            group_of(order),
            to_text(order.position),
            order.suspended,
            order.agent,
            order.priority,
        )
        until_us = order.state.until_us if isinstance(order.state, m.TIMED) else None
        assert (run.until_us, run.version) == (until_us, order.version)
        job = isinstance(order.state, m.Processing)
        assert (run.job_no is not None) == job


@settings(max_examples=100)
@given(WALKS, st.lists(st.integers(1, STEPS), max_size=8))
def test_rows_carry_what_the_engine_says_however_entries_are_cut(
    chance: Random, cuts: list[int]
) -> None:
    steps, world = happened(chance)
    _, batches = in_batches(steps, cuts)
    newest = batches[-1].current if batches else {}
    for order_id, order in {**world.left, **world.orders}.items():
        told = put_together(left_in(batches, newest[order_id]))
        assert told == list(order.results), order_id


def left_in(batches: list[Changes], run: Run) -> list[Left]:
    """What the rows of a run tell, and those of its parent from before its birth."""
    left: list[Left] = []
    if run.parent is not None:
        runs = (one for batch in batches for one in batch.runs.values())
        lives = (one for one in runs if one.order_id == run.parent and one.run < run.run)
        parent = max(lives, key=lambda one: one.run)
        left = [one for one in left_in(batches, parent) if one.no < run.run >> CHILD_BITS]
    jobs = {no: job for batch in batches for no, job in batch.jobs.items() if job.run == run.run}
    ends = {no: end for batch in batches for no, end in batch.ends.items()}
    for no, job in jobs.items():
        end = ends.get(no, job)
        values = (end.state, end.return_code, end.returned)
        one = left_by_job(no, job.position, job.label, job.job, *values)
        left += [one] if one else []
    states = (state for batch in batches for state in batch.states if state.run == run.run)
    return left + [Left(s.no, decode(s.carried)) for s in states if s.carried]


@settings(max_examples=60)
@given(WALKS, st.lists(st.integers(1, STEPS), max_size=8))
def test_rows_do_not_depend_on_how_entries_are_cut_into_batches(
    chance: Random, cuts: list[int]
) -> None:
    steps, _ = happened(chance)
    at_once, whole = in_batches(steps, [])
    one_by_one, parts = in_batches(steps, cuts)
    assert one_by_one == at_once
    assert [s for b in parts for s in b.states] == [s for b in whole for s in b.states]
    assert counted(parts) == counted(whole)


def counted(batches: list[Changes]) -> dict[Any, int]:
    """The sum of what the batches count; `+` of counters would forget what is below zero."""
    total: Counter[Any] = Counter()
    for batch in batches:
        total.update(batch.counts())
    return {key: count for key, count in total.items() if count}
