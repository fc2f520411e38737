"""Whether the orders of older versions of a workflow could go on in its newest one."""

from typing import Any, NamedTuple

from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.orders.world import RowsWorld
from cockpit.pages.addresses import order_at
from controller.models import OrderRow
from engine.errors import CommandRefused, EngineError
from engine.order.transfer import transfer
from engine.workflow.program import Program

MOST = 500
_ENDED = ("Finished", "Cancelled", "FailedInFork")


class Prospect(NamedTuple):
    """An order that would be transferred; `why` says why it cannot be, empty where it can."""

    order_id: str
    href: str
    version: str
    position: str
    why: str


class Outlook(NamedTuple):
    """The first orders of older versions, those that cannot go on before the others."""

    prospects: list[Prospect]
    refused: int
    total: int


def outdated(account: Account, program: Program) -> Any:
    """Return the rows of the orders of older versions that have not ended."""
    found = rows(OrderRow, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, workflow=program.path
    )
    return found.exclude(version=program.version).exclude(state__in=_ENDED)


def outlook(account: Account, program: Program) -> Outlook:
    """Return how a transfer to the newest version would go."""
    found = outdated(account, program)
    looked_at = list(found.order_by("order_id").values_list("order_id", "version", "position"))
    shown = looked_at[:MOST]
    world = RowsWorld()
    world.put(account, [order_id for order_id, *_ in shown])
    prospects = [
        Prospect(i, order_at(i), version[:12], position, _why(world, i, program))
        for i, version, position in shown
    ]
    return Outlook(
        sorted(prospects, key=lambda prospect: not prospect.why),
        sum(bool(prospect.why) for prospect in prospects),
        len(looked_at),
    )


def _why(rows_now: RowsWorld, order_id: str, program: Program) -> str:
    order = rows_now.world.orders.get(order_id)
    if order is None:
        return "It has just left."
    try:
        rows_now.until(lambda: transfer(rows_now.world, order, program))
    except CommandRefused as refused:
        return refused.sentence.removeprefix(f"Order {order_id}: ")
    except EngineError as problem:
        return str(problem)
    return ""
