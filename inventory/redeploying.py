"""Renaming what is deployed: the new path deployed and the old one revoked in one request.

Locks, boards, file order sources and schedules are left out: what they hold, what has been posted
to them, which files have become orders and which starts are planned belongs to the path.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from engine.workflow.problem import problem, shown
from inventory.change import Change
from inventory.deploy import FROM_TODAY, PlanUpdate, deploy
from inventory.deployed import (
    Ref,
    bound_among,
    deployed_versions,
    draft_differs,
    with_deployed_version,
)
from inventory.errors import DeploymentRefused, Located, StillDeployed
from inventory.keeping import present, refuse_path
from inventory.models import Deployment, Item
from inventory.references.users import deployed_users_of
from inventory.renaming import Move, carry_out
from inventory.tree_lock import Hold, hold_tree

PORTABLE = frozenset({"workflow", "jobresource", "includescript", "jobtemplate", "calendar"})
"""Kinds of which nothing but the document is bound to the path."""


class Redeployed(NamedTuple):
    """The drafts as changed, and the request that brings the controller after them."""

    changes: tuple[Change, ...]
    deployment: Deployment


def rename_deployed(
    kind: str,
    path: str,
    to: str,
    *,
    account: str,
    comment: str = "",
    edit_no: int | None = None,
    plan: PlanUpdate = FROM_TODAY,
) -> Redeployed:
    """Rename a deployed object, everywhere, and deploy it with those that use it.

    Orders under way go on with the version and the path that they have.

    Raises:
        DraftRefused, ItemUnknown, EditedMeanwhile, NameTaken: as they say.
        StillDeployed: it is of a kind that cannot move while it is deployed.
        DeploymentRefused: it, or one that uses it, has changes that are not deployed, or is not
            deployed at all.
        SiteKeyUnusable: nothing can be signed here.
    """
    refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.MOVE)
        present(kind, path, edit_no)
        _refuse_kind(kind, path)
        users = [user for user, _ in deployed_users_of([(kind, path)])]
        _refuse_changed([(kind, path), *users])
        changes = carry_out([Move(kind, path, to)], account=account)
        made = deploy(
            [(kind, to), *users], account=account, comment=comment, plan=plan,
            revoked=[(kind, path)],
        )  # fmt: skip
        return Redeployed(changes, made)


def _refuse_kind(kind: str, path: str) -> None:
    if kind not in PORTABLE and bound_among([(kind, path)]):
        sentence = f"The {kind} {shown(path)} is deployed and cannot move: revoke it first."
        raise StillDeployed([Located(kind, path, problem(("path",), "still-deployed", sentence))])


def _refuse_changed(refs: Sequence[Ref]) -> None:
    """Refuse to deploy by a renaming what nobody has asked to deploy."""
    rows = Item.objects.filter(trashed_at__isnull=True, path__in=[path for _, path in refs])
    items = {(item.kind, item.path): item for item in with_deployed_version(rows)}
    there = deployed_versions(refs)
    problems = [
        Located(*ref, problem((), "draft-differs", _said(ref, deployed=ref in there)))
        for ref in dict.fromkeys(refs)
        if ref not in there or ref not in items or draft_differs(items[ref])
    ]
    if problems:
        raise DeploymentRefused(problems)


def _said(ref: Ref, *, deployed: bool) -> str:
    if not deployed:
        return f"The {ref[0]} {shown(ref[1])} is not deployed."
    return f"The draft of the {ref[0]} {shown(ref[1])} has changes: deploy it first."
