"""Looking at boards, locks, controlled workflows and plans, as API and pages show them.

Reads rows only and decides nothing. Lists go by keyset, in the order of code points: ask again
with the last name (or waiter) of the page before.
"""

from collections.abc import Sequence

import msgspec

from controller.looking_rows import (
    WaitingOrder,
    counts,
    documents,
    fact_names,
    paths_of,
    rows,
    waiting_orders,
    workflows_of,
)
from engine.facts import (
    Control,
    Fact,
    Instance,
    LockState,
    NoticeState,
    PlanState,
)
from engine.objects.model import NoticeBoard, ResourceLock
from engine.queue import Waiter

_decoder: msgspec.msgpack.Decoder[Fact] = msgspec.msgpack.Decoder(Fact)


class BoardSeen(msgspec.Struct, frozen=True):
    """A board with how many keys have notices, or are counted on, and how many orders expect one.

    `board` is None where it was revoked and something is left of it.
    """

    path: str
    board: NoticeBoard | None
    notices: int
    expecting: int


class NoticeSeen(msgspec.Struct, frozen=True):
    """One key of a board.

    `present` may be read or consumed now; `others` are being consumed, or vanish once all who
    waited have seen them. `announced` counts orders that will post it, `expecting` those who wait,
    `releasing` tells that some of these are still to be looked at.
    """

    board: str
    key: str
    present: Instance | None
    others: tuple[Instance, ...]
    announced: int
    expecting: int
    releasing: bool


class Holder(msgspec.Struct, frozen=True):
    """An order that holds a share of a lock, None for all of it."""

    order_id: str
    workflow: str
    count: int | None


class LockSeen(msgspec.Struct, frozen=True):
    """A lock with its holders and the front of its queue; `waiting` counts all in the queue.

    `lock` is None where it was revoked and somebody still holds it or waits.
    """

    path: str
    lock: ResourceLock | None
    holders: tuple[Holder, ...]
    waiting: int
    queue: tuple[WaitingOrder, ...] = ()


# -- boards ---------------------------------------------------------------------------------


def boards(controller: str, *, after: str = "", limit: int = 100) -> list[BoardSeen]:
    """Return boards by path."""
    return _boards(controller, paths_of(controller, ("noticeboard", "notice"), after, limit))


def board(controller: str, path: str) -> BoardSeen | None:
    """Return a board; None where there is nothing of it."""
    (found,) = _boards(controller, [path])
    return found if found.board is not None or found.notices or found.expecting else None


def _boards(controller: str, paths: Sequence[str]) -> list[BoardSeen]:
    known = documents(controller, "noticeboard", paths)
    posted = counts("controller_fact", controller, "notice", paths)
    waiting = counts("controller_waiter", controller, "notice", paths)
    found = ((path, known.get(path)) for path in paths)
    return [
        BoardSeen(
            path,
            board if isinstance(board, NoticeBoard) else None,
            posted.get(path, 0),
            waiting.get(path, 0),
        )
        for path, board in found
    ]


def notices(
    controller: str, board: str, *, after: str | None = None, limit: int = 100
) -> list[NoticeSeen]:
    """Return the keys of a board: what is present, consumed, announced or only expected.

    `after` None begins at the front, for a key may be empty.
    """
    keys = _keys(controller, board, after, limit)
    return _notices(controller, board, keys)


def _keys(controller: str, board: str, after: str | None, limit: int) -> list[str]:
    behind = 'AND key COLLATE "C" > %s' if after is not None else ""
    keyed = [controller, board, *([after] if after is not None else [])]
    found = rows(
        "SELECT key FROM ("  # noqa: S608  # a constant of this module
        "SELECT key FROM controller_fact"
        f" WHERE controller=%s AND kind='notice' AND name=%s {behind}"
        " UNION SELECT key FROM controller_waiter"
        f" WHERE controller=%s AND kind='notice' AND name=%s {behind}"
        ') AS known ORDER BY key COLLATE "C" LIMIT %s',
        *keyed,
        *keyed,
        limit,
    )
    return [key for (key,) in found]


def notice(controller: str, board: str, key: str) -> NoticeSeen:
    """Return one key of a board, as kept with its plan; nothing may be known of it."""
    (found,) = _notices(controller, board, [key])
    return found


