"""A controller without a carrier for tests of locks and notices: rows, a world over them, turns.

With `forgets` the world forgets everything after each turn, and gets back one thing at a time.
Orders stay in a block until a test lets them leave it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from msgspec.structs import replace

from engine.errors import NotLoaded
from engine.facts import DEFAULTS, Fact, FactKey, LockState, NoticeState, Rank, is_unfinished
from engine.objects.model import NoticeBoard, Object, ResourceLock
from engine.order import events as e
from engine.order import model as m
from engine.order import notice_verbs
from engine.order import requests as rq
from engine.order.add import add_order
from engine.order.commands import carry_out
from engine.order.control import control
from engine.order.object_events import OBJECT_EVENTS
from engine.steps.advance import advance
from engine.steps.notices import expire
from engine.steps.site import Site
from engine.steps.wake import awakened, leave_over
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import Step, World

T = TypeVar("T")
SECOND = 1_000_000

INSIDE: list[dict[str, Any]] = [
    {"TYPE": "Prompt", "question": "'go on?'"},
    {
        "TYPE": "If",
        "predicate": "$fails == 'yes'",
        "then": {"instructions": [{"TYPE": "Fail", "message": "'asked to'"}]},
    },
]
"""A block that an order leaves by `leave`, as a failure if its variable `fails` says so."""


def lock(*demands: tuple[str, int | None], inside: list[Any] | None = None) -> dict[str, Any]:
    """Return a Lock; a demand without count is exclusive."""
    written = [{"lockName": n} | ({} if c is None else {"count": c}) for n, c in demands]
    block = {"instructions": INSIDE if inside is None else inside}
    return {"TYPE": "Lock", "demands": written, "lockedWorkflow": block}


def consume(boards: str, *, inside: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a ConsumeNotices."""
    block = {"instructions": INSIDE if inside is None else inside}
    return {"TYPE": "ConsumeNotices", "noticeBoardNames": boards, "subworkflow": block, **more}


def expect(boards: str, **more: Any) -> dict[str, Any]:
    """Return an ExpectNotices."""
    return {"TYPE": "ExpectNotices", "noticeBoardNames": boards, **more}


def post(*boards: str, **more: Any) -> dict[str, Any]:
    """Return a PostNotices."""
    return {"TYPE": "PostNotices", "noticeBoardNames": list(boards), **more}


def board(key: str = "'k'", **more: Any) -> NoticeBoard:
    """Return a board whose keys come from one expression."""
    return NoticeBoard(key, key, **more)


def planned(key: str = "'k'") -> NoticeBoard:
    """Return a board whose keys belong to plans."""
    return board(key, board_type="PLANNABLE")


