"""What follows when a file comes, vanishes, or nobody watches it any more. Pure.

As in JS7: one order a file. It stays after its end until its file has vanished, and a file of the
same name gets its order once the earlier one has left.
"""

from engine.errors import CommandRefused, EngineError, NotLoaded
from engine.files.names import day_of, order_id
from engine.files.state import Arising
from engine.objects.model import FileOrderSource
from engine.order import events as e
from engine.order import model as m
from engine.order import object_events as o
from engine.order.add import add_order
from engine.order.requests import NewOrder
from engine.world import Step, World

KIND = "fileordersource"
RETRY_US = 10_000_000
RETRY_AT_MOST_US = 300_000_000
RELEASED_AT_ONCE = 200


def arose(world: World, source: str, name: str, arising: Arising) -> list[Step]:
    """Return that a file has come, nothing where it is known already.

    Raises:
        NotLoaded: load what is missing and ask again; so does each function here.
    """
    known = world.file(source, name).arisen
    if known is not None and known.id == arising.id:
        return []
    return [(o.subject(KIND, source), o.FileArose(source, name, arising))]


def add(world: World, source: str, name: str, now_us: int) -> list[Step]:
    """Return the order of a file, or why there is none and when it is tried again.

    Nothing where the file needs none now, or its source is not deployed.
    """
    state, found = world.file(source, name), world.object(KIND, source)
    document = found[1] if found is not None and found[0] == source else None
    arisen = state.arisen
    if not state.wants_order or arisen is None or not isinstance(document, FileOrderSource):
        return []
    new = new_order(source, name, arisen, document)
    try:
        return add_order(world, new, now_us)
    except NotLoaded:
        raise
    except EngineError as problem:
        sentence = problem.sentence if isinstance(problem, CommandRefused) else str(problem)
        retry_us = now_us + min(RETRY_US * 2**state.refused, RETRY_AT_MOST_US)
        refused = o.FileOrderRefused(source, name, sentence, retry_us)
        return [(o.subject(KIND, source), refused)]


def new_order(source: str, name: str, arisen: Arising, document: FileOrderSource) -> NewOrder:
    """Return the order of a file: the same one however often it is asked for."""
    day = day_of(arisen.at_us, document.time_zone)
    arguments = {"file": arisen.path}
    if arisen.raw:
        arguments["fileBytes"] = arisen.raw
    return NewOrder(
        id=order_id(source, name, arisen.at_us, document.time_zone),
        workflow=document.workflow_name,
        arguments=arguments,
        priority=document.priority,
        order_date=day,
        tags=document.tags,
        plan=f"DailyPlan|{day}",
        external=m.ExternalOrder(source, name, arisen.id),
    )


def vanished(world: World, source: str, name: str, arising: str) -> list[Step]:
    """Return that a file has gone; its order leaves with it if it has ended."""
    state = world.file(source, name)
    if state.arisen is None or state.arisen.id != arising:
        return []
    steps: list[Step] = [(o.subject(KIND, source), o.FileVanished(source, name, arising))]
    known = [world.find(known_id) for known_id, of in state.orders if of == arising]
    ended = [i for i in known if i and isinstance(i.state, m.TERMINATED) and not i.remain]
    return [*steps, *((order.id, e.OrderRemoved()) for order in ended)]


def told(world: World, source: str, problem: str, at_us: int) -> list[Step]:
    """Return what the agent says of a source."""
    known = world.file_source(source)
    if known.told_us and known.problem == problem:
        return []
    return [(o.subject(KIND, source), o.FileSourceTold(source, problem, at_us))]


def asked(world: World, source: str, mark: str) -> list[Step]:
    """Return that the agent of a source has to answer; an empty mark: it has."""
    world.file_source(source)
    return [(o.subject(KIND, source), o.FilesAsked(source, mark))]


def withdraw(world: World, source: str) -> list[Step]:
    """Return that nobody watches a source any more: its files are going to count as vanished."""
    world.file_source(source)
    return [(o.subject(KIND, source), o.FilesReleased(source, ""))]


def watch_again(world: World, source: str) -> list[Step]:
    """Return that somebody watches a source: its files stay."""
    if world.file_source(source).release_after is None:
        return []
    return [(o.subject(KIND, source), o.FilesReleased(source, None))]


def release(world: World, source: str) -> list[Step]:
    """Return the next files of a withdrawn source that vanish, and how far this has come."""
    after = world.file_source(source).release_after
    if after is None:
        return []
    names = world.files_of(source, after)[:RELEASED_AT_ONCE]
    steps: list[Step] = []
    for name in names:
        arisen = world.file(source, name).arisen
        steps += vanished(world, source, name, arisen.id) if arisen else []
    last = names[-1] if len(names) == RELEASED_AT_ONCE else None
    released = o.FilesReleased(source, last, over=last is None)
    return [*steps, (o.subject(KIND, source), released)]
