"""Deploying and revoking: all objects of a request or none of them.

The versions, the deployment and the request to the controller are written in one transaction; the
controller's answer is brought in afterwards by `inventory.answers`.
"""

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models.functions import Now
from msgspec.structs import replace

from agents.site_key import site_key
from controller.commands import ask
from controller.items import WORKFLOW
from engine.order.requests import SignedItem, TakeItems
from engine.seal import sealed
from engine.workflow.problem import Problem, problem, shown
from inventory.check import Examined, examine, kind_problems, located
from inventory.deployed import Ref, deployed_versions
from inventory.errors import DeploymentRefused, Located
from inventory.including import expanded, scripts_with
from inventory.known import known_with
from inventory.models import Deployment, DeploymentObject, Item, Version
from inventory.tree_lock import Hold, hold_tree


def deploy(
    objects: Iterable[Ref], *, account: str, comment: str = "", key: str | None = None
) -> Deployment:
    """Freeze and sign the drafts and ask the controller to take them over.

    Args:
        objects: kind and path of each; ones named twice count once.
        account: who does it.
        comment: why, for people.
        key: idempotency key; the same one gives the first deployment again.

    Raises:
        DeploymentRefused: with all problems of all objects; nothing has been written.
        SiteKeyUnusable: nothing can be signed here.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        examined = _examined(sorted(set(objects)))
        versions = [_version(item, found, account, comment) for item, found in examined]
        Version.objects.bulk_create(versions, ignore_conflicts=True)
        return _request(TakeItems(_signed(versions)), account, comment, key)


def revoke(
    objects: Iterable[Ref], *, account: str, comment: str = "", key: str | None = None
) -> Deployment:
    """Ask the controller to let nobody start these objects any more.

    Raises:
        DeploymentRefused: one of them is not deployed; nothing has been written.
    """
    with transaction.atomic():
        refs = sorted(set(objects))
        there = deployed_versions(refs)
        _refuse(_none(refs) + [_not_deployed(ref) for ref in refs if ref not in there])
        return _request(TakeItems((), tuple(refs)), account, comment, key)


def _examined(refs: Sequence[Ref]) -> list[tuple[Item, Examined]]:
    items = _items(refs)
    problems = _none(refs)
    found: list[tuple[Item, Examined]] = []
    known = known_with(items)
    for ref in refs:
        item = items.get(ref)
        if item is None:
            problems += located(*ref, _absent(ref))
            continue
        # Read again rather than trusting the flag: the rules may be newer than the draft.
        found.append((item, examine(item.kind, item.source, known)))
    found = _with_includes(found)
    for item, examined in found:
        if not examined.valid:
            problems += located(item.kind, item.path, examined.frozen.problems)
    _refuse(problems)
    return found


def _with_includes(found: list[tuple[Item, Examined]]) -> list[tuple[Item, Examined]]:
    scripts = scripts_with(((item.kind, item.path), e.frozen) for item, e in found)
    return [
        (item, replace(e, frozen=expanded(e.frozen, scripts)) if item.kind == WORKFLOW else e)
        for item, e in found
    ]


def _items(refs: Sequence[Ref]) -> dict[Ref, Item]:
    rows = Item.objects.filter(path__in=[path for _, path in refs], trashed_at__isnull=True)
    return {(item.kind, item.path): item for item in rows.select_for_update().order_by("pk")}


def _version(item: Item, examined: Examined, account: str, comment: str) -> Version:
    return Version(
        kind=item.kind,
        path=item.path,
        version=examined.frozen.digest,
        document=examined.frozen.document,
        form=examined.form.value,
        source=item.source,
        made_by=account,
        made_at=Now(),
        comment=comment,
    )


def _signed(versions: Iterable[Version]) -> tuple[SignedItem, ...]:
    private = site_key()
    return tuple(sealed(private, v.kind, v.path, v.version, bytes(v.document)) for v in versions)


def _request(request: TakeItems, account: str, comment: str, key: str | None) -> Deployment:
    command = ask(request, account=account, key=key)
    repeated = Deployment.objects.filter(command=command).first()
    return repeated or _recorded(request, command, account, comment)


def _recorded(request: TakeItems, command: uuid.UUID, account: str, comment: str) -> Deployment:
    made = Deployment.objects.create(
        account=account, comment=comment, command=command, made_at=Now()
    )
    refs = [(item.kind, item.path, item.version) for item in request.items]
    refs += [(kind, path, "") for kind, path in request.revoked]
    DeploymentObject.objects.bulk_create(
        DeploymentObject(deployment=made, kind=kind, path=path, version=version)
        for kind, path, version in refs
    )
    made.refresh_from_db()
    return made


def _absent(ref: Ref) -> list[Problem]:
    kind, path = ref
    sentence = f"There is no {kind} {shown(path)}."
    return kind_problems(kind) or [problem(("path",), "item-unknown", sentence)]


def _not_deployed(ref: Ref) -> Located:
    sentence = f"The {ref[0]} {shown(ref[1])} is not deployed."
    return Located(*ref, problem(("path",), "not-deployed", sentence))


def _none(refs: Sequence[Ref]) -> list[Located]:
    if refs:
        return []
    return [Located("", "", problem(("objects",), "nothing-named", "No object is named."))]


def _refuse(problems: Sequence[Located]) -> None:
    if problems:
        raise DeploymentRefused(problems)
