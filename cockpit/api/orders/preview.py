"""What a verb would do to orders: the engine's own rules on a world of copies. Pure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from engine.errors import CommandRefused, EngineError, NotLoaded
from engine.order.commands import Verb, carry_out
from engine.order.group import state_name
from engine.order.model import Order
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.world import World

T = TypeVar("T")
Load = Callable[[World, NotLoaded], None]

_ROUNDS = 200


class Effect(msgspec.Struct, frozen=True):
    """What a verb would do to one order.

    `effect` is `now`, `later` (a mark that takes effect at the next safe point), `none` (it is so
    already) or `refused`.
    """

    id: str
    ok: bool
    effect: str
    sentence: str
    code: str = "accepted"
    state: str | None = None
    state_after: str | None = None
    workflow: str | None = None


class Preview(msgspec.Struct, frozen=True):
    """What a verb would do to all the orders, with how many would take it."""

    dry_run: bool
    accepted: int
    refused: int
    orders: list[Effect]


def preview(world: World, ids: Iterable[str], verb: Verb, *, now_us: int, load: Load) -> Preview:
    """Return the effect of a verb on each of the orders, one after the other.

    Args:
        world: the orders as they are now.
        ids: which orders.
        verb: what would be asked.
        now_us: the moment of the question.
        load: puts what turns out to be missing into the world, or notes its absence.
    """
    effects = [_effect(world, order_id, verb, now_us, load) for order_id in ids]
    accepted = sum(effect.ok for effect in effects)
    return Preview(dry_run=True, accepted=accepted, refused=len(effects) - accepted, orders=effects)


def _effect(world: World, order_id: str, verb: Verb, now_us: int, load: Load) -> Effect:
    before: Order | None = None
    try:
        before = _loaded(world, load, lambda: world.find(order_id))
        steps = _loaded(world, load, lambda: carry_out(world, order_id, verb))
    except CommandRefused as refused:
        return Effect(
            id=order_id,
            ok=False,
            effect="refused",
            sentence=refused.sentence,
            code=refused.code,
            state=state_name(before) if before else None,
            workflow=before.workflow if before else None,
        )
    assert before is not None  # noqa: S101  # carry_out refuses an order that is not there
    if not steps:
        return _told(before, before, "none", "It is so already.")
    for concerned, event in steps:
        _loaded(world, load, lambda c=concerned, e=event: world.take(c, e))  # type: ignore[misc]
    _follow(world, [order_id, *(concerned for concerned, _ in steps)], now_us, load)
    after = world.orders.get(order_id) or world.left.get(order_id)
    return _told(before, after, *_outcome(before, after))


def _follow(world: World, order_ids: Iterable[str], now_us: int, load: Load) -> None:
    """Let orders go on as the controller would, as far as it is not their agent's turn."""
    waiting = deque(dict.fromkeys(order_ids))
    try:
        _loaded(world, load, lambda: list(_some(advance(world, waiting, Site(now_us=now_us)))))
    except EngineError:
        return  # what would fail then is not what the verb does


def _some(steps: Iterator[object]) -> Iterator[object]:
    for _, step in zip(range(_ROUNDS), steps, strict=False):
        yield step


def _outcome(before: Order, after: Order | None) -> tuple[str, str]:
    if after is None:
        return "now", "It takes effect at once."
    if after.mark is not None and after.mark != before.mark:
        if before.held is not None:
            agent = before.held.agent
            return "later", f"Agent {agent} is told; it takes effect after the running job."
        return "later", "It takes effect as soon as the order can be stopped."
    return "now", f"It is {state_name(after)}{' and suspended' if after.suspended else ''} at once."


def _told(before: Order, after: Order | None, effect: str, sentence: str) -> Effect:
    return Effect(
        id=before.id,
        ok=True,
        effect=effect,
        sentence=sentence,
        state=state_name(before),
        state_after=state_name(after) if after else None,
        workflow=before.workflow,
    )


def _loaded(world: World, load: Load, decide: Callable[[], T]) -> T:
    while True:
        try:
            return decide()
        except NotLoaded as missing:
            load(world, missing)
