"""How an order is shown: JS7's state name and one of eleven groups. One table for API and pages."""

from engine.order import model as m
from engine.order.model import Order

GROUPS = (
    "planned",
    "scheduled",
    "ready",
    "running",
    "waiting",
    "prompting",
    "suspended",
    "failed",
    "blocked",
    "finished",
    "cancelled",
)

_BY_STATE: dict[type, str] = {
    m.Fresh: "scheduled",
    m.Ready: "ready",
    m.Processing: "running",
    m.Processed: "ready",
    m.ProcessingKilled: "ready",
    m.Forked: "waiting",
    m.DelayingRetry: "waiting",
    m.Sleeping: "waiting",
    m.WaitingForAdmission: "waiting",
    m.BetweenCycles: "waiting",
    m.WaitingForLock: "waiting",
    m.ExpectingNotices: "waiting",
    m.Prompting: "prompting",
    m.Stopped: "failed",
    m.StoppedWhileFresh: "failed",
    m.Failed: "failed",
    m.FailedWhileFresh: "failed",
    m.FailedInFork: "failed",
    m.Broken: "failed",
    m.Finished: "finished",
    m.Cancelled: "cancelled",
}


def state_name(order: Order) -> str:
    """Return JS7's name of the state, such as `DelayingRetry`."""
    return type(order.state).__name__


def group_of(order: Order) -> str:
    """Return which of the eleven groups the order is shown in."""
    return "suspended" if order.suspended else _BY_STATE[type(order.state)]


def group_of_state(state: str, *, suspended: bool = False) -> str:
    """Return the group for a state name."""
    return "suspended" if suspended else _BY_NAME[state]


_BY_NAME = {kind.__name__: group for kind, group in _BY_STATE.items()}


def due_us(order: Order) -> int | None:
    """Return the moment at which the clock leads the order on, None where it does not."""
    if order.suspended or order.attached_to:
        return None
    if isinstance(order.state, m.Fresh):
        return order.scheduled_us
    if isinstance(order.state, m.TIMED):
        return order.state.until_us
    return None
