"""An explicit-state model of one notice: the real rules, and everything that can come between.

Orders of two workflows wait for the notice and consume it; people post, delete, cancel and resume;
blocks run elsewhere, fail, or are given up for lost; letters about their ends come late, twice and
in any order. What happens in the engine is decided by the engine.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.facts import NoticeState, Scan
from engine.objects.model import Policy
from engine.order import model as m
from engine.order.commands import carry_out
from engine.order.control import control
from engine.order.events import OrderAdded, OrderPromptAnswered
from engine.order.notice_verbs import delete_notice, post_notice
from engine.order.requests import CancelOrders, DeleteNotice, ResumeOrders
from engine.steps.advance import advance
from engine.steps.failure import fail
from engine.steps.site import Site
from engine.steps.wake import awakened
from engine.world import Step, World
from tests.unit.engine.stage import board, consume, program

KEY = ("notice", "/a", "k")
SITE = Site(now_us=0)
FAILED = m.Outcome("failed", message="failed")
PROGRAMS = {
    (name, "v"): program(name, [consume("'a'", inside=[{"TYPE": "Prompt", "question": "'?'"}])])
    for name in ("left", "right")
}
OBJECTS: dict[str, dict[tuple[str, str], Any]] = {
    policy.value: {
        ("noticeboard", name): ("/a", board(consumption_policy=policy.value))
        for name in ("a", "/a")
    }
    for policy in Policy
}


class Bounds(msgspec.Struct, frozen=True):
    """How much may happen at most; `workflows` of the orders, by their letters."""

    workflows: tuple[str, ...] = ("left", "left", "right")
    posts: int = 2
    deletes: int = 1
    failures: int = 1
    cancels: int = 1
    forces: int = 0
    policy: str = Policy.ANY_SUCCESS.value


class Letter(msgspec.Struct, frozen=True, array_like=True, order=True):
    """What an agent tells about the end of a block: the order, the number of its run, how."""

    order: str
    run: int
    ok: bool


class State(msgspec.Struct, frozen=True, array_like=True):
    """Everything that tells one situation from another.

    `runs` is how often each order has entered its block, `busy` are runs under way, `lost` those
    that a person has given up. `letters` were sent and may arrive again at any time. `done` are
    successful consumptions (generation, workflow), `had` orders that waited when a generation was
    there for them, `removed` generations deleted by a person. `undone` are workflows whose last
    consumption of a generation failed, `last` tells how the last one of each ended. The numbers are
    what is left of the bounds.
    """

    orders: tuple[m.Order | None, ...]
    notice: NoticeState
    runs: tuple[int, ...]
    busy: tuple[tuple[str, int], ...] = ()
    lost: tuple[tuple[str, int], ...] = ()
    letters: tuple[Letter, ...] = ()
    done: tuple[tuple[int, str], ...] = ()
    had: tuple[tuple[int, str], ...] = ()
    removed: tuple[int, ...] = ()
    posts: int = 0
    deletes: int = 0
    cancels: int = 0
    failures: tuple[int, ...] = ()
    arrived: tuple[bool, ...] = ()
    undone: tuple[tuple[int, str], ...] = ()
    last: tuple[tuple[int, bool], ...] = ()
    forces: int = 0
    policy: str = Policy.ANY_SUCCESS.value

    def order(self, order_id: str) -> m.Order | None:
        """Return an order, None while it has not come and after it has left."""
        return self.orders["xyz".index(order_id)]


class Move(msgspec.Struct, frozen=True):
    """Something that can happen next. `letter` tells which one arrives, `ok` how a run ends."""

    kind: str
    order: str = ""
    letter: Letter | None = None
    ok: bool = False


def beginning(bounds: Bounds) -> State:
    """Return the situation before anything has happened."""
    count = len(bounds.workflows)
    return State(
        orders=(None,) * count,
        notice=NoticeState(),
        runs=(0,) * count,
        posts=bounds.posts,
        deletes=bounds.deletes,
        cancels=bounds.cancels,
        failures=(bounds.failures,) * count,
        arrived=(False,) * count,
        forces=bounds.forces,
        policy=bounds.policy,
    )


def moves(state: State) -> Iterator[Move]:
    """Yield all that can happen next."""
    if state.posts:
        yield Move("post")
    if state.deletes and state.notice.present:
        yield Move("delete")
    if state.forces and state.notice.present:
        yield Move("force")
    if state.notice.scan:
        yield Move("look")
    for i, order in enumerate(state.orders):
        name = "xyz"[i]
        if not state.arrived[i]:
            yield Move("arrive", name)
        elif order is not None:
            yield from _moves_of(state, name, order, state.failures[i])
    yield from _moves_elsewhere(state)


def _moves_elsewhere(state: State) -> Iterator[Move]:
    for run_of, _ in state.busy:
        yield Move("end", run_of, ok=True)
        if state.failures["xyz".index(run_of)]:
            yield Move("end", run_of, ok=False)
    yield from (Move("deliver", letter.order, letter) for letter in state.letters)


def _moves_of(state: State, name: str, order: m.Order, failures: int) -> Iterator[Move]:
    if isinstance(order.state, m.Failed):
        yield Move("resume", name)
    if state.cancels and isinstance(order.state, m.Failed | m.ExpectingNotices):
        yield Move("cancel", name)
    if failures and isinstance(order.state, m.Prompting) and _is_busy(state, name):
        yield Move("lose", name)


def _is_busy(state: State, name: str) -> bool:
    return (name, state.runs["xyz".index(name)]) in state.busy


class Rules:
    """How one move changes a situation; `dedup` tells whether old letters are recognised."""

    def __init__(self, bounds: Bounds, *, dedup: bool = True) -> None:
        self.bounds, self.dedup = bounds, dedup

    def after(self, state: State, move: Move) -> State:
        """Return the situation after a move, the same where it changes nothing."""
        world = world_of(state)
        return getattr(self, f"_{move.kind}")(state, world, move)  # type: ignore[no-any-return]

    def _post(self, state: State, world: World, _move: Move) -> State:
        _take(world, post_notice(world, "a", "k", now_us=0))
        return _seen(replace(state, posts=state.posts - 1), world)

    def _delete(self, state: State, world: World, _move: Move) -> State:
        present = state.notice.present
        assert present
        _take(world, delete_notice(world, "a", "k"))
        removed = (*state.removed, present.gen)
        return _seen(replace(state, deletes=state.deletes - 1, removed=removed), world)

    def _force(self, state: State, world: World, _move: Move) -> State:
        """Delete the notice and let those fail who consume it; what they do elsewhere goes on."""
        present = state.notice.present
        assert present
        steps = control(DeleteNotice("a", "k", force=True), world, 0)
        _take(world, steps)
        _advance(world, *present.holders)
        runs = [(i, state.runs["xyz".index(i)]) for i in present.holders]
        for workflow in present.holders.values():
            state = _with_end(state, [present.gen], workflow, ok=False)
        removed = (*state.removed, present.gen)
        lost = tuple(sorted({*state.lost, *runs}))
        return _seen(replace(state, forces=state.forces - 1, removed=removed, lost=lost), world)

    def _look(self, state: State, world: World, _move: Move) -> State:
        found, steps = awakened(world, 1)
        _advance(world, *found)
        _take(world, steps)
        return _seen(state, world)

    def _arrive(self, state: State, world: World, move: Move) -> State:
        i = "xyz".index(move.order)
        order = m.Order(id=move.order, workflow=self.bounds.workflows[i], version="v")
        _take(world, [(move.order, OrderAdded(order))])
        _advance(world, move.order)
        return _seen(replace(state, arrived=_with(state.arrived, i, True)), world)

    def _resume(self, state: State, world: World, move: Move) -> State:
        _take(world, carry_out(world, move.order, ResumeOrders((move.order,))))
        _advance(world, move.order)
        return _seen(state, world)

    def _cancel(self, state: State, world: World, move: Move) -> State:
        _take(world, carry_out(world, move.order, CancelOrders((move.order,))))
        _advance(world, move.order)
        return _seen(replace(state, cancels=state.cancels - 1), world)

    def _lose(self, state: State, world: World, move: Move) -> State:
        i = "xyz".index(move.order)
        lost = tuple(sorted((*state.lost, (move.order, state.runs[i]))))
        failures = _with(state.failures, i, state.failures[i] - 1)
        return self._ended(replace(state, lost=lost, failures=failures), world, move.order, False)

    def _end(self, state: State, _world: World, move: Move) -> State:
        """End the oldest run of an order that is under way."""
        ended = next(run for run in state.busy if run[0] == move.order)
        letter = Letter(*ended, move.ok)
        i = "xyz".index(move.order)
        left = state.failures[i] - (not move.ok)
        return replace(
            state,
            busy=tuple(run for run in state.busy if run != ended),
            letters=tuple(sorted((*state.letters, letter))),
            failures=_with(state.failures, i, left),
        )

    def _deliver(self, state: State, world: World, move: Move) -> State:
        order, letter = state.order(move.order), move.letter
        assert letter
        if order is None or not isinstance(order.state, m.Prompting):
            return state
        if self.dedup and letter.run != state.runs["xyz".index(move.order)]:
            return state
        return self._ended(state, world, move.order, letter.ok)

    def _ended(self, state: State, world: World, order_id: str, ok: bool) -> State:
        order = world.order(order_id)
        state = _with_end(state, gens(order), order.workflow, ok=ok)
        if ok:
            onward = world.program_of(order).onward(order.position)
            _take(world, [(order_id, OrderPromptAnswered(onward))])
        else:
            _take(world, fail(world, order, FAILED, SITE))
        _advance(world, order_id)
        return _seen(state, world)


def _with_end(state: State, ended: list[int], workflow: str, *, ok: bool) -> State:
    """Return a situation that remembers how a block with these generations has ended."""
    uses = {(gen, workflow) for gen in ended}
    last = {**dict(state.last), **dict.fromkeys(ended, ok)}
    return replace(
        state,
        done=tuple(sorted({*state.done, *uses})) if ok else state.done,
        undone=tuple(sorted({*state.undone} - uses if ok else {*state.undone, *uses})),
        last=tuple(sorted(last.items())),
    )


def gens(order: m.Order | None) -> list[int]:
    """Return the generations that an order holds."""
    used = order.consumptions if order else ()
    return [gen for c in used for _, _, gen in c.notices]


def _with(values: tuple[Any, ...], at: int, value: Any) -> tuple[Any, ...]:
    return (*values[:at], value, *values[at + 1 :])


def world_of(state: State) -> World:
    """Return a world in this situation."""
    world = World(complete=True)
    world.programs, world.objects = PROGRAMS, OBJECTS[state.policy]
    world.facts[KEY] = state.notice
    if state.notice.scan:
        world.wakes[KEY] = None
        world.no = state.notice.scan.upto_no
    for order in state.orders:
        if order is not None:
            world.orders[order.id] = order
            if isinstance(order.state, m.ExpectingNotices):
                world.queue(KEY).add((0, order.state.no, order.id))
                world.no = max(world.no, order.state.no)
    world.no = max([world.no, *(i.doomed_no for i in state.notice.instances)]) + 1
    return world


def _take(world: World, steps: list[Step]) -> None:
    for subject, event in steps:
        world.take(subject, event)


def _advance(world: World, *orders: str) -> None:
    deque(advance(world, deque(orders), SITE), maxlen=0)


def _seen(state: State, world: World) -> State:
    """Return the situation in which the world is now, with numbers as small as they can be."""
    orders = tuple(world.orders.get("xyz"[i]) for i in range(len(state.orders)))
    notice = world.notice(*KEY[1:])
    runs, busy = list(state.runs), list(state.busy)
    for i, order in enumerate(orders):
        before = state.orders[i]
        entered = order is not None and isinstance(order.state, m.Prompting)
        if entered and not (before and isinstance(before.state, m.Prompting)):
            runs[i] += 1
            busy.append(("xyz"[i], runs[i]))
    had = {*state.had, *_had(state, orders, notice)}
    orders, notice = _small(orders, notice)
    return replace(
        state,
        orders=orders,
        notice=notice,
        runs=tuple(runs),
        busy=tuple(sorted(busy)),
        had=tuple(sorted(had)),
    )


def _had(
    state: State, orders: tuple[m.Order | None, ...], notice: NoticeState
) -> Iterator[tuple[int, str]]:
    """Yield who waited when the present instance came, or came back."""
    present, before = notice.present, state.notice.present
    if present is None:
        return
    came = before is None or before.gen != present.gen
    back = before is not None and len(before.holders) > len(present.holders)
    for order in (*state.orders, *orders) if came or back else ():
        if order is not None and isinstance(order.state, m.ExpectingNotices):
            yield present.gen, order.id


def _small(
    orders: tuple[m.Order | None, ...], notice: NoticeState
) -> tuple[tuple[m.Order | None, ...], NoticeState]:
    scan = notice.scan
    waits = [o.state.no for o in orders if o and isinstance(o.state, m.ExpectingNotices)]
    marks = [scan.upto_no, *(scan.after[1:] if scan.after else ())] if scan else []
    dooms = [i.doomed_no for i in notice.instances if i.doomed] if scan else []
    small = {no: n for n, no in enumerate(sorted({*waits, *marks, *dooms}), 1)}
    renumbered = tuple(
        replace(o, state=replace(o.state, no=small[o.state.no]))
        if o and isinstance(o.state, m.ExpectingNotices)
        else o
        for o in orders
    )
    instances = tuple(replace(i, doomed_no=small.get(i.doomed_no, 0)) for i in notice.instances)
    if scan:
        after = (scan.after[0], small[scan.after[1]]) if scan.after else None
        scan = Scan(small[scan.upto_no], after, scan.again)
    return renumbered, replace(notice, instances=instances, scan=scan)