def _notices(controller: str, board: str, keys: Sequence[str]) -> list[NoticeSeen]:
    states = {
        key: _decoder.decode(body)
        for key, body in rows(
            "SELECT key, body FROM controller_fact"
            " WHERE controller=%s AND kind='notice' AND name=%s AND key = ANY(%s)",
            controller, board, keys,
        )
    }  # fmt: skip
    waiting = dict(
        rows(
            "SELECT key, count(*) FROM controller_waiter"
            " WHERE controller=%s AND kind='notice' AND name=%s AND key = ANY(%s) GROUP BY key",
            controller, board, keys,
        )
    )  # fmt: skip
    return [_notice(board, key, states.get(key), waiting.get(key, 0)) for key in keys]


def _notice(board: str, key: str, state: Fact | None, expecting: int) -> NoticeSeen:
    known = state if isinstance(state, NoticeState) else NoticeState()
    present = known.present
    others = tuple(i for i in known.instances if i is not present)
    releasing = known.scan is not None
    return NoticeSeen(board, key, present, others, known.announced, expecting, releasing)


def expecting(
    controller: str, board: str, key: str, *, after: Waiter | None = None, limit: int = 100
) -> list[WaitingOrder]:
    """Return the orders that wait for a notice, in the order in which they are looked at."""
    return waiting_orders(controller, ("notice", board, key), after, limit)


# -- locks ----------------------------------------------------------------------------------


def locks(controller: str, *, after: str = "", limit: int = 100) -> list[LockSeen]:
    """Return locks by path, with their holders and without their queues."""
    paths = paths_of(controller, ("lock", "lock"), after, limit)
    return _locks(controller, paths)


def lock(
    controller: str, path: str, *, after: Waiter | None = None, first: int = 100
) -> LockSeen | None:
    """Return a lock with `first` orders of its queue; None where there is nothing of it."""
    (found,) = _locks(controller, [path])
    if found.lock is None and not found.holders and not found.waiting:
        return None
    queue = waiting_orders(controller, ("lock", path, ""), after, first)
    return msgspec.structs.replace(found, queue=tuple(queue))


def _locks(controller: str, paths: Sequence[str]) -> list[LockSeen]:
    documented = documents(controller, "lock", paths)
    shares = _shares(controller, paths)
    waiting = counts("controller_waiter", controller, "lock", paths)
    workflows = workflows_of(controller, [i for held in shares.values() for i in held])
    seen = []
    for path in paths:
        document = documented.get(path)
        known = document if isinstance(document, ResourceLock) else None
        held = shares.get(path, {}).items()
        holders = tuple(Holder(i, workflows.get(i, ""), count) for i, count in held)
        seen.append(LockSeen(path, known, holders, waiting.get(path, 0)))
    return seen


def _shares(controller: str, paths: Sequence[str]) -> dict[str, dict[str, int | None]]:
    """Return who holds how much of each lock, None: all of it."""
    found = rows(
        "SELECT name, body FROM controller_fact"
        " WHERE controller=%s AND kind='lock' AND name = ANY(%s) AND key=''",
        controller, paths,
    )  # fmt: skip
    states = ((path, _decoder.decode(body)) for path, body in found)
    return {path: state.holders for path, state in states if isinstance(state, LockState)}


# -- workflows and plans --------------------------------------------------------------------


def control(controller: str, path: str) -> Control:
    """Return what people have done to a workflow."""
    return controls(controller, [path]).get(path, Control())


def controls(controller: str, paths: Sequence[str]) -> dict[str, Control]:
    """Return what people have done to those of the workflows that anybody has touched."""
    found = rows(
        "SELECT name, body FROM controller_fact"
        " WHERE controller=%s AND kind='workflow' AND name = ANY(%s) AND key=''",
        controller, list(paths),
    )  # fmt: skip
    return {p: state for p, body in found if isinstance(state := _decoder.decode(body), Control)}


def controlled(controller: str, *, after: str = "", limit: int = 100) -> list[tuple[str, Control]]:
    """Return the workflows that anybody has touched, by path."""
    paths = fact_names(controller, "workflow", after, limit)
    found = controls(controller, paths)
    return [(path, found[path]) for path in paths if path in found]


def closed_plans(controller: str, *, after: str = "", limit: int = 100) -> list[str]:
    """Return the ids of plans that are closed, in order."""
    names = fact_names(controller, "plan", after, limit)
    bodies = rows(
        "SELECT name, body FROM controller_fact"
        " WHERE controller=%s AND kind='plan' AND name = ANY(%s) AND key=''",
        controller, names,
    )  # fmt: skip
    closed = {name for name, body in bodies if _decoder.decode(body) == PlanState(closed=True)}
    return [name for name in names if name in closed]
