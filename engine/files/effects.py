"""What events mean for the files of file order sources: which file has which order."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.files.state import FileState, SourceState
from engine.order import events as e
from engine.order import object_events as o
from engine.order.model import Order

if TYPE_CHECKING:
    from engine.world import World

SERVED = 3
"""How many arisings of a name are remembered; more than one matter after a set back only."""

_ENDS = frozenset({e.OrderFinished, e.OrderCancelled})
FileEvent = (
    o.FileArose | o.FileVanished | o.FileOrderRefused | o.FileSourceTold | o.FilesReleased
    | o.FilesAsked
)  # fmt: skip


def is_there(world: "World", order: Order) -> bool:
    """Tell whether the file is still there that an order was added for."""
    external = order.external
    if external is None:
        return False
    arisen = world.file(external.source, external.name).arisen
    return arisen is not None and arisen.id == external.arising


def of_order(world: "World", before: Order | None, after: Order, event: e.OrderEvent) -> None:
    """Bind an order to its file when it comes, and free the file when it leaves."""
    external = after.external
    if external is None:
        return
    key = ("file", external.source, external.name)
    state = world.file(external.source, external.name)
    if before is None:
        orders = (*state.orders, (after.id, external.arising))
        served = (*state.served, external.arising)[-SERVED:]
        world.set_fact(key, FileState(state.arisen, orders, served))
    elif _leaves(world, after, event):
        orders = tuple(pair for pair in state.orders if pair[0] != after.id)
        world.set_fact(key, _settled(replace(state, orders=orders)))


def _leaves(world: "World", order: Order, event: e.OrderEvent) -> bool:
    if isinstance(event, e.OrderRemoved):
        return True
    return type(event) in _ENDS and not (order.remain or is_there(world, order))


def of_object(world: "World", event: FileEvent) -> None:
    """Change what is known of a file or a source."""
    match event:
        case o.FileSourceTold(source=source, problem=problem, at_us=at_us):
            known = world.file_source(source)
            told = replace(known, problem=problem, told_us=at_us)
            world.set_fact(("fileordersource", source, ""), told)
        case o.FilesAsked(source=source, mark=mark):
            asked = replace(world.file_source(source), awaits=mark)
            world.set_fact(("fileordersource", source, ""), asked)
        case o.FilesReleased():
            _released(world, event)
        case _:
            _of_file(world, event)


def _released(world: "World", event: o.FilesReleased) -> None:
    known = world.file_source(event.source)
    if event.after is None and event.over:
        state = SourceState()
    else:
        state = replace(known, release_after=event.after)
    world.set_fact(("fileordersource", event.source, ""), state)


def _of_file(world: "World", event: o.FileArose | o.FileVanished | o.FileOrderRefused) -> None:
    state = world.file(event.source, event.name)
    match event:
        case o.FileArose(arising=arising):
            state = replace(state, arisen=arising, problem="", refused=0)
        case o.FileVanished():
            state = replace(state, arisen=None, problem="", refused=0)
        case o.FileOrderRefused(problem=problem):
            state = replace(state, problem=problem, refused=state.refused + 1)
    state = _settled(state)
    if isinstance(event, o.FileOrderRefused):
        state = replace(state, retry_us=event.retry_us)
    world.set_fact(("file", event.source, event.name), state)


def _settled(state: FileState) -> FileState:
    """Return the state with what follows of itself: an order that is wanted is wanted at once."""
    if state.arisen is None and not state.orders:
        return FileState()
    return replace(state, retry_us=0 if state.wants_order else None)
