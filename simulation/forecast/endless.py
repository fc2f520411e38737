"""Why an order does not end in a forecast, in a sentence. Pure."""

from collections.abc import Callable, Mapping

from engine.world import World
from simulation.forecast.resting import Rest
from simulation.forecast.trace import Life

Lives = Mapping[str, Life]


def why_endless(world: World, life: Life, lives: Lives) -> str:
    """Return what an order that does not end is still doing at the end of the forecast."""
    rest = life.rest
    if rest is None:
        return "Nothing tells what it waits for."
    found = _SENTENCES.get(rest.kind)
    return found(world, rest, lives) if found else "It goes on beyond the end of the forecast."


def _notice(world: World, rest: Rest, lives: Lives) -> str:
    wanted = [at for at in rest.expected if world.notice(*at).present is None]
    if not wanted:
        return "It waits for notices that other orders of its workflow have taken."
    board, key = wanted[0]
    head = f"It waits for notice {key} of board {board}, which"
    posters = [
        one.id
        for one in lives.values()
        if one.end_us is None and _announces(world, one.id, board, key)
    ]
    if posters:
        return f"{head} order {posters[0]} is to post, and that does not come to it."
    return f"{head} no order of the forecast posts."


def _announces(world: World, order_id: str, board: str, key: str) -> bool:
    order = world.orders.get(order_id)
    return order is not None and (board, key) in order.announces


def _lock(world: World, rest: Rest, _lives: Lives) -> str:
    holders = [holder for path in rest.what.split(", ") for holder in world.lock(path).holders]
    by = f", held by {', '.join(holders[:3])}" if holders else ""
    return f"It waits for lock {rest.what}{by}."


def _fork(_world: World, rest: Rest, lives: Lives) -> str:
    inside = [i for i in rest.children if i in lives and lives[i].end_us is None]
    return f"It waits for its children: {', '.join(inside[:3])}."


def _process(_world: World, rest: Rest, _lives: Lives) -> str:
    return f"It waits for a free process: {rest.what}."


_SENTENCES: Mapping[str, Callable[[World, Rest, Lives], str]] = {
    "notice": _notice,
    "lock": _lock,
    "fork": _fork,
    "process": _process,
    "prompt": lambda _w, rest, _l: f"It asks a person: {rest.what}",
    "person": lambda _w, rest, _l: f"{rest.what} A person has to resume or cancel it.",
    "agent": lambda _w, rest, _l: f"Agent {rest.what} is away.",
    "cluster": lambda _w, _r, _l: "No agent of its cluster is there.",
    "control": lambda _w, rest, _l: f"Workflow {rest.what} is suspended.",
}
