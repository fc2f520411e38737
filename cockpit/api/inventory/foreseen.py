"""A deployment before it happens, for the API."""

import datetime as dt

import msgspec

from cockpit.api.inventory.bodies import ObjectRef
from cockpit.api.inventory.many_bodies import LocatedSeen, located_seen
from inventory.effects import Effect
from inventory.preview import Foreseen, Preview


class ForeseenSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object: `difference` is new, changed, same, revoked or invalid.

    `added` where it is there only because others need it.
    """

    type: str
    path: str
    difference: str
    version: str | None
    deployed_version: str | None
    added: bool


class ConcernedSeen(msgspec.Struct, frozen=True):
    """A deployed object that uses something of the deployment and is not in it."""

    user: ObjectRef
    uses: ObjectRef


class EffectSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Something that follows, as a sentence; `subject` is whose effect it is, such as `plan`."""

    subject: str
    sentence: str
    type: str
    path: str
    day: dt.date | None
    added: int
    removed: int
    changed: int


class PreviewSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment would do; `needed` is what it lacks, `possible` whether nothing refuses it.

    Nothing has been written.
    """

    possible: bool
    objects: list[ForeseenSeen]
    needed: list[ObjectRef]
    concerned: list[ConcernedSeen]
    problems: list[LocatedSeen]
    effects: list[EffectSeen]


def preview_seen(found: Preview) -> PreviewSeen:
    """Return a preview for the API."""
    return PreviewSeen(
        possible=found.possible,
        objects=[_object(each) for each in found.objects],
        needed=[_ref(*ref) for ref in found.needed],
        concerned=[ConcernedSeen(_ref(*user), _ref(*used)) for user, used in found.concerned],
        problems=[located_seen(problem) for problem in found.problems],
        effects=[_effect(s, effect) for s, effects in found.effects.items() for effect in effects],
    )


def _object(found: Foreseen) -> ForeseenSeen:
    return ForeseenSeen(
        type=found.kind,
        path=found.path,
        difference=found.difference.value,
        version=found.version or None,
        deployed_version=found.deployed_version or None,
        added=found.added,
    )


def _effect(subject: str, effect: Effect) -> EffectSeen:
    return EffectSeen(
        subject=subject,
        sentence=effect.sentence,
        type=effect.kind,
        path=effect.path,
        day=effect.day,
        added=effect.added,
        removed=effect.removed,
        changed=effect.changed,
    )


def _ref(kind: str, path: str) -> ObjectRef:
    return ObjectRef(type=kind, path=path)
