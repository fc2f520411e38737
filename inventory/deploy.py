"""Deploying and revoking: all objects of a request or none of them.

The versions, the deployment and the request to the controller are written in one transaction; the
controller's answer is brought in afterwards by `inventory.answers`.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction
from django.db.models.functions import Now

from agents.site_key import site_key
from controller.commands import ask
from engine.order.requests import SignedItem, TakeItems
from engine.seal import sealed
from engine.workflow.problem import problem, shown
from inventory.check import Examined
from inventory.deployed import Ref, deployed_versions
from inventory.errors import DeploymentRefused, Located
from inventory.examining import candidates, nothing_named
from inventory.models import Deployment, DeploymentObject, Item, Version
from inventory.references.rows import keep_versions
from inventory.tree_lock import Hold, hold_tree


class PlanUpdate(msgspec.Struct, frozen=True):
    """From which day on the daily plan takes the changes over; None is the day of the deployment.

    `include_late` lets it plan starts that are past already.
    """

    since: dt.date | None = None
    include_late: bool = False


FROM_TODAY = PlanUpdate()


def deploy(
    objects: Iterable[Ref],
    *,
    account: str,
    comment: str = "",
    key: str | None = None,
    plan: PlanUpdate = FROM_TODAY,
    revoked: Iterable[Ref] = (),
) -> Deployment:
    """Freeze and sign the drafts and ask the controller to take them over.

    Args:
        objects: kind and path of each; ones named twice count once.
        account: who does it.
        comment: why, for people.
        key: idempotency key; the same one gives the first deployment again.
        plan: what the daily plan makes of it.
        revoked: what goes in the same step.

    Raises:
        DeploymentRefused: with all problems of all objects; nothing has been written.
        SiteKeyUnusable: nothing can be signed here.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        gone = tuple(sorted(set(revoked)))
        found = candidates(sorted(set(objects)), without=gone, lock=True)
        _refuse([*found.problems, *_not_deployed(gone)])
        versions = [_version(item, read, account, comment) for item, read in found.found]
        keep_versions(versions)
        made = Deployment(account=account, comment=comment, update_plan_from=plan.since,
                          include_late=plan.include_late)  # fmt: skip
        return _requested(TakeItems(_signed(versions), gone), made, key)


def revoke(
    objects: Iterable[Ref],
    *,
    account: str,
    comment: str = "",
    key: str | None = None,
    plan: PlanUpdate = FROM_TODAY,
) -> Deployment:
    """Ask the controller to let nobody start these objects any more.

    Raises:
        DeploymentRefused: one of them is not deployed; nothing has been written.
    """
    with transaction.atomic():
        refs = tuple(sorted(set(objects)))
        _refuse(nothing_named(refs) + _not_deployed(refs))
        made = Deployment(account=account, comment=comment, update_plan_from=plan.since,
                          include_late=plan.include_late)  # fmt: skip
        return _requested(TakeItems((), refs), made, key)


def _version(item: Item, examined: Examined, account: str, comment: str) -> Version:
    return Version(
        kind=item.kind,
        path=item.path,
        version=examined.frozen.digest,
        document=examined.frozen.document,
        draft_digest=item.digest,
        form=examined.form.value,
        source=item.source,
        made_by=account,
        made_at=Now(),
        comment=comment,
    )


def _signed(versions: Iterable[Version]) -> tuple[SignedItem, ...]:
    private = site_key()
    return tuple(sealed(private, v.kind, v.path, v.version, bytes(v.document)) for v in versions)


def _requested(request: TakeItems, made: Deployment, key: str | None) -> Deployment:
    command = ask(request, account=made.account, key=key)
    repeated = Deployment.objects.filter(command=command).first()
    return repeated or _recorded(request, command, made)


def _recorded(request: TakeItems, command: uuid.UUID, made: Deployment) -> Deployment:
    made.command = command
    made.made_at = Now()
    made.save(force_insert=True)
    refs = [(item.kind, item.path, item.version) for item in request.items]
    refs += [(kind, path, "") for kind, path in request.revoked]
    DeploymentObject.objects.bulk_create(
        DeploymentObject(deployment=made, kind=kind, path=path, version=version)
        for kind, path, version in refs
    )
    made.refresh_from_db()
    return made


def _not_deployed(refs: Sequence[Ref]) -> list[Located]:
    there = deployed_versions(refs) if refs else {}
    return [
        Located(*ref, problem(("path",), "not-deployed", _said(ref)))
        for ref in refs
        if ref not in there
    ]


def _said(ref: Ref) -> str:
    return f"The {ref[0]} {shown(ref[1])} is not deployed."


def _refuse(problems: Sequence[Located]) -> None:
    if problems:
        raise DeploymentRefused(problems)