class Stage:
    """Orders, locks and boards, moved by hand."""

    def __init__(
        self,
        workflows: dict[str, list[dict[str, Any]]],
        *,
        locks: dict[str, int] | None = None,
        boards: dict[str, NoticeBoard] | None = None,
        forgets: bool = False,
    ) -> None:
        self.partial = forgets
        self.programs = {name: program(name, steps) for name, steps in workflows.items()}
        self.objects: dict[tuple[str, str], tuple[str, Object]] = {}
        for name, limit in (locks or {}).items():
            self.objects["lock", name] = (f"/{name}", ResourceLock(limit))
        for name, document in (boards or {}).items():
            self.objects["noticeboard", name] = (f"/{name}", document)
        self.objects |= {(kind, path): (path, d) for (kind, _), (path, d) in self.objects.items()}
        self.rows: dict[str, m.Order] = {}
        self.facts: dict[FactKey, Fact] = {}
        self.queues: dict[tuple[FactKey, str], Rank] = {}
        self.past: list[Step] = []
        self.now_us = 0
        self.looks = 1_000
        self.loads = 0
        self.world = self._world()

    # -- what people do ---------------------------------------------------------------------

    def add(self, order_id: str, workflow: str = "flow", **more: Any) -> m.Order | None:
        """Add an order and let it go as far as it can."""
        arguments = {"fails": "no", **more.pop("arguments", {})}
        new = rq.NewOrder(order_id, workflow, arguments, **more)
        self.take(lambda: add_order(self.world, new, self.now_us))
        return self.settle(order_id)

    def leave(self, order_id: str, **variables: Any) -> m.Order | None:
        """Let an order go on that stands in a block."""
        order = self.order(order_id)
        to = self.programs[order.workflow].onward(order.position)
        event = e.OrderPromptAnswered(to)
        self.world.put(replace(order, arguments={**order.arguments, **variables}))
        self.take(lambda: [(order_id, event)])
        return self.settle(order_id)

    def cancel(self, order_id: str) -> m.Order | None:
        """Cancel an order."""
        self.take(lambda: carry_out(self.world, order_id, rq.CancelOrders((order_id,))))
        return self.settle(order_id)

    def cancel_only(self, order_id: str) -> None:
        """Cancel an order, in a turn of its own."""
        self.take(lambda: carry_out(self.world, order_id, rq.CancelOrders((order_id,))))
        self.turn(order_id)

    def resume(self, order_id: str) -> m.Order | None:
        """Resume an order that failed; it does not fail again."""
        verb = rq.ResumeOrders((order_id,), variables={"fails": "no"})
        self.take(lambda: carry_out(self.world, order_id, verb))
        return self.settle(order_id)

    def priority(self, order_id: str, priority: int) -> None:
        """Change the priority of an order."""
        verb = rq.ChangePriority((order_id,), priority)
        self.take(lambda: carry_out(self.world, order_id, verb))
        self.settle(order_id)

    def post(self, name: str, key: str = "k", **more: Any) -> None:
        """Post a notice by hand, and let all follow."""
        self.post_only(name, key, **more)
        self.settle()

    def post_only(self, name: str, key: str = "k", **more: Any) -> None:
        """Post a notice by hand; nobody has looked yet."""
        self.take(
            lambda: notice_verbs.post_notice(self.world, name, key, now_us=self.now_us, **more)
        )

    def delete(self, name: str, key: str = "k", **more: Any) -> None:
        """Delete a notice by hand, and let all follow."""
        self.delete_only(name, key, **more)
        self.settle()

    def delete_only(self, name: str, key: str = "k", **more: Any) -> None:
        """Delete a notice by hand, in a turn that looks at nobody."""
        self.take(lambda: notice_verbs.delete_notice(self.world, name, key, **more))
        self.commit()

    def force(self, name: str, key: str = "k", users: tuple[str, ...] | None = None) -> None:
        """Delete a notice by hand and let those fail who use it, and let all follow."""
        asked = rq.DeleteNotice(name, key, force=True, users=users)
        known = len(self.past)
        self.take(lambda: control(asked, self.world, self.now_us))
        self.settle(*(i for i, _ in self.past[known:] if not i.startswith("|")))

    def close(self, plan: str, *, closed: bool = True) -> None:
        """Close or open a plan."""
        self.take(lambda: notice_verbs.change_plan(self.world, plan, closed=closed))
        self.commit()

    def limit(self, name: str, limit: int) -> None:
        """Deploy a lock with another limit."""
        path = f"/{name}"
        for known in (name, path):
            self.objects["lock", known] = (path, ResourceLock(limit))
        self.world.objects = dict(self.objects) if not self.partial else {}
        self.world.wakes["lock", path, ""] = None
        self.settle()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with the ends of notices' lives."""
        self.now_us += round(seconds * SECOND)
        for key in list(self.facts):
            self.take(partial(expire, self.world, key, self.now_us))
        self.settle()

    # -- turns ------------------------------------------------------------------------------

    def take(self, decide: Callable[[], list[Step]]) -> None:
        """Take the events of one decision."""
        for subject, event in self.loaded(decide):
            self._take(subject, event)

    def _take(self, subject: str, event: e.OrderEvent) -> None:
        self.loaded(lambda: self.world.take(subject, event))
        self.past.append((subject, event))

    def settle(self, *orders: str) -> m.Order | None:
        """Let orders go on, and those that waited for it, in as many turns as it takes."""
        self.turn(*orders)
        while self.world.wakes:
            self.turn()
        return self.find(orders[0]) if orders else None

    def turn(self, *orders: str) -> None:
        """Let orders go on, look at `looks` of those that waited, and commit."""
        self._advance(orders)
        while self.world.wakes:
            found, steps = self.loaded(lambda: awakened(self.world, self.looks))
            self._advance(found)
            for subject, event in steps:
                self._take(subject, event)
            if len(found) >= self.looks:
                break
        self.commit()

    def _advance(self, orders: Iterable[str]) -> None:
        waiting = deque(orders)
        site = Site(now_us=self.now_us)

        def run() -> None:
            for step in advance(self.world, waiting, site):
                self.past.append(step)

        self.loaded(run)

    def loaded(self, decide: Callable[[], T]) -> T:
        """Return what a decision returns, loading one thing at a time."""
        while True:
            try:
                return decide()
            except NotLoaded as missing:
                self.loads += 1
                self._load(*missing.key)

    def _load(self, kind: str, *key: str) -> None:
        world = self.world
        match kind:
            case "order" if key[0] in self.rows:
                world.put(self.rows[key[0]])
            case "order":
                world.absent.add(key[0])
            case "workflow":
                world.current[key[0]] = "v" if key[0] in self.programs else ""
            case "program":
                world.programs[key[0], key[1]] = self.programs[key[0]]
            case "object":
                world.objects[key[0], key[1]] = self.objects.get((key[0], key[1]))
            case "fact":
                at = (key[0], key[1], key[2])
                world.facts[at] = self.facts.get(at, DEFAULTS[at[0]])
            case "queue":
                self._load_queue((key[0], key[1], key[2]))
            case _:
                raise AssertionError(f"nobody can load {kind} {key}")

    def _load_queue(self, key: FactKey) -> None:
        queue = self.world.queue(key)
        after = queue.bound or queue.start
        rows = sorted((*rank, i) for (k, i), rank in self.queues.items() if k == key)
        found = [row for row in rows if after is None or row > after][:2]
        queue.loaded(found, whole=len(found) < 2)

    def commit(self) -> None:
        """Write what has changed; a partial world forgets the rest."""
        world = self.world
        self.loaded(lambda: leave_over(world))
        for order_id in world.touched:
            self.rows.pop(order_id, None)
            if order_id in world.orders:
                self.rows[order_id] = world.orders[order_id]
        self.facts |= {key: world.facts[key] for key in world.changed}
        for at, rank in world.queued.items():
            self.queues.pop(at, None)
            if rank is not None:
                self.queues[at] = rank
        if self.partial:
            self.world = self._world()
        else:
            world.settled()
        left = sorted(key for key, fact in self.facts.items() if is_unfinished(fact))
        self.world.wakes = dict.fromkeys(left)

    def _world(self) -> World:
        known = getattr(self, "world", None)
        world = World(complete=not self.partial)
        if not self.partial:
            world.programs = {(name, "v"): p for name, p in self.programs.items()}
            world.current = dict.fromkeys(self.programs, "v")
            world.objects = dict(self.objects)
        elif known is not None:
            world.no = known.no
        return world

    # -- what is seen -----------------------------------------------------------------------

    def find(self, order_id: str) -> m.Order | None:
        """Return an order, None once it has left."""
        return self.rows.get(order_id)

    def order(self, order_id: str) -> m.Order:
        """Return an order that is there."""
        return self.rows[order_id]

    def state(self, order_id: str) -> str:
        """Return the name of an order's state, `gone` once it has left."""
        order = self.find(order_id)
        return type(order.state).__name__ if order else "gone"

    def lock(self, name: str) -> dict[str, int | None]:
        """Return who holds a lock."""
        found = self.facts.get(("lock", f"/{name}", ""), LockState())
        assert isinstance(found, LockState)
        return found.holders

    def queue(self, name: str, key: str | None = None) -> list[str]:
        """Return the queue of a lock, or of a notice."""
        at = ("lock", f"/{name}", "") if key is None else ("notice", f"/{name}", key)
        rows = sorted((*rank, i) for (k, i), rank in self.queues.items() if k == at)
        return [order_id for _, _, order_id in rows]

    def notice(self, name: str, key: str = "k") -> NoticeState:
        """Return the instances of a notice."""
        found = self.facts.get(("notice", f"/{name}", key), NoticeState())
        assert isinstance(found, NoticeState)
        return found

    def kinds(self, subject: str) -> list[str]:
        """Return the names of what has happened to an order or to an object."""
        return [type(event).__name__ for s, event in self.past if s == subject]

    def of_orders(self) -> list[Step]:
        """Return what has happened, without the events of no order."""
        return [(s, event) for s, event in self.past if type(event) not in OBJECT_EVENTS]


def program(name: str, steps: list[dict[str, Any]]) -> Program:
    """Return version `v` of a workflow without jobs."""
    reading = read_workflow({"instructions": steps, "jobs": {}})
    assert reading.workflow is not None, reading.problems
    return Program(name, "v", reading.workflow)
