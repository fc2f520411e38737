"""A layered drawing of a graph: who leads to others stands left of them. Pure.

Longest-path layers, then a few sweeps that put each node near those it is joined with. Edges that
would close a cycle are drawn backwards.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 208, 44
GAP_X, GAP_Y = 72, 18
MARGIN = 14
_SWEEPS = 4


class Edge(NamedTuple):
    """One node leads to another."""

    before: str
    after: str
    kind: str


class Placed(NamedTuple):
    """Where a node stands: its upper left corner in pixels."""

    name: str
    x: int
    y: int


class Drawing(NamedTuple):
    """Places of all nodes, a path for each edge, and the size of the whole."""

    nodes: list[Placed]
    paths: list[tuple[Edge, str]]
    width: int
    height: int


def drawn(names: Iterable[str], edges: Sequence[Edge]) -> Drawing:
    """Return places and paths; the same graph gives the same drawing."""
    names = sorted(names)
    layers = _ordered(_layers(names, edges), edges)
    highest = max((len(layer) for layer in layers), default=0)
    places: dict[str, Placed] = {}
    for at, layer in enumerate(layers):
        top = MARGIN + (highest - len(layer)) * (HEIGHT + GAP_Y) // 2
        for n, name in enumerate(layer):
            x, y = MARGIN + at * (WIDTH + GAP_X), top + n * (HEIGHT + GAP_Y)
            places[name] = Placed(name, x, y)
    paths = [(edge, _path(places[edge.before], places[edge.after])) for edge in edges]
    width = 2 * MARGIN + max(len(layers) * (WIDTH + GAP_X) - GAP_X, 0)
    height = 2 * MARGIN + max(highest * (HEIGHT + GAP_Y) - GAP_Y, 0)
    return Drawing(list(places.values()), paths, width, height)


def _layers(names: Sequence[str], edges: Sequence[Edge]) -> list[list[str]]:
    before: dict[str, list[str]] = {name: [] for name in names}
    for edge in edges:
        before[edge.after].append(edge.before)
    depth: dict[str, int] = {}
    for name in names:
        _measure(name, before, depth)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        found[depth[name]].append(name)
    return found


def _measure(name: str, before: dict[str, list[str]], depth: dict[str, int]) -> None:
    """Note how deep a node lies, and all that lead to it; an edge back counts for nothing."""
    open_, stack = {name}, [name]
    while stack:
        at = stack[-1]
        missing = [b for b in before[at] if b not in depth and b not in open_]
        if missing:
            stack.append(missing[0])
            open_.add(missing[0])
            continue
        stack.pop()
        open_.discard(at)
        if at not in depth:
            depth[at] = max((depth[b] + 1 for b in before[at] if b in depth), default=0)


def _ordered(layers: list[list[str]], edges: Sequence[Edge]) -> list[list[str]]:
    joined: dict[str, list[str]] = {}
    for edge in edges:
        joined.setdefault(edge.before, []).append(edge.after)
        joined.setdefault(edge.after, []).append(edge.before)
    for sweep in range(_SWEEPS):
        at = {name: n / max(len(layer), 1) for layer in layers for n, name in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(key=lambda name: (_middle(name, joined, at), name))
            at |= {name: n / max(len(layer), 1) for n, name in enumerate(layer)}
    return layers


def _middle(name: str, joined: dict[str, list[str]], at: dict[str, float]) -> float:
    near = [at[other] for other in joined.get(name, ())]
    return sum(near) / len(near) if near else at[name]


def _path(before: Placed, after: Placed) -> str:
    x1, y1 = before.x + WIDTH, before.y + HEIGHT // 2
    x2, y2 = after.x, after.y + HEIGHT // 2
    bend = max(GAP_X // 2, abs(x2 - x1) // 3)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 7} {y2}"
