"""Journal entries for tests: made from plain pairs, written as the controller would."""

import uuid
from collections.abc import Iterable, Sequence

import psycopg

from controller.journal import Entry, encode
from engine.order import events as e
from engine.order import model as m

BEGIN_US = 1_795_000_000_000_000
SECOND_US = 1_000_000

Step = tuple[str, e.OrderEvent]


def entries(steps: Iterable[Step], *, first_no: int = 1, at_us: int = BEGIN_US) -> list[Entry]:
    """The steps as entries with dense numbers, a second apart."""
    return [
        Entry(no, at_us + no * SECOND_US, order_id, event)
        for no, (order_id, event) in enumerate(steps, start=first_no)
    ]


def write_turn(conn: psycopg.Connection, controller: str, turn: Sequence[Entry]) -> None:
    """Write one turn and announce it."""
    with conn.transaction():
        conn.execute(
            "INSERT INTO controller_journalbatch"
            " (controller, first_no, last_no, batch, term, at_us, body)"
            " VALUES (%s, %s, %s, %s, 1, %s, %s)",
            (controller, turn[0].no, turn[-1].no, uuid.uuid4(), turn[-1].at_us, encode(turn)),
        )
        conn.execute(
            "INSERT INTO controller_journalindex (controller, order_id, first_no)"
            " SELECT DISTINCT %s, o, %s::bigint FROM unnest(%s::text[]) AS o",
            (controller, turn[0].no, [entry.order for entry in turn]),
        )
        conn.execute(
            "SELECT pg_notify(%s, %s)", (f"stellwerk_journal_{controller}", str(turn[-1].no))
        )


def added(order_id: str, **more: object) -> Step:
    """An order is added."""
    order = m.Order(**{"id": order_id, "workflow": "billing/nightly", "version": "1", **more})  # type: ignore[arg-type]
    return order_id, e.OrderAdded(order)


def one_job(order_id: str, attempt: str, outcome: m.Outcome = m.SUCCEEDED) -> list[Step]:
    """An order starts, goes to an agent and runs its first job there."""
    return [
        (order_id, e.OrderStarted(BEGIN_US)),
        (order_id, e.OrderAttachable("agent-1", 1)),
        (order_id, e.OrderAttached("agent-1")),
        (
            order_id,
            e.OrderProcessingStarted("agent-1", attempt, "load", "first", (0,), BEGIN_US + 1),
        ),
        (order_id, e.OrderProcessed(attempt, outcome, None, BEGIN_US + 2)),
    ]


def whole_life(order_id: str, attempt: str = "r:1") -> list[Step]:
    """An order with one job from adding to its end."""
    return [
        added(order_id),
        *one_job(order_id, attempt),
        (order_id, e.OrderMoved((1,))),
        (order_id, e.OrderDetached("agent-1")),
        (order_id, e.OrderFinished(BEGIN_US + 3)),
    ]
