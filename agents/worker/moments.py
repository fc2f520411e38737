"""When the clock leads an order on, or ends its job. Pure."""

from agents.worker.jobs import node_of
from engine.order import model as m
from engine.steps.job_admission import ends_at_us
from engine.workflow.program import Program


def moment_of(order: m.Order, program: Program) -> int | None:
    """Return the next moment at which something happens to the order by the clock alone."""
    match order.state:
        case m.Processing():
            return has_to_end_us(order, program)
        case m.Fresh():
            return order.scheduled_us
        case _ if isinstance(order.state, m.TIMED):
            return order.state.until_us
        case _:
            return None


def has_to_end_us(order: m.Order, program: Program) -> int | None:
    """Return when the order's running job has to be killed, None where it may go on."""
    if not isinstance(order.state, m.Processing):
        return None
    return ends_at_us(order, program, node_of(program, order)[1], order.state.started_us)
