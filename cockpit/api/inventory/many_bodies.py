"""What requests about many objects or whole folders may contain, and what the answers say."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from cockpit.api.inventory.bodies import ItemListed, ObjectRef, ProblemSeen
from cockpit.api.orders.bodies import Path, Remark, Tag, Ticket
from inventory.errors import Located
from inventory.renaming import Renaming
from inventory.replacing import Replacement

MOST_OBJECTS = 5_000

Objects = Annotated[list[ObjectRef], Meta(max_length=MOST_OBJECTS)]
Folder = Annotated[
    str,
    Meta(
        max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$", description="A folder; empty is the root."
    ),
]
Affix = Annotated[str, Meta(max_length=50, pattern=r"^[\w.-]*$")]


class Reasoned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why something is done."""

    comment: Remark = ""
    ticket: Ticket = ""


class FolderBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A folder to be made or removed."""

    folder: Path


class FolderMoveBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A folder that gets another path; with `dry_run` only what would change is told."""

    folder: Path
    to: Path
    dry_run: bool = False


class FolderCopyBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A folder that is copied; names are unique, so the copies need a prefix or suffix."""

    folder: Folder
    to: Folder
    prefix: Affix = ""
    suffix: Affix = ""
    dry_run: bool = False


class ManyBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Objects by name, or a folder with everything in it."""

    objects: Objects = []
    folder: Path | None = None


class ObjectsBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Objects by name."""

    objects: Objects


class TagBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Tags to be put on objects, and others to be taken off."""

    objects: Objects
    add: Annotated[list[Tag], Meta(max_length=50)] = []
    remove: Annotated[list[Tag], Meta(max_length=50)] = []


class TagChangeBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another name or group for a tag; what is left out stays, an empty group is none."""

    to: Tag | None = None
    group: Annotated[str, Meta(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None


class ReplaceBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is replaced in the texts of drafts; with `dry_run`, the default, nothing is kept.

    Without `objects` it is all drafts at and below `folder`. To keep, name the objects with the
    numbers that the dry run gave, or leave the numbers out.
    """

    text: Annotated[str, Meta(min_length=1, max_length=1_000)]
    replacement: Annotated[str, Meta(max_length=10_000)]
    regex: bool = False
    ignore_case: bool = False
    objects: Annotated[list["NumberedRef"], Meta(max_length=MOST_OBJECTS)] = []
    folder: Folder = ""
    type: list[str] = []
    dry_run: bool = True


class ValidateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The folder whose drafts are read; without one all are."""

    folder: Folder = ""


class NumberedRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An object and the number of its draft that was seen."""

    type: Annotated[str, Meta(min_length=1, max_length=40)]
    path: Path
    edit_no: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class LocatedSeen(ProblemSeen, frozen=True, kw_only=True):
    """A problem and the object that it is in."""

    type: str
    path: str


class ChangeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object or folder that a verb has changed; `to` is its path now, null where it is gone."""

    verb: str
    type: str
    path: str
    to: str | None


class ChangesSeen(msgspec.Struct, frozen=True):
    """Everything that a verb has changed."""

    changes: list[ChangeSeen]


class MoveSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object that gets another path, or whose copy gets it."""

    type: str
    path: str
    to: str


class EditSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A draft whose text changes, with the difference as unified diff."""

    type: str
    path: str
    diff: str


class RenamingSeen(msgspec.Struct, frozen=True):
    """What a verb would do; `problems` are texts that it cannot change."""

    moves: list[MoveSeen]
    edits: list[EditSeen]
    problems: list[LocatedSeen]


class ReplacementSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in which something is replaced, at `count` places, and its problems afterwards."""

    type: str
    path: str
    edit_no: int
    count: int
    diff: str
    was_valid: bool
    valid: bool
    problems: list[LocatedSeen]


class ReplacementsSeen(msgspec.Struct, frozen=True):
    """What would be replaced; nothing has been kept."""

    objects: list[ReplacementSeen]


class ValidationSeen(msgspec.Struct, frozen=True):
    """All problems of many drafts, errors and warnings."""

    objects: int
    valid: bool
    problems: list[LocatedSeen]


class TrashedSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object in the trash."""

    type: str
    path: str
    title: str
    trashed_at: dt.datetime | None
    trashed_by: str


class TrashPage(msgspec.Struct, frozen=True):
    """What is in the trash, last trashed first; `older` is the cursor of the next page."""

    objects: list[TrashedSeen]
    older: str | None


class TagSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A tag, its group, and how many objects have it."""

    name: str
    group: str
    objects: int


class TagList(msgspec.Struct, frozen=True):
    """All tags by group and name."""

    tags: list[TagSeen]


class TextLineSeen(msgspec.Struct, frozen=True):
    """A line of a text, from 1."""

    no: int
    text: str


class HitSeen(msgspec.Struct, frozen=True):
    """A draft that was found, and the first lines in which the text stands."""

    object: ItemListed
    lines: list[TextLineSeen]


class HitPage(msgspec.Struct, frozen=True):
    """A page of drafts that were found; `older` is the cursor of the next page."""

    hits: list[HitSeen]
    older: str | None


def located_seen(found: Located) -> LocatedSeen:
    """Return a problem with its object for the API."""
    told = found.problem
    return LocatedSeen(
        type=found.kind,
        path=found.path,
        place=told.place,
        sentence=told.sentence,
        code=told.code,
        severity=told.severity.value,
    )


def renaming_seen(renaming: Renaming) -> RenamingSeen:
    """Return what a renaming would do for the API."""
    return RenamingSeen(
        [MoveSeen(type=m.kind, path=m.path, to=m.to) for m in renaming.moves],
        [EditSeen(type=e.kind, path=e.path, diff=e.diff) for e in renaming.edits],
        [located_seen(found) for found in renaming.problems],
    )


def replacement_seen(found: Replacement) -> ReplacementSeen:
    """Return what would be replaced in a draft for the API."""
    return ReplacementSeen(
        type=found.kind,
        path=found.path,
        edit_no=found.edit_no,
        count=found.count,
        diff=found.diff,
        was_valid=found.was_valid,
        valid=found.valid,
        problems=[located_seen(problem) for problem in found.problems],
    )
