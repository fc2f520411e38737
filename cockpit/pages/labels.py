"""What people call the places of workflows: the label or job name instead of the bare position.

A version never changes, so what was read once is kept.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.diagram import outline
from controller.items import program_of
from controller.models import DeployedItem
from engine.order.requests import SignedItem
from engine.position import PositionUnreadable, from_text, place, to_text
from engine.workflow.program import Program
from history.models import OrderRun

MOST_KEPT = 1_000
MOST_AT_ONCE = 20
"""Versions read for one page; further ones show positions until another page has read them."""

Names = Mapping[str, str]

_kept: dict[tuple[str, str], Names] = {}


def names_for(account: Account, runs: Iterable[OrderRun]) -> dict[tuple[str, str], Names]:
    """Return the names of places by workflow and version, as far as these runs need them."""
    wanted = {(run.workflow, run.version) for run in runs if run.label is None}
    missing = sorted(wanted - _kept.keys())[:MOST_AT_ONCE]
    if missing:
        _read(account, missing)
    return {key: _kept[key] for key in wanted if key in _kept}


def name_at(names: Names, position: str) -> str:
    """Return the name of a place, the position itself where it has none; tries do not count."""
    try:
        return names.get(to_text(place(from_text(position))), position)
    except PositionUnreadable:
        return position


def _read(account: Account, missing: list[tuple[str, str]]) -> None:
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    found = rows(DeployedItem, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        kind="workflow",
        path__in=[path for path, _ in missing],
        version__in=[version for _, version in missing],
    )
    for path, version, document in found.values_list("path", "version", "document"):
        program = program_of(SignedItem("workflow", path, version, bytes(document), b""))
        if isinstance(program, Program):
            _kept[path, version] = _names(program)


def _names(program: Program) -> Names:
    found: dict[str, str] = {}
    for row in outline(program.workflow):
        # Lanes repeat the position of their instruction; the instruction comes first.
        found.setdefault(row.position, row.name or row.text)
    return found
