"""What both runners tell of an order that they have followed through the journal."""

from engine.errors import EngineError
from engine.order.group import state_name
from engine.order.model import Order
from engine.order.scope import evaluate
from engine.values import normalise, to_json
from engine.workflow.program import Program
from simulation.watch import Seen
from tests.conformance.judge import ObservedOrder, outcome_text


def observed_order(seen: Seen, program: Program, start_us: int) -> ObservedOrder:
    """Return an order as a case speaks of it."""
    order = seen.order
    instruction = program.instruction(order.position)
    return ObservedOrder(
        state=state_name(order),
        suspended=order.suspended,
        position=order.position,
        label=instruction.label if instruction else None,
        history=seen.history,
        trace=[(r.label or r.job, outcome_text(r.outcome)) for r in seen.runs],
        started_s=_offset_s(seen.started_us, start_us),
        ended_s=_offset_s(seen.ended_us, start_us),
        message=seen.problem.message if seen.problem else None,
    )


def _offset_s(moment_us: int | None, start_us: int) -> float | None:
    return None if moment_us is None else (moment_us - start_us) / 1_000_000


def value_of(name: str, order: Order, program: Program, now_us: int) -> object:
    """Return the value of a variable where the order stands, or why there is none."""
    try:
        return to_json(normalise(evaluate(f"$`{name}`", order, program, now_us)))
    except EngineError as problem:
        return f"({problem})"
