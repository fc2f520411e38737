"""Finding drafts by what they are called, what they say, and whom they use. Nothing here writes."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec
from django.db.models import F, Q, QuerySet

from engine.world import names_of
from inventory.deployed import Ref
from inventory.models import Item, Reference
from inventory.references.users import dangling


class Part(StrEnum):
    """Where a text is looked for."""

    PATH = "path"  # in folders and name
    TITLE = "title"  # in the title
    SOURCE = "source"  # in what its author wrote


EVERYWHERE = (Part.PATH, Part.TITLE, Part.SOURCE)


class Condition(StrEnum):
    """How a draft stands."""

    DRAFT = "draft"  # nothing of it is deployed
    CHANGED = "changed"  # another version is deployed
    DEPLOYED = "deployed"  # as it is deployed
    INVALID = "invalid"  # it cannot be deployed
    DANGLING = "dangling"  # it names what nobody is called


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; what is empty does not matter, all that is given must fit.

    `text` is found without regard to capitals, in one of `parts`. `tags`: one with each of them.
    `uses` is an object that must be used.
    """

    text: str = ""
    parts: tuple[Part, ...] = EVERYWHERE
    kinds: tuple[str, ...] = ()
    folder: str = ""
    tags: tuple[str, ...] = ()
    uses: Ref | None = None
    condition: Condition | None = None


class Line(msgspec.Struct, frozen=True):
    """A line of a source in which a text was found, from 1."""

    no: int
    text: str


def matching(items: QuerySet[Item], wanted: Wanted) -> QuerySet[Item]:
    """Return those of the items that fit; `items` are read with their deployed version."""
    found = items.within([wanted.folder]) if wanted.folder else items  # type: ignore[attr-defined]
    if wanted.kinds:
        found = found.filter(kind__in=wanted.kinds)
    if wanted.text:
        found = found.filter(_says(wanted.text, wanted.parts))
    for tag in wanted.tags:
        found = found.filter(tagged__tag__name=tag)
    if wanted.uses is not None:
        found = found.filter(pk__in=_users(wanted.uses))
    return found if wanted.condition is None else _standing(found, wanted.condition)


def lines_with(source: str, text: str, *, most: int = 3) -> Sequence[Line]:
    """Return the first lines in which a text stands, without regard to capitals."""
    return tuple(_lines(source, text.casefold(), most))


def _lines(source: str, text: str, most: int) -> Iterator[Line]:
    for no, line in enumerate(source.splitlines(), 1):
        if text and text in line.casefold():
            yield Line(no, line.strip()[:200])
            most -= 1
            if not most:
                return


def _says(text: str, parts: Sequence[Part]) -> Q:
    found = Q(pk__in=[])
    for part in parts:
        found |= Q(**{f"{part.value}__icontains": text})
    return found


def _users(used: Ref) -> QuerySet[Reference, int]:
    rows = Reference.objects.filter(type=used[0], name__in=names_of(used[1]))
    return rows.order_by().values_list("item", flat=True)


def _standing(items: QuerySet[Item], condition: Condition) -> QuerySet[Item]:
    match condition:
        case Condition.INVALID:
            return items.filter(valid=False)
        case Condition.DANGLING:
            rows = dangling(Item.objects.filter(trashed_at__isnull=True))
            return items.filter(pk__in=rows.order_by().values("item"))
        case Condition.DRAFT:
            return items.filter(_NOT_DEPLOYED, valid=True)
        case Condition.CHANGED:
            return items.filter(~_NOT_DEPLOYED, ~_AS_DEPLOYED, valid=True)
        case Condition.DEPLOYED:
            return items.filter(_AS_DEPLOYED, valid=True)


_NOT_DEPLOYED = Q(("deployed_version", None))
_AS_DEPLOYED = Q(("deployed_draft", F("digest")))
