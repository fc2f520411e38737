"""Who uses what: the deployed workflows by the locks, boards, agents and workflows they name.

Relations of a version never change and are kept in mind per process.
"""

from collections.abc import Collection, Iterator

from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.orders.load import program_at
from controller.models import DeployedItem
from engine.workflow.relations import Relations, relations
from engine.world import names_of

_MOST_KEPT = 5_000
_relations: dict[tuple[str, str], Relations] = {}


def deployed_relations(account: Account) -> Iterator[tuple[str, Relations]]:
    """Yield the path and the relations of each workflow that new orders may walk."""
    found = rows(DeployedItem, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", current=True
    )
    for path, version in found.order_by("path").values_list("path", "version"):
        known = _relations.get((path, version)) or _read(account, path, version)
        if known is not None:
            yield path, known


def posters(account: Account, boards: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return for each of the boards, by path, the workflows that post to it."""
    return _by_object(account, boards, "boards_posted")


def users_of(account: Account, path: str, *kinds: str) -> tuple[str, ...]:
    """Return the workflows that name an object; `kinds` are fields of the relations."""
    return _by_object(account, [path], *kinds)[path]


def forget_relations() -> None:
    """Read the relations of every workflow again at their next use."""
    _relations.clear()


def _by_object(account: Account, paths: Collection[str], *kinds: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {path: {} for path in paths}
    for workflow, known in deployed_relations(account):
        named = {name for kind in kinds for name in getattr(known, kind)}
        for path in paths:
            if named.intersection(names_of(path)):
                found[path][workflow] = None
    return {path: tuple(workflows) for path, workflows in found.items()}


def _read(account: Account, path: str, version: str) -> Relations | None:
    program = program_at(account, path, version)
    if program is None:
        return None
    if len(_relations) >= _MOST_KEPT:
        _relations.clear()
    found = _relations[path, version] = relations(program.workflow)
    return found
