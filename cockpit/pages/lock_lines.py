"""Locks as lines of a list, with who holds them. Knows no request.

What an account may not see of orders is counted, but not named.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.addresses import lock_at, order_at
from cockpit.pages.known_facts import bare_orders, facts_of, waiting_counts
from controller.models import DeployedItem
from engine.facts import LockState
from engine.order.model import Order

NAMED = 3
KIND = "lock"


class LockLine(NamedTuple):
    """A lock: `used` of `limit` is taken by `holders`, `waiting` orders stand in its queue."""

    path: str
    href: str
    title: str
    limit: int
    used: int
    holders: list[tuple[str, str]]
    more_holders: int
    waiting: int

    @property
    def share(self) -> int:
        """How much of the lock is taken, in percent."""
        return min(100, 100 * self.used // self.limit) if self.limit else 100


def lock_lines(account: Account, found: Sequence[tuple[str, bytes]]) -> list[LockLine]:
    """Return locks, given as path and document, with their use."""
    paths = [path for path, _ in found]
    states = _states(account, paths)
    counts = waiting_counts(account, "lock", paths)
    named = {i for state in states.values() for i in list(state.holders)[:NAMED]}
    visible = bare_orders(account, named)
    return [
        _line(path, document, states.get(path, LockState()), counts.get(path, 0), visible)
        for path, document in found
    ]


def _line(
    path: str, raw: bytes, state: LockState, waiting: int, visible: Mapping[str, Order]
) -> LockLine:
    document: dict[str, Any] = msgspec.json.decode(raw)
    limit = int(document.get("limit", 1))
    shown = [i for i in list(state.holders)[:NAMED] if i in visible]
    return LockLine(
        path=path,
        href=lock_at(path),
        title=document.get("title") or "",
        limit=limit,
        used=sum(limit if share is None else share for share in state.holders.values()),
        holders=[(i, order_at(i)) for i in shown],
        more_holders=len(state.holders) - len(shown),
        waiting=waiting,
    )


def _states(account: Account, paths: Collection[str]) -> dict[str, LockState]:
    found = facts_of(account, [("lock", path, "") for path in paths])
    return {key[1]: state for key, state in found.items() if isinstance(state, LockState)}


def deployed(account: Account, kind: str) -> Any:
    """Return the rows of what is in force of a kind, by path."""
    found = rows(DeployedItem, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind=kind, current=True
    )
    return found.order_by("path")
