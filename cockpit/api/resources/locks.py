"""Locks as they are now: who holds how much since when, and who waits in which order."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings

from cockpit.access.failures import NotThere
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.journal import entries_about
from cockpit.api.moments import moment
from cockpit.api.orders.load import orders_now
from cockpit.api.resources.listing import PathQuery, path_page
from cockpit.api.uses import users_of
from controller import looking
from controller.journal_reading import moment_us_of
from engine.order.events import OrderLocksAcquired
from engine.order.group import state_name
from engine.order.model import Order, WaitingForLock
from engine.queue import Waiter

_MOST_DATED = 100
"""Holders whose moment is looked up in the journal; of more, the others have none."""


class LockListed(msgspec.Struct, frozen=True, kw_only=True):
    """A lock; `taken` is what all holders have of `limit`, null where one has all of it.

    `deployed` is false where it was revoked and orders still hold it or wait for it.
    """

    path: str
    title: str
    deployed: bool
    limit: int
    taken: int | None
    holders: int
    waiting: int


class LockPage(msgspec.Struct, frozen=True):
    """A page of locks by path; `older` is the cursor of the next page."""

    locks: list[LockListed]
    older: str | None


class HolderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order that holds a lock; `count` null is all of it."""

    order: str
    count: int | None
    workflow: str
    state: str | None
    since: dt.datetime | None


class QueuedSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the queue of a lock; `place` 1 comes next. `count` null is all of it."""

    place: int
    order: str
    count: int | None
    workflow: str
    position: str
    priority: int
    since: dt.datetime | None


class LockSeen(LockListed, frozen=True, kw_only=True):
    """A lock with its holders, a page of its queue, and the workflows that name it."""

    held_by: list[HolderSeen]
    queue: list[QueuedSeen]
    after: str | None
    workflows: list[str]


def lock_page(account: Account, query: PathQuery) -> LockPage:
    """Return a page of locks by path."""
    here = settings.STELLWERK_CONTROLLER_ID
    found, older = path_page(
        account, query, lambda after, limit: looking.locks(here, after=after, limit=limit)
    )
    return LockPage([LockListed(**_listed(lock)) for lock in found], older)


def lock_seen(
    account: Account, path: str, *, after: Waiter | None = None, place: int = 0, limit: int = 100
) -> LockSeen:
    """Return a lock with its holders and a page of its queue, behind place `place`.

    Raises:
        NotThere: there is nothing of it, or the account may not see it.
    """
    here = settings.STELLWERK_CONTROLLER_ID
    known = "\0" not in path and may_at(account, Verb.LOOK, path)
    lock = looking.lock(here, path, after=after, first=limit) if known else None
    if lock is None:
        raise NotThere(f"There is no lock {path}.", "lock-unknown")
    last = lock.queue[-1].waiter if len(lock.queue) == limit else None
    return LockSeen(
        **_listed(lock),
        held_by=_holders(account, lock),
        queue=_queue(account, lock, place),
        after=queue_cursor(last, place + len(lock.queue)) if last else None,
        workflows=list(users_of(account, path, "locks")),
    )


def queue_cursor(waiter: Waiter, place: int) -> str:
    """Return the cursor that leads on behind a waiter, which has a place in the queue."""
    negative, no, order_id = waiter
    return f"{place}.{negative}.{no}.{order_id}"


def read_cursor(text: str) -> tuple[Waiter, int] | None:
    """Return the waiter and its place of a cursor, None where it is no cursor."""
    try:
        place, negative, no, order_id = text.split(".", 3)
        numbers = int(place), int(negative), int(no)
    except ValueError:
        return None
    if any(abs(number) >= 2**63 for number in numbers):
        return None
    return (numbers[1], numbers[2], order_id), numbers[0]


def _listed(lock: looking.LockSeen) -> dict[str, Any]:
    shares = [holder.count for holder in lock.holders]
    return {
        "path": lock.path,
        "title": (lock.lock.title or "") if lock.lock else "",
        "deployed": lock.lock is not None,
        "limit": lock.lock.limit if lock.lock else 0,
        "taken": None if None in shares else sum(share or 0 for share in shares),
        "holders": len(shares),
        "waiting": lock.waiting,
    }


def _holders(account: Account, lock: looking.LockSeen) -> list[HolderSeen]:
    orders = orders_now(account, [holder.order_id for holder in lock.holders])
    since = _held_since(account, lock.path, list(orders.values())[:_MOST_DATED])
    return [
        HolderSeen(
            order=holder.order_id,
            count=holder.count,
            workflow=holder.workflow,
            state=state_name(orders[holder.order_id]) if holder.order_id in orders else None,
            since=since.get(holder.order_id),
        )
        for holder in lock.holders
    ]


def _held_since(
    account: Account, path: str, orders: Sequence[Order]
) -> Mapping[str, dt.datetime | None]:
    """Return since when orders hold a lock, as far as the journal still knows."""
    missing = {order.id for order in orders}
    found: dict[str, dt.datetime | None] = {}
    since = min((order.run for order in orders), default=0)
    for entry in entries_about(account, missing, since=since):
        event = entry.event
        acquired = isinstance(event, OrderLocksAcquired) and path in dict(event.demands)
        if acquired and entry.order not in found:
            found[entry.order] = moment(entry.at_us)
            if len(found) == len(missing):
                break
    return found


def _queue(account: Account, lock: looking.LockSeen, place: int) -> list[QueuedSeen]:
    here = settings.STELLWERK_CONTROLLER_ID
    orders = orders_now(account, [queued.order_id for queued in lock.queue])
    return [
        QueuedSeen(
            place=n,
            order=queued.order_id,
            count=_demand(orders.get(queued.order_id), lock.path),
            workflow=queued.workflow,
            position=queued.position,
            priority=queued.priority,
            since=moment(moment_us_of(here, queued.waiter[1])),
        )
        for n, queued in enumerate(lock.queue, place + 1)
    ]


def _demand(order: Order | None, path: str) -> int | None:
    state = order.state if order else None
    return dict(state.demands).get(path) if isinstance(state, WaitingForLock) else None
