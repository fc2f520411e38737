"""How a transfer of the orders of older versions would go, order by order."""

from typing import NamedTuple

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.orders.preview import Effect
from cockpit.api.orders.preview_objects import outdated, preview_of_transfer
from cockpit.api.problem import Refusal
from cockpit.pages.addresses import order_at
from controller.models import OrderRow
from engine.order.requests import TransferOrders
from engine.workflow.program import Program

MOST = 500

__all__ = ["Outlook", "Prospect", "outdated", "outlook"]


class Prospect(NamedTuple):
    """An order of an older version: what the transfer does to it, and the way to its page."""

    effect: Effect
    href: str
    version: str


class Outlook(NamedTuple):
    """The first orders of older versions, those that cannot go on before the others.

    `not_shown` are further ones; `problem` is set where there are too many to be transferred.
    """

    prospects: list[Prospect]
    total: int
    refused: int
    not_shown: int = 0
    problem: str = ""


def outlook(account: Account, program: Program, *, only_possible: bool = False) -> Outlook:
    """Return how a transfer to the newest version would go."""
    asked = TransferOrders(program.path, only_possible=only_possible)
    try:
        seen = preview_of_transfer(account, asked, program, most=MOST)
    except Refusal as too_many:
        return Outlook([], outdated(account, program).count(), 0, problem=too_many.detail)
    versions = dict(
        rows(OrderRow, account)
        .filter(order_id__in=[effect.id for effect in seen.orders])
        .values_list("order_id", "version")
    )
    prospects = [
        Prospect(effect, order_at(effect.id), versions.get(effect.id, "")[:12])
        for effect in seen.orders
    ]
    return Outlook(prospects, seen.matched, seen.refused, seen.matched - len(prospects))
