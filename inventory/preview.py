"""A deployment or revocation seen before it happens. Nothing here writes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec
from django.db.models import QuerySet

from engine.workflow.problem import Problem, Severity, problem, shown, warning
from engine.workflow.read import read_workflow
from inventory.check import Examined
from inventory.dependencies import needed
from inventory.deploy import FROM_TODAY, PlanUpdate
from inventory.deployed import Ref, deployed_versions
from inventory.effects import Effect, Intended, effects
from inventory.errors import Located
from inventory.examining import candidates, nothing_named
from inventory.job_templates import template_warnings
from inventory.models import Item
from inventory.references.users import deployed_users_of


class Difference(StrEnum):
    """How an object stands against what is deployed."""

    NEW = "new"  # nothing of it is deployed
    CHANGED = "changed"  # another version is deployed
    SAME = "same"  # this version is deployed
    REVOKED = "revoked"  # it goes
    INVALID = "invalid"  # it cannot be deployed


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """An object of the deployment; `added` where it is only there because others need it."""

    kind: str
    path: str
    difference: Difference
    version: str = ""
    deployed_version: str = ""
    added: bool = False


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment would do.

    `needed` are dependencies that are not in it; `concerned` are deployed objects, as pairs of user
    and used, that use something changed or revoked and are not in it themselves. Errors among the
    problems refuse it, warnings do not.
    """

    objects: tuple[Foreseen, ...]
    needed: tuple[Ref, ...]
    concerned: tuple[tuple[Ref, Ref], ...]
    problems: tuple[Located, ...]
    effects: Mapping[str, list[Effect]]

    @property
    def possible(self) -> bool:
        """Tell whether nothing refuses it."""
        return all(found.problem.severity is not Severity.ERROR for found in self.problems)


def preview(
    refs: Iterable[Ref],
    items: QuerySet[Item],
    *,
    with_dependencies: bool = False,
    plan: PlanUpdate = FROM_TODAY,
) -> Preview:
    """Return what deploying these objects would do.

    Args:
        refs: kind and path of each.
        items: the drafts among which dependencies are looked for.
        with_dependencies: whether those belong to the deployment.
        plan: what the daily plan would be told.
    """
    asked = set(refs)
    missing = needed(asked, items)
    taken = sorted({*asked, *missing} if with_dependencies else asked)
    found = candidates(taken)
    there = deployed_versions(taken)
    read = {(item.kind, item.path): examined for item, examined in found.found}
    objects = tuple(_foreseen(ref, read[ref], there, asked) for ref in taken if ref in read)
    differing = {(o.kind, o.path) for o in objects if o.difference is not Difference.SAME}
    return Preview(
        objects=objects,
        needed=() if with_dependencies else tuple(missing),
        concerned=_concerned(differing, taken),
        problems=(*found.problems, *_warnings(read)),
        effects=effects(Intended(_documents(read, differing), (), plan)),
    )


def preview_revocation(refs: Iterable[Ref], *, plan: PlanUpdate = FROM_TODAY) -> Preview:
    """Return what revoking these objects would do; who uses them is told as warnings."""
    taken = sorted(set(refs))
    there = deployed_versions(taken)
    objects = tuple(
        Foreseen(
            kind=kind, path=path, difference=Difference.REVOKED, deployed_version=there[kind, path]
        )
        for kind, path in taken
        if (kind, path) in there
    )
    concerned = _concerned(taken, taken)
    absent = [_absent(ref) for ref in taken if ref not in there]
    return Preview(
        objects=objects,
        needed=(),
        concerned=concerned,
        problems=(*nothing_named(taken), *absent, *map(_used, concerned)),
        effects=effects(Intended({}, tuple(taken), plan)),
    )


def _foreseen(
    ref: Ref, read: Examined, there: Mapping[Ref, str], asked: Collection[Ref]
) -> Foreseen:
    deployed = there.get(ref, "")
    version = read.frozen.digest
    if not read.valid:
        difference = Difference.INVALID
    elif not deployed:
        difference = Difference.NEW
    else:
        difference = Difference.SAME if deployed == version else Difference.CHANGED
    return Foreseen(
        kind=ref[0],
        path=ref[1],
        difference=difference,
        version=version,
        deployed_version=deployed,
        added=ref not in asked,
    )


def _documents(read: Mapping[Ref, Examined], differing: Collection[Ref]) -> dict[Ref, bytes]:
    return {
        ref: examined.frozen.document
        for ref, examined in read.items()
        if ref in differing and examined.frozen.document is not None
    }


def _warnings(read: Mapping[Ref, Examined]) -> Iterator[Located]:
    for (kind, path), examined in read.items():
        if examined.valid:
            found = (*examined.frozen.problems, *_of_templates(kind, examined.frozen.document))
            yield from (Located(kind, path, told) for told in found)


def _of_templates(kind: str, document: bytes | None) -> list[Problem]:
    if kind != "workflow" or not document or b'"jobTemplate"' not in document:
        return []
    workflow = read_workflow(document).workflow
    return template_warnings(workflow) if workflow else []


def _concerned(changed: Collection[Ref], within: Collection[Ref]) -> tuple[tuple[Ref, Ref], ...]:
    return tuple(pair for pair in deployed_users_of(changed) if pair[0] not in within)


def _used(pair: tuple[Ref, Ref]) -> Located:
    (user_kind, user), (kind, path) = pair
    sentence = f"The {user_kind} {shown(user)} uses it and stays deployed."
    return Located(kind, path, warning((), "still-used", sentence))


def _absent(ref: Ref) -> Located:
    sentence = f"The {ref[0]} {shown(ref[1])} is not deployed."
    return Located(*ref, problem(("path",), "not-deployed", sentence))
