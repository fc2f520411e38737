"""Notices: posting, expecting, consuming.

What is announced by nobody may be passed by or left out, see `is_unannounced`. Whether a notice is
there is told by its state; who holds it is changed by effects of events.
"""

from collections.abc import Mapping
from typing import TypeAlias

from engine import position as p
from engine.effects import waits_for
from engine.facts import FactKey, Instance, Rank
from engine.objects.board_expression import parse, without
from engine.objects.model import NoticeBoard
from engine.order import events as e
from engine.order import model as m
from engine.order.announce import is_unannounced
from engine.order.notice_key import (
    as_posted,
    board_named,
    expected_key,
    is_plannable,
    posted_key,
)
from engine.order.notice_verbs import end_of_life_us
from engine.order.object_events import NoticeDeleted, subject
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.steps.site import Site
from engine.values import normalise, to_json
from engine.workflow.model import ConsumeNotices, ExpectNotices, PostNotices
from engine.world import Step, World

NOT_ANNOUNCED = "skipped: nobody will post the notice"
END_OF_LIFE = "end of life"

Waits: TypeAlias = ExpectNotices | ConsumeNotices
At: TypeAlias = tuple[str, str]
Taken: TypeAlias = Mapping[At, Instance]
"""The instances that an order may take, by board and key."""


def decide_post(world: World, order: m.Order, node: PostNotices, site: Site) -> list[Step]:
    """Return the posting to all boards at once.

    Raises:
        EngineError: a key or an argument cannot be made, or the plan is closed.
    """
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    program = world.program_of(order)
    find = resources_in(world)
    arguments = {
        name: to_json(normalise(evaluate(text, order, program, site.now_us, find)))
        for name, text in node.arguments.items()
    }
    notices = []
    for name in node.notice_board_names:
        found = board_named(world, name)
        board, key = posted_key(world, order, program, found, site.now_us)
        end_us = _end_of_life_us(world, order, found[1], site)
        notices.append(as_posted((board, found[1]), key, end_us, arguments))
    posted = e.OrderNoticesPosted(tuple(notices), program.onward(order.position), site.now_us)
    return [(order.id, posted)]


def _end_of_life_us(world: World, order: m.Order, board: NoticeBoard, site: Site) -> int | None:
    if board.end_of_life is None or is_plannable(board):
        return None
    program, find = world.program_of(order), resources_in(world)
    return end_of_life_us(evaluate(board.end_of_life, order, program, site.now_us, find))


def decide_expect(world: World, order: m.Order, node: Waits, site: Site) -> list[Step]:
    """Return the way on where the notices are there, else the wait.

    Raises:
        EngineError: a key cannot be made, or there is no such board.
    """
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    program = world.program_of(order)
    expected = tuple(
        expected_key(world, order, program, name, site.now_us)
        for name in parse(node.notice_board_names).names
    )
    found = _way_on(world, order, node, expected, site.now_us)
    return [(order.id, event) for event in found or [e.OrderNoticesExpected(expected)]]


