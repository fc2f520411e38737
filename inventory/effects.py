"""The effect of a deployment on what others make of it, told before it happens.

Packages above register a function at start-up; the inventory knows none of them.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec

from inventory.deploy import PlanUpdate
from inventory.deployed import Ref


class Intended(msgspec.Struct, frozen=True):
    """What would be deployed: the canonical documents, without those that are equal already."""

    documents: Mapping[Ref, bytes]
    revoked: tuple[Ref, ...]
    plan: PlanUpdate


class Effect(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of what follows: a sentence for people, with what it is about where that is one.

    `added`, `removed` and `changed` count things such as planned orders of the day.
    """

    sentence: str
    kind: str = ""
    path: str = ""
    day: dt.date | None = None
    added: int = 0
    removed: int = 0
    changed: int = 0


Foresee: TypeAlias = Callable[[Intended], Iterable[Effect]]

_foreseen_by: dict[str, Foresee] = {}


def register(subject: str, foresee: Foresee) -> None:
    """Let `foresee` be asked before deployments; once a subject, such as `plan`."""
    _foreseen_by[subject] = foresee


def effects(intended: Intended) -> dict[str, list[Effect]]:
    """Return the effects by subject, in the order of registration."""
    return {subject: list(foresee(intended)) for subject, foresee in _foreseen_by.items()}
