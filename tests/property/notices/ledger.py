"""Which instances there are and who consumes them, told from the events alone."""

from collections.abc import Iterator

import msgspec

from engine.order import events as e
from engine.order import object_events as o

At = tuple[str, str]


class Told(msgspec.Struct):
    """One posting, as the events tell of it."""

    at: At
    gen: int
    active: dict[str, str] = {}
    succeeded: set[str] = set()
    failed: set[str] = set()
    deleted: bool = False
    replaced: bool = False

    @property
    def gone(self) -> bool:
        """Whether nobody who comes now may have it."""
        return self.deleted or self.replaced


class Ledger:
    """Follows the events and notes everything that must not happen.

    `policies` are the words for boards that have another policy than `any_success`.
    """

    def __init__(self, policies: dict[str, str] | None = None) -> None:
        self.policies = policies or {}
        self.told: dict[At, list[Told]] = {}
        self.holds: dict[str, list[Told]] = {}
        self.granted: set[tuple[str, str, str, int]] = set()
        self.waits: dict[str, tuple[At, ...]] = {}
        self.seen: dict[str, set[tuple[At, int]]] = {}
        self.flows: dict[str, str] = {}
        self.wrong: list[str] = []

    def follow(self, subject: str, event: e.OrderEvent) -> None:
        """Take in the next event."""
        match event:
            case e.OrderAdded(order=order):
                self.flows[subject] = order.workflow
            case e.OrderNoticesExpected(expected=expected):
                self.waits[subject], self.seen[subject] = expected, set()
            case e.OrderConsumptionStarted(notices=notices):
                self._start(subject, [((board, key), gen) for board, key, gen in notices])
            case e.OrderNoticesConsumed(ok=ok):
                self._end(subject, ok=ok)
            case e.OrderNoticesRead() | e.OrderStateReset() | e.OrderCancelled():
                self.waits.pop(subject, None)
            case _:
                self._posted_or_deleted(event)

    def _posted_or_deleted(self, event: e.OrderEvent) -> None:
        match event:
            case e.OrderNoticesPosted(notices=notices):
                for notice in notices:
                    self._post((notice.board, notice.key))
            case o.NoticePosted(notice=notice):
                self._post((notice.board, notice.key))
            case o.NoticeDeleted(board=board, key=key):
                self._delete((board, key))
            case _:
                return

    def newest(self, at: At) -> Told | None:
        """Return the last posting of a notice."""
        known = self.told.get(at)
        return known[-1] if known else None

    def _post(self, at: At) -> None:
        known = self.told.setdefault(at, [])
        touched = known and (known[-1].active or known[-1].succeeded)
        if known and not known[-1].gone and not touched:
            return
        for earlier in known:
            earlier.replaced = True
        known.append(Told(at, len(known) + 1))
        self._available(at)

    def _available(self, at: At) -> None:
        newest = self.newest(at)
        for order_id, expected in self.waits.items():
            if at in expected and newest is not None:
                self.seen[order_id].add((at, newest.gen))

    def _delete(self, at: At) -> None:
        newest = self.newest(at)
        if newest is not None:
            newest.deleted = True

    def _start(self, order_id: str, held: list[tuple[At, int]]) -> None:
        flow = self.flows[order_id]
        for at, gen in held:
            told = self.told[at][gen - 1]
            waited = (at, gen) in self.seen.get(order_id, set())
            if told.gone and not waited and (order_id, *at, gen) not in self.granted:
                self.wrong.append(f"{order_id} consumes {at} {gen}, which is gone")
            if flow in told.succeeded or flow in told.active.values():
                self.wrong.append(f"{flow} consumes {at} {gen} twice")
            told.active = {**told.active, order_id: flow}
        self.holds[order_id] = [self.told[at][gen - 1] for at, gen in held]
        self.waits.pop(order_id, None)

    def _end(self, order_id: str, *, ok: bool) -> None:
        for told in self.holds.pop(order_id):
            told.active = {i: w for i, w in told.active.items() if i != order_id}
            if ok:
                told.succeeded = {*told.succeeded, self.flows[order_id]}
            told.failed = told.failed - {self.flows[order_id]}
            if not ok:
                told.failed = {*told.failed, self.flows[order_id]}
            told.deleted |= self._goes(told, ok=ok)
            if ok:
                continue
            self.granted.add((order_id, *told.at, told.gen))
            if not told.gone:
                self._available(told.at)

    def _goes(self, told: Told, *, ok: bool) -> bool:
        ended = not told.active
        match self.policies.get(told.at[0], "any_success"):
            case "all_success":
                return ended and bool(told.succeeded) and not told.failed
            case "last_finisher":
                return ended and ok
            case "close_on_first_success":
                return bool(told.succeeded)
            case _:
                return ended and bool(told.succeeded)

    def present(self) -> Iterator[At]:
        """Yield the notices that are there for who comes now."""
        for at in self.told:
            newest = self.newest(at)
            if newest is not None and not newest.gone:
                yield at
