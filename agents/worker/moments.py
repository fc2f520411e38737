"""When the clock leads an order on, or ends its job. Pure."""

from collections.abc import Callable, Mapping

from agents.worker.jobs import node_of
from engine.order import model as m
from engine.steps.job_admission import ends_at_us
from engine.workflow.program import Program


def moment_of(order: m.Order, program: Program) -> int | None:
    """Return the next moment at which something happens to the order by the clock alone."""
    found = _MOMENTS.get(type(order.state))
    return found(order, program) if found else None


def has_to_end_us(order: m.Order, program: Program) -> int | None:
    """Return when the order's running job has to be killed, None where it may go on."""
    if not isinstance(order.state, m.Processing):
        return None
    return ends_at_us(order, program, node_of(program, order)[1], order.state.started_us)


def _until_us(order: m.Order, _program: Program) -> int | None:
    return order.state.until_us if isinstance(order.state, m.TIMED) else None


_MOMENTS: Mapping[type, Callable[[m.Order, Program], int | None]] = {
    m.Processing: has_to_end_us,
    m.Fresh: lambda order, _program: order.scheduled_us,
    **dict.fromkeys(m.TIMED, _until_us),
}
