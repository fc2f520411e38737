"""What requests about archives may contain, and what the answers say."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cockpit.api.inventory.bodies import ObjectRef
from cockpit.api.inventory.many_bodies import Affix, Folder, LocatedSeen, Objects, located_seen
from cockpit.api.orders.bodies import Remark, Ticket
from cockpit.api.query import one_of
from inventory.archives.importing import ImportPreview
from inventory.kinds import KINDS

Format = Literal["zip", "tar.gz"]
EditionWord = Literal["draft", "deployed"]
Types = Annotated[list[str], Meta(max_length=50)]
Seal = Annotated[str, Meta(max_length=64, pattern=r"^[0-9a-f]*$")]


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A folder, with everything below it; `edition` deployed is the text of versions in use."""

    folder: str = ""
    type: list[Annotated[str, one_of(KINDS)]] = []
    recursive: bool = True
    with_references: bool = False
    edition: EditionWord = "draft"
    format: Format = "zip"


class ExportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is exported, and how.

    `with_references` adds what the objects use. `notation` json writes YAML as JSON, for JS7.
    `start_folder` is cut from the paths. `sign` puts a signature of this site beside each file;
    `for_signing` leaves out what needs none.
    """

    objects: Objects = []
    folder: Folder | None = None
    type: Types = []
    recursive: bool = True
    with_references: bool = False
    edition: EditionWord = "draft"
    format: Format = "zip"
    notation: Literal["as-written", "json"] = "as-written"
    start_folder: Folder = ""
    sign: bool = False
    for_signing: bool = False


class ImportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the objects of an archive.

    `prefix` and `suffix` go around each name, also where others of the archive name it. Drafts that
    say something else stay unless `overwrite`. `take_invalid` takes documents with errors as drafts
    to be mended, `skip_unknown` passes over files that are no objects.
    """

    target_folder: Folder = ""
    prefix: Affix = ""
    suffix: Affix = ""
    overwrite: bool = False
    take_invalid: bool = False
    skip_unknown: bool = False
    dry_run: bool = False
    seen: Seal = ""
    comment: Remark = ""
    ticket: Ticket = ""


class IncomingSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An object of an archive: `stand` is new, changed, equal or kept; `diff` where they differ."""

    object: ObjectRef
    file: str
    stand: str
    valid: bool
    diff: str


class ImportSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What an import does; `seal` names exactly this outcome."""

    possible: bool
    seal: str
    objects: list[IncomingSeen]
    problems: list[LocatedSeen]


def import_seen(found: ImportPreview) -> ImportSeen:
    """Return an import for the API."""
    return ImportSeen(
        possible=found.possible,
        seal=found.seal,
        objects=[
            IncomingSeen(
                object=ObjectRef(type=row.kind, path=row.path),
                file=row.file,
                stand=row.stand.value,
                valid=row.valid,
                diff=row.diff,
            )
            for row in found.objects
        ],
        problems=[located_seen(problem) for problem in found.problems],
    )
