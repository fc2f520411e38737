"""Where an order has been before it was transferred, by the places of the version it is in now.

Knows no request.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.orders.load import program_at
from engine.order.counterparts import counterpart
from engine.order.places import has_position
from engine.position import from_text, to_text
from engine.workflow.program import Program
from history.carried import decode
from history.models import OrderRun, OrderRunState
from history.notes import TRANSFERRED


class FormerPlaces(NamedTuple):
    """The journal numbers of the transfers of a run, and its versions from the first to the newest.

    A version is None where nobody knows it any more.
    """

    nos: tuple[int, ...] = ()
    versions: tuple[Program | None, ...] = ()

    def now(self, no: int, position: str) -> str | None:
        """Return where a position is now that a row with this number tells, None where nowhere."""
        if not self.nos or no >= self.nos[-1]:
            return position
        at = from_text(position)
        for transfer, (old, new) in zip(self.nos, pairwise(self.versions), strict=True):
            if no >= transfer:
                continue
            if old is None or new is None:
                return None
            at = counterpart(old, new, at).position
            if not has_position(new, at):
                return None
        return to_text(at)


def former_places(
    account: Account, run: OrderRun, runs: Iterable[int]
) -> Mapping[int, FormerPlaces]:
    """Return the former places of an order's run and of those of its family, by run."""
    found: defaultdict[int, FormerPlaces] = defaultdict(FormerPlaces)
    moved = _transfers(account, run, runs)
    newest = rows(OrderRun, account).filter(
        controller=run.controller, run__in=list(moved), day__gte=run.day
    )
    for number, version in newest.values_list("run", "version") if moved else ():
        versions = (*moved[number].values(), version)
        programs = ((v and program_at(account, run.workflow, v)) or None for v in versions)
        found[number] = FormerPlaces(tuple(moved[number]), tuple(programs))
    return found


def _transfers(
    account: Account, run: OrderRun, runs: Iterable[int]
) -> Mapping[int, dict[int, str | None]]:
    """Return by run and number of each transfer, oldest first, from which version it came."""
    found: defaultdict[int, dict[int, str | None]] = defaultdict(dict)
    told = rows(OrderRunState, account).filter(
        controller=run.controller, run__in=runs, day__gte=run.day, outcome=TRANSFERRED
    )
    for number, no, carried in told.order_by("no").values_list("run", "no", "carried"):
        found[number][no] = decode(carried).version if carried else None
    return found
