"""Where decisions are made: on the controller, or on one agent."""

from collections.abc import Callable

import msgspec

from engine.order.model import Order
from engine.workflow.model import Job

DAY_US = 86_400_000_000


class Site(msgspec.Struct, frozen=True):
    """Who decides, when, and what an agent may do now.

    `agent` is None on the controller. `may_start` answers whether a process is free for the job;
    `next_attempt` names the attempt that starts next. `look_again` asks to decide for an order once
    more at a moment, where its state alone does not tell. `horizon_us`: how long before its start a
    waiting order is given to its agent. `members` names the agents of a cluster, None for the name
    of an agent; `pick` chooses one of them for the next job, None while none is to be had.
    """

    now_us: int
    agent: str | None = None
    may_start: Callable[[Order, str, Job], bool] | None = None
    next_attempt: Callable[[], str] | None = None
    look_again: Callable[[str, int], None] | None = None
    horizon_us: int = DAY_US
    members: Callable[[str], tuple[str, ...] | None] | None = None
    pick: Callable[[str], str | None] | None = None
