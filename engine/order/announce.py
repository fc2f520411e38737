"""Which notices an order is going to post, so that those who expect them know to wait."""

from collections.abc import Iterator

from engine.errors import EngineError, NotLoaded
from engine.objects.model import NoticeBoard
from engine.order.model import Order
from engine.order.notice_key import KIND, board_named, is_plannable, posted_key
from engine.workflow.instruction import PostNotices
from engine.workflow.program import Program
from engine.world import World


def announced_by(
    world: World, order: Order, program: Program, now_us: int
) -> tuple[tuple[str, str], ...]:
    """Return (board, key) of the notices that the plan of a new order counts on.

    These are what PostNotices on the top level of its block, from its start on, will post to
    plannable boards. A key that cannot be made before the order has run is not announced.

    Raises:
        NotLoaded: the world does not know a board yet.
    """
    found: dict[tuple[str, str], None] = {}
    for name in _boards(order, program):
        try:
            board = board_named(world, name)
            if is_plannable(board[1]):
                found[posted_key(world, order, program, board, now_us)] = None
        except NotLoaded:
            raise
        except EngineError:  # the order itself will fail there, if it ever comes to it
            continue
    return tuple(found)


def is_unannounced(world: World, at: tuple[str, str]) -> bool:
    """Tell whether nobody will post a notice, as far as its plan knows: only plans know."""
    board = world.object(KIND, at[0])
    if board is None or not isinstance(board[1], NoticeBoard) or not is_plannable(board[1]):
        return False
    state = world.notice(*at)
    return state.present is None and not state.announced


def _boards(order: Order, program: Program) -> Iterator[str]:
    scope = order.block or ()
    first = order.position[len(scope)]
    assert isinstance(first, int)  # noqa: S101  # an index stands behind each block
    for instruction in program.block(scope)[first:]:
        if isinstance(instruction, PostNotices):
            yield from instruction.notice_board_names
