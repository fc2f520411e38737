"""What people do in a simulated night: random requests at random moments, at random orders."""

from collections.abc import Callable, Mapping
from random import Random

from engine.order import model as m
from engine.order import requests as rq
from simulation.clock import SECOND_US
from simulation.documents import BOARDS, ELEMENTS, FLOWS
from simulation.store import MemoryStore

IDS = tuple("abcdef")


class People:
    """Everybody who asks for something. Orders are chosen from those that the rows name now.

    `temper` is chance besides: how hard somebody asks for what they ask for.
    """

    def __init__(
        self, chance: Random, temper: Random, store: MemoryStore, now_us: Callable[[], int]
    ) -> None:
        self._chance, self._temper = chance, temper
        self._store, self._now_us = store, now_us

    def request(self) -> rq.Request:
        """Return something that somebody asks for now."""
        kinds = list(WISHES)
        return WISHES[self._chance.choices(kinds, [WEIGHTS[k] for k in kinds])[0]](self)

    def add(self) -> rq.Request:
        """Return a new order."""
        chance = self._chance
        scheduled = self._now_us() + chance.choice((-5, 2, 10)) * SECOND_US
        new = rq.NewOrder(
            chance.choice(IDS),
            chance.choice(FLOWS),
            arguments={"a": chance.choice("xy")},
            scheduled_us=scheduled if chance.random() < 0.3 else None,
            priority=chance.choice((0, 0, 1)),
        )
        return rq.AddOrders((new,))

    def poison(self) -> rq.Request:
        odd = {ELEMENTS: [{"name": "nul\0inside"}]}
        return rq.AddOrders((rq.NewOrder("nul\0inside", FLOWS[0]), rq.NewOrder("a", FLOWS[0], odd)))

    def _known(self) -> tuple[str, ...]:
        known = sorted(self._store.rows)
        return (self._chance.choice(known) if known else "nobody",)

    def _in(self, *states: type) -> tuple[str, ...]:
        rows = self._store.rows
        found = sorted(i for i, row in rows.items() if isinstance(row.order.state, states))
        return (self._chance.choice(found),) if found else self._known()

    def _coin(self) -> bool:
        return self._chance.random() < 0.5

    def cancel(self) -> rq.Request:
        return rq.CancelOrders(self._known(), kill=self._coin(), deep=self._coin())

    def suspend(self) -> rq.Request:
        return rq.SuspendOrders(
            self._known(), kill=self._coin(), reset=self._coin(), deep=self._coin()
        )

    def resume(self) -> rq.Request:
        rows = self._store.rows
        still = sorted(i for i, row in rows.items() if row.order.suspended)
        chosen = (self._chance.choice(still),) if still and self._coin() else None
        position = self._chance.choice((None, None, None, "0"))
        return rq.ResumeOrders(
            chosen or self._in(*m.RESUMABLE), position=position, force=self._coin()
        )

    def priority(self) -> rq.Request:
        return rq.ChangePriority(self._known(), self._chance.choice((0, 1, 2)))

    def go(self) -> rq.Request:
        return rq.ContinueOrders(self._in(m.Fresh, *m.TIMED))

    def confirm(self) -> rq.Request:
        return rq.ConfirmPrompts(self._in(m.Prompting))

    def post(self) -> rq.Request:
        return rq.PostNotice(self._chance.choice(BOARDS), "n")

    def delete(self) -> rq.Request:
        force, nobody = self._temper.random() < 0.5, self._temper.random() < 0.2
        board = self._chance.choice(BOARDS)
        return rq.DeleteNotice(board, "n", force=force, users=() if nobody else None)

    def transfer(self) -> rq.Request:
        return rq.TransferOrders(self._chance.choice(FLOWS))

    def control(self) -> rq.Request:
        verb = self._chance.choice(("suspend", "resume", "resume", "skip", "unskip"))
        labels = ("step-1",) if verb in ("skip", "unskip") else ()
        return rq.ControlWorkflow(self._chance.choice(FLOWS), verb, labels=labels)  # type: ignore[arg-type]  # one of its words

    def stop(self) -> rq.Request:
        verb = self._chance.choice(("stop", "unstop", "unstop"))
        return rq.ControlWorkflow(self._chance.choice(FLOWS), verb, labels=("step-1",))  # type: ignore[arg-type]  # as above


WISHES: Mapping[str, Callable[[People], rq.Request]] = {
    "add": People.add,
    "cancel": People.cancel,
    "suspend": People.suspend,
    "resume": People.resume,
    "priority": People.priority,
    "continue": People.go,
    "confirm": People.confirm,
    "post": People.post,
    "delete": People.delete,
    "transfer": People.transfer,
    "control": People.control,
    "stop": People.stop,
    "poison": People.poison,
}
WEIGHTS: Mapping[str, float] = {
    "add": 8,
    "cancel": 1,
    "suspend": 1,
    "resume": 2,
    "priority": 0.7,
    "continue": 0.7,
    "confirm": 1,
    "post": 1,
    "delete": 0.5,
    "transfer": 0.3,
    "control": 0.5,
    "stop": 0.3,
    "poison": 0.15,
}


def last_wishes(store: MemoryStore) -> list[rq.Request]:
    """Return what ends everything: workflows go on, and every order is cancelled."""
    found: list[rq.Request] = [rq.ControlWorkflow(path, "resume") for path in FLOWS]
    alive = tuple(
        sorted(i for i, row in store.rows.items() if not isinstance(row.order.state, m.TERMINATED))
    )
    if alive:
        found.append(rq.CancelOrders(alive, kill=True, deep=True))
    ended = tuple(
        sorted(i for i, row in store.rows.items() if isinstance(row.order.state, m.TERMINATED))
    )
    if ended:
        found.append(rq.RemoveOrders(ended))
    return found
