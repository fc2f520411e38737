"""Goes through all situations of the model of notices, each once."""

import hashlib
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec.structs import replace

from engine import instances
from engine.facts import Instance, NoticeState
from engine.objects.model import Policy
from tests.property.notices.claims import problem
from tests.property.notices.model import Bounds, Move, Rules, State, beginning, moves

Path = tuple[Any, Move] | None


class Searched(msgspec.Struct):
    """What a search has found: a violation with the way to it, or none.

    `whole`: every situation within the bounds was seen.
    """

    states: int
    steps: int
    seconds: float
    whole: bool
    problem: str | None = None
    way: tuple[str, ...] = ()


def search(rules: Rules, *, most: int | None = None, breadth: bool = False) -> Searched:
    """Return what holds in all situations, or in the first `most`; `breadth`: with short ways."""
    began = time.perf_counter()
    first = beginning(rules.bounds)
    seen = {_digest(first)}
    open_: deque[tuple[State, Path]] = deque([(first, None)])
    steps = 0
    while open_ and (most is None or len(seen) < most):
        state, path = open_.popleft() if breadth else open_.pop()
        for move in moves(state):
            steps += 1
            after = rules.after(state, move)
            if after is state:
                continue
            digest = _digest(after)
            if digest in seen:
                continue
            seen.add(digest)
            wrong = problem(state, move, after)
            if wrong:
                spent = time.perf_counter() - began
                return Searched(len(seen), steps, spent, False, wrong, _way((path, move)))
            open_.append((after, (path, move)))
    return Searched(len(seen), steps, time.perf_counter() - began, not open_)


_encode = msgspec.msgpack.Encoder(order="sorted").encode


def _digest(state: State) -> int:
    return int.from_bytes(hashlib.blake2b(_encode(state), digest_size=8).digest(), "big")


def _way(path: Path) -> tuple[str, ...]:
    found: list[str] = []
    while path:
        path, move = path
        told = f" {move.letter.run} {move.letter.ok}" if move.letter else ""
        how = f" {move.ok}" if move.kind == "end" else ""
        found.append(f"{move.kind} {move.order}{told}{how}".strip())
    return tuple(reversed(found))


# -- rules that are known to be wrong ------------------------------------------------------------

WRONG = ("last_finisher", "no_dedup", "no_join_rule", "no_cohort")
POLICIES = tuple(policy.value for policy in Policy)


@contextmanager
def wrong(rule: str) -> Iterator[bool]:
    """Break one rule; yields whether letters are still recognised when they come again."""
    serves, after_block, swept = Instance.serves, instances.after_block, NoticeState.swept
    try:
        if rule == "no_join_rule":
            setattr(Instance, "serves", lambda *_: True)  # noqa: B010  # a rule taken away
        elif rule == "last_finisher":
            instances.after_block = _last_finisher
        elif rule == "no_cohort":
            setattr(NoticeState, "swept", _swept_at_once)  # noqa: B010  # as above
        yield rule != "no_dedup"
    finally:
        setattr(Instance, "serves", serves)  # noqa: B010  # given back
        instances.after_block = after_block
        setattr(NoticeState, "swept", swept)  # noqa: B010  # as above


def _last_finisher(instance: Instance, workflow: str, *, ok: bool, no: int) -> Instance:
    """Let the last block alone decide whether the notice goes."""
    if ok:
        instance = replace(instance, consumed_by=(*instance.consumed_by, workflow))
    return instances.doom(instance, no) if ok and not instance.holders else instance


def _swept_at_once(state: NoticeState) -> NoticeState:
    """Let deleted instances vanish although orders are still to be looked at."""
    left = tuple(i for i in state.instances if i.in_use or i.open)
    return replace(state, instances=left)


def searched(bounds: Bounds, rule: str = "", **more: Any) -> Searched:
    """Return the search of a model, with one rule broken if it is named."""
    with wrong(rule) as dedup:
        return search(Rules(bounds, dedup=dedup), **more)
