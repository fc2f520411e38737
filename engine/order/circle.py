"""Who waits for himself: orders that hold what the next one needs, back to the first one.

Consuming blocks may be nested, so orders may wait for each other for ever. A new posting, or the
end of one of them, leads out; nobody else does. Looks at waits for notices, locks and children.
"""

from collections.abc import Iterator

from engine.errors import EngineError, NotLoaded
from engine.objects.board_expression import parse
from engine.objects.model import ResourceLock
from engine.order import model as m
from engine.workflow.model import ConsumeNotices, ExpectNotices
from engine.world import World

MOST = 200
"""Orders that are looked at; behind them nobody looks for a circle."""

At = tuple[str, str]


def circle(world: World, order: m.Order) -> tuple[str, ...]:
    """Return the orders through which an order waits for itself, it first; empty where it does not.

    Raises:
        NotLoaded: the world lacks something that the answer needs.
    """
    came_from: dict[str, str] = {}
    open_ = [order.id]
    while open_ and len(came_from) <= MOST:
        here = open_.pop()
        for following in _waits_for(world, here):
            if following == order.id:
                return _way(came_from, here, order.id)
            if following not in came_from:
                came_from[following] = here
                open_.append(following)
    return ()


def _way(came_from: dict[str, str], last: str, first: str) -> tuple[str, ...]:
    way = [last]
    while way[-1] != first:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))


def _waits_for(world: World, order_id: str) -> Iterator[str]:
    """Yield the orders without which an order cannot go on."""
    order = world.find(order_id)
    match order.state if order else None:
        case m.ExpectingNotices():
            assert order  # noqa: S101  # it has a state
            yield from _of_notices(world, order)
        case m.WaitingForLock(demands=demands):
            for path, count in demands:
                yield from _of_lock(world, path, count)
        case m.Forked(children=children):
            yield from children
        case _:
            return


def _of_lock(world: World, path: str, count: int | None) -> Iterator[str]:
    found = world.object("lock", path)
    limit = found[1].limit if found and isinstance(found[1], ResourceLock) else 0
    state = world.lock(path)
    if limit and not state.fits(limit, count):
        yield from state.holders


def _of_notices(world: World, order: m.Order) -> Iterator[str]:
    """Yield who holds, or alone would post, notices without which the expression stays false."""
    assert isinstance(order.state, m.ExpectingNotices)  # noqa: S101  # dispatched by it
    by = {at: tuple(blockers(world, order, at)) for at in order.state.expected}
    if _needs(world, order, frozenset(at for at, who in by.items() if who)):
        for who in by.values():
            yield from who


def _needs(world: World, order: m.Order, blocked: frozenset[At]) -> bool:
    """Tell whether the order cannot go on without these notices, whatever else is posted."""
    assert isinstance(order.state, m.ExpectingNotices)  # noqa: S101  # dispatched by it
    node = waits_at(world, order)
    if node is None:
        return False
    expression = parse(node.notice_board_names)
    at_of = dict(zip(expression.names, order.state.expected, strict=False))
    return not expression.evaluate(lambda name: at_of.get(name) not in blocked)


def waits_at(world: World, order: m.Order) -> ExpectNotices | ConsumeNotices | None:
    """Return the instruction at which an order waits for notices, None where it stands at none."""
    try:
        node = world.program_of(order).instruction(order.position)
    except NotLoaded:
        raise
    except EngineError:
        return None
    return node if isinstance(node, ExpectNotices | ConsumeNotices) else None


def blockers(world: World, order: m.Order, at: At) -> Iterator[str]:
    """Yield who has to end before an order gets a notice that nobody posts anew.

    That is who of its workflow consumes it now; where it is not there, the order itself or one of
    its parents if these alone have announced it.
    """
    state = world.notice(*at)
    if state.present is not None:
        if not reads(world, order):
            yield from (i for i, w in state.present.holders.items() if w == order.workflow)
        return
    for one in _line(world, order):
        if at in one.announces and state.announced == 1:
            yield one.id


def reads(world: World, order: m.Order) -> bool:
    """Tell whether an order only reads what it waits for: then others may hold it."""
    return isinstance(world.program_of(order).instruction(order.position), ExpectNotices)


def _line(world: World, order: m.Order) -> Iterator[m.Order]:
    """Yield an order and its parents."""
    found: m.Order | None = order
    while found is not None:
        yield found
        found = world.find(found.parent) if found.parent else None
