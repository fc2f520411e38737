"""The children of an order, each with where it stands: they are steered one by one."""

from collections.abc import Iterator

from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.orders.bodies import ChildSeen
from cockpit.api.orders.load import program_at
from cockpit.api.orders.present import instruction_at
from controller.models import OrderRow
from engine.order.model import Order
from engine.position import PositionUnreadable, from_text
from history import queries
from history.models import OrderRun

MOST = 1_000
_SUSPENDED = "suspended"


def children_now(account: Account, order: Order) -> list[ChildSeen]:
    """Return the children that the controller has of an order, by their ids."""
    found = rows(OrderRow, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, parent=order.id
    )
    return [
        ChildSeen(
            id=row.order_id,
            branch=_branch(row.order_id, order.id),
            state=row.state,
            group=row.group,
            suspended=row.group == _SUSPENDED,
            position=row.position,
            label=_label(account, row),
            live=True,
        )
        for row in found.defer("body").order_by("order_id")[:MOST]
    ]


def children_then(account: Account, run: OrderRun) -> Iterator[ChildSeen]:
    """Yield the children of a run of the history, the newest life of each."""
    known: set[str] = set()
    for child in queries.children(rows(OrderRun, account), run).order_by("-run")[:MOST]:
        if child.order_id not in known:
            known.add(child.order_id)
            yield ChildSeen(
                id=child.order_id,
                branch=_branch(child.order_id, run.order_id),
                state=child.state,
                group=child.group,
                suspended=child.suspended,
                position=child.position,
                label=child.label,
                live=child.live,
            )


def _branch(child: str, parent: str) -> str:
    return child.removeprefix(f"{parent}|")


def _label(account: Account, row: OrderRow) -> str | None:
    program = program_at(account, row.workflow, row.version)
    try:
        return instruction_at(program, from_text(row.position))[0]
    except PositionUnreadable:
        return None