def decide_expecting(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the way on once what is expected has come; nothing while it is missing."""
    state = order.state
    assert isinstance(state, m.ExpectingNotices)  # noqa: S101  # dispatched by it
    node = world.program_of(order).instruction(order.position)
    if not isinstance(node, ExpectNotices | ConsumeNotices):
        return [(order.id, e.OrderStateReset())]
    if len(parse(node.notice_board_names).names) != len(state.expected):
        return [(order.id, e.OrderStateReset())]
    found = _way_on(world, order, node, state.expected, site.now_us)
    if any(isinstance(event, e.OrderMoved) for event in found):
        found = [e.OrderStateReset(), *found]
    return [(order.id, event) for event in found]


def _way_on(
    world: World, order: m.Order, node: Waits, expected: tuple[At, ...], now_us: int
) -> list[e.OrderEvent]:
    """Return how the order goes on, nothing where it has to wait."""
    granted = _granted(world, order) if isinstance(node, ConsumeNotices) else {}
    if granted:
        return [_taking(world, order, node, granted, now_us)]
    taken = {at: found for at in expected if (found := _instance(world, order, node, at))}
    expression = parse(node.notice_board_names)
    at_of = dict(zip(expression.names, expected, strict=True))
    if expression.evaluate(lambda name: at_of[name] in taken):
        return [_taking(world, order, node, taken, now_us)]
    if node.when_not_announced == "Wait":
        return []
    never = frozenset(name for name, at in at_of.items() if is_unannounced(world, at))
    if node.when_not_announced == "SkipWhenNoNotice":
        if expression.evaluate(lambda name: name not in never):
            return []
        onward = world.program_of(order).onward(order.position)
        return [e.OrderMoved(onward, NOT_ANNOUNCED)]
    rest = without(expression, never)
    if rest is None or rest.evaluate(lambda name: at_of[name] in taken):
        return [_taking(world, order, node, taken, now_us)]
    return []


def _instance(world: World, order: m.Order, node: Waits, at: At) -> Instance | None:
    """Return the instance of a notice that the order may take, None where it has to wait."""
    found = world.notice(*at).seen_by(_rank(order, at))
    if found is None or isinstance(node, ExpectNotices):
        return found
    return found if found.serves(order.workflow) else None


def _rank(order: m.Order, at: At) -> Rank | None:
    return waits_for(order).get(("notice", *at))


def _granted(world: World, order: m.Order) -> dict[At, Instance]:
    """Return what the order held when this block failed, where all of it may be held again.

    Not if another order of its workflow has taken it since.
    """
    block = p.untried(order.position)
    for grant in order.grants:
        if p.untried(grant.position) == block:
            held = {(b, k): world.notice(b, k).instance(gen) for b, k, gen in grant.notices}
            usable = {at: i for at, i in held.items() if i and i.serves(order.workflow)}
            return usable if len(usable) == len(grant.notices) else {}
    return {}


def _taking(world: World, order: m.Order, node: Waits, taken: Taken, now_us: int) -> e.OrderEvent:
    """Return the event by which the order reads, or holds, the instances that are there."""
    values = {name: value for i in taken.values() for name, value in i.arguments.items()}
    result = m.Result(order.position, node.label, None, values) if values else None
    program = world.program_of(order)
    if isinstance(node, ExpectNotices):
        return e.OrderNoticesRead(program.onward(order.position), result)
    held = tuple((board, key, found.gen) for (board, key), found in taken.items())
    to = program.enter(order.position, "consumeNotices")
    return e.OrderConsumptionStarted(held, to, result, now_us)


def waiters(world: World, key: FactKey, limit: int) -> tuple[list[str], Rank | None]:
    """Return the next orders that a scan has to look at, and how far it comes; None: to the end.

    Raises:
        NotLoaded: the queue is not known that far.
    """
    scan = world.notice(key[1], key[2]).scan
    found: list[str] = []
    last: Rank | None = None
    if scan is None:
        return found, None
    for priority, no, order_id in world.queue(key).behind(scan.after):
        if not scan.awaits((priority, no)):
            continue
        if len(found) >= limit:
            return found, last
        found.append(order_id)
        last = (priority, no)
    return found, None


def expire(world: World, key: FactKey, now_us: int) -> list[Step]:
    """Return what the clock does to a notice, nothing for any other fact.

    Its life ends, or somebody has held it for long.

    Raises:
        NotLoaded: a partial world does not know the notice.
    """
    kind, board, notice = key
    if kind != "notice":
        return []
    state = world.notice(board, notice)
    late: list[Step] = [
        (order_id, e.OrderNoticeHeldLong(board, notice, i.gen, i.longest_us or 0, now_us))
        for i in state.instances
        for order_id, at_us in i.warn_us.items()
        if at_us <= now_us
    ]
    present = state.present
    if present is None or present.end_of_life_us is None or present.end_of_life_us > now_us:
        return late
    return [*late, (subject("board", board), NoticeDeleted(board, notice, END_OF_LIFE))]
