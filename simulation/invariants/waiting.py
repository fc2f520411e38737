"""What orders wait for: locks, notices, moments."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controller.journal import Entry
from engine.order import events as e
from engine.order import model as m
from engine.order import object_events as o
from engine.workflow.model import ExpectNotices
from simulation.witness import Invariant

if TYPE_CHECKING:
    from simulation.night import Night

Generation = tuple[str, str, int]


class Locks(Invariant):
    """Nobody enters a lock that has no room, and who has left holds nothing."""

    name = "locks"

    def after(self, night: "Night", entry: Entry, before: m.Order | None) -> Iterator[str]:
        if not isinstance(entry.event, e.OrderLocksAcquired):
            return
        for path, _ in entry.event.demands:
            holders, limit = night.witness.watch.world.lock(path).holders, night.limits[path]
            exclusive = None in holders.values() and len(holders) > 1
            if exclusive or sum(count or 0 for count in holders.values()) > limit:
                yield f"lock {path} of {limit} is held by {holders}"

    def quiet(self, night: "Night") -> Iterator[str]:
        for path in night.limits:
            for holder in night.witness.watch.world.lock(path).holders:
                if holder not in night.store.rows:
                    yield f"lock {path} is held by {holder}, who has left"


class Notices(Invariant):
    """Nobody takes a deleted instance, none vanishes while somebody holds it, consumed ones go."""

    name = "I8 notices"

    def before(self, night: "Night", entry: Entry, before: m.Order | None) -> Iterator[str]:
        if not isinstance(entry.event, e.OrderConsumptionStarted) or before is None:
            return
        granted = {notice for grant in before.grants for notice in grant.notices}
        for board, key, gen in entry.event.notices:
            state = night.witness.watch.world.notice(board, key)
            found = state.instance(gen)
            # Who waited when it was posted sees it even after somebody else has consumed it.
            gone = found is None or (found.doomed and state.scan is None)
            if gone and (board, key, gen) not in granted:
                yield f"{entry.order} consumes {board} {key} {gen}, which is {found}"

    def after(self, night: "Night", entry: Entry, before: m.Order | None) -> Iterator[str]:
        world = night.witness.watch.world
        order = world.orders.get(entry.order)
        if order is None or isinstance(order.state, m.TERMINATED) or night.disturbed:
            return
        granted = {notice for grant in order.grants for notice in grant.notices}
        for consumption in order.consumptions:
            for board, key, gen in consumption.notices:
                found = world.notice(board, key).instance(gen)
                if found is None and (board, key, gen) not in granted:
                    yield f"{entry.order} holds {board} {key} {gen}, which is gone"

    def quiet(self, night: "Night") -> Iterator[str]:
        for key, fact in night.store.fact_rows.items():
            if key[0] == "notice":
                for one in night.witness.watch.world.notice(key[1], key[2]).instances:
                    if one.holders or not one.open:
                        yield f"{key}: {one} is still there; {fact}"


class Cohorts(Invariant):
    """Everybody who waited for a notice when it was posted gets to see it before it goes."""

    name = "I8 cohort"

    def __init__(self) -> None:
        self._cohorts: dict[Generation, dict[str, int]] = {}

    def after(self, night: "Night", entry: Entry, before: m.Order | None) -> Iterator[str]:
        for board, key in posted(entry):
            newest = night.witness.watch.world.notice(board, key).present
            if newest is not None:
                self._cohorts[board, key, newest.gen] = dict(waiting(night, board, key))
        for board, key, gen in list(self._cohorts):
            state = night.witness.watch.world.notice(board, key)
            if isinstance(entry.event, o.NoticeDeleted):
                self._cohorts.pop((board, key, gen))
            elif state.instance(gen) is None or state.scan is None:
                for order_id in self._missed(night, self._cohorts.pop((board, key, gen))):
                    yield f"{order_id} waited for {board} {key} {gen} and never saw it"

    def set_back(self, night: "Night") -> Iterator[str]:
        self._cohorts.clear()
        return iter(())

    def _missed(self, night: "Night", cohort: dict[str, int]) -> Iterator[str]:
        for order_id, no in cohort.items():
            order = night.witness.watch.world.orders.get(order_id)
            if order is None or order.suspended or order.mark:
                continue
            if isinstance(order.state, m.ExpectingNotices) and order.state.no == no:
                yield order_id


def posted(entry: Entry) -> list[tuple[str, str]]:
    """Return the boards and keys that an entry posts to."""
    match entry.event:
        case o.NoticePosted(notice=notice):
            return [(notice.board, notice.key)]
        case e.OrderNoticesPosted(notices=notices):
            return [(notice.board, notice.key) for notice in notices]
        case _:
            return []


def waiting(night: "Night", board: str, key: str) -> Iterator[tuple[str, int]]:
    """Yield orders that read this one notice and nothing else, with the number of their wait."""
    world = night.witness.watch.world
    for order in world.orders.values():
        if isinstance(order.state, m.ExpectingNotices) and order.state.expected == ((board, key),):
            program = night.store.program(order.workflow, order.version)
            node = program.instruction(order.position) if program else None
            if isinstance(node, ExpectNotices) and not order.suspended and not order.mark:
                yield order.id, order.state.no


class Timers(Invariant):
    """An order starts once, and not before its moment unless somebody could not wait."""

    name = "I9 timers"

    def __init__(self) -> None:
        self._hurried: set[tuple[str, int]] = set()

    def before(self, night: "Night", entry: Entry, before: m.Order | None) -> Iterator[str]:
        match entry.event:
            # Another mark may take its place before the agent's word of the start comes.
            case e.OrderMarked(mark=m.Mark(verb="go")) if before is not None:
                self._hurried.add((before.id, before.run))
            case e.OrderStarted(at_us=at_us) if before is not None:
                yield from self._started(before, at_us)
            case _:
                return

    def _started(self, order: m.Order, at_us: int) -> Iterator[str]:
        if not isinstance(order.state, m.Fresh):
            yield f"{order.id} starts again: {order}"
        early = order.scheduled_us is not None and order.scheduled_us > at_us
        if early and (order.id, order.run) not in self._hurried:
            yield f"{order.id} starts at {at_us}, due is {order.scheduled_us}"
