"""Which notices an order still needs: its expression without what is there.

Pure. Whether it goes on is decided elsewhere (`engine.steps.notices`); this is for telling it.
"""

from collections.abc import Mapping

from engine.objects.board_expression import AllOf, Board, BoardExpression, parse, rest, without
from engine.objects.model import NoticeBoard
from engine.order import model as m
from engine.order.announce import is_unannounced
from engine.order.circle import reads, waits_at
from engine.order.notice_key import KIND, in_words, is_plannable
from engine.world import World

At = tuple[str, str]


def missing(world: World, order: m.Order) -> tuple[BoardExpression | None, Mapping[str, At]]:
    """Return what has to come yet, and board and key of each name in it; None: nothing.

    Of an `||` that is fulfilled nothing is missing, and nothing of what `DontWait` leaves out.

    Raises:
        NotLoaded: the world lacks something that the answer needs.
    """
    assert isinstance(order.state, m.ExpectingNotices)  # noqa: S101  # dispatched by it
    node = waits_at(world, order)
    expression = parse(node.notice_board_names) if node else None
    if node is None or expression is None or len(expression.names) != len(order.state.expected):
        at_of = {board: (board, key) for board, key in order.state.expected}
        expression = AllOf(tuple(Board(name) for name in at_of))
    else:
        at_of = dict(zip(expression.names, order.state.expected, strict=True))
        if node.when_not_announced == "DontWait":
            never = frozenset(n for n, at in at_of.items() if is_unannounced(world, at))
            expression = without(expression, never)
    if expression is None:
        return None, at_of
    return rest(expression, lambda name: is_there(world, order, at_of[name])), at_of


def is_there(world: World, order: m.Order, at: At) -> bool:
    """Tell whether a notice is there and the order may read, or hold, it."""
    present = world.notice(*at).present
    return present is not None and (reads(world, order) or present.serves(order.workflow))


def notice_named(world: World, board: str, key: str) -> str:
    """Return a notice in words, without its board: with its plan where the board goes by plans."""
    found = world.object(KIND, board)
    plan, slash, own = key.partition("/")
    if found is None or not isinstance(found[1], NoticeBoard) or not is_plannable(found[1]):
        return in_words(key, None)
    return in_words(own, plan) if slash else in_words(key, None)
