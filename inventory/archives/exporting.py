"""Chooses objects and writes them into an archive, one by one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import IO

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import Exists, OuterRef, QuerySet

from engine.workflow.problem import problem, shown
from inventory.archives.contents import meta_document
from inventory.archives.file_names import META, file_of
from inventory.archives.format import ArchiveFormat
from inventory.archives.packing import pack
from inventory.archives.signing import SUFFIX, signature_of
from inventory.archives.unpacking import Member
from inventory.dependencies import reachable
from inventory.deployed import Ref, deployed_items
from inventory.errors import ExportRefused, Located
from inventory.form import Form
from inventory.kinds import KINDS, Life
from inventory.models import Item, Version
from inventory.paths import is_within
from inventory.references.named import document_of
from inventory.source import values_of

MOST_OBJECTS = 10_000
_AT_ONCE = 200


class Edition(StrEnum):
    """Which text of an object is written."""

    DRAFT = "draft"  # as it stands
    DEPLOYED = "deployed"  # as it was when the version in use was deployed or released


class Notation(StrEnum):
    """How texts are written."""

    AS_WRITTEN = "as-written"  # JSON and YAML as their authors wrote them
    JSON = "json"  # YAML as JSON, for JS7


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which objects: named ones, and those in a folder; `kinds` narrows the folder's.

    `with_references` adds what they use, directly or not.
    """

    objects: tuple[Ref, ...] = ()
    folder: str | None = None
    kinds: tuple[str, ...] = ()
    recursive: bool = True
    with_references: bool = False


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How the archive is written.

    `start_folder` is cut from the paths. `signer` puts a signature beside each file; `for_signing`
    leaves out what needs none: released objects, and texts that are not JSON are written as such.
    """

    form: ArchiveFormat = ArchiveFormat.ZIP
    edition: Edition = Edition.DRAFT
    notation: Notation = Notation.AS_WRITTEN
    start_folder: str = ""
    for_signing: bool = False
    signer: Ed25519PrivateKey | None = None
    product: str = "Stellwerk"


class Entry(msgspec.Struct, frozen=True, order=True):
    """A file to be written, and the row that its text is read from."""

    file: str
    kind: str
    path: str
    row: int


def export(
    selection: Selection, layout: Layout, items: QuerySet[Item], out: IO[bytes]
) -> list[Entry]:
    """Write the archive and return its objects by file.

    Args:
        selection: which objects.
        layout: how they are written.
        items: the drafts that the account may see; nothing else is found.
        out: can be sought in.

    Raises:
        ExportRefused: with all that is not there, not deployed, or outside the start folder.
    """
    entries = entries_of(selection, layout, items)
    pack(_members(entries, layout), layout.form, out)
    return entries


def entries_of(selection: Selection, layout: Layout, items: QuerySet[Item]) -> list[Entry]:
    """Return what would be written, by the names of the files.

    Raises:
        ExportRefused: as `export`.
    """
    refs, problems = _refs(selection, layout, items)
    rows = _drafts(items) if layout.edition is Edition.DRAFT else _versions(items)
    there = {(kind, path): (pk, form) for pk, kind, path, form in rows if (kind, path) in refs}
    for ref in sorted(set(selection.objects) & refs - set(there)):
        sentence = f"The {ref[0]} {shown(ref[1])} is not deployed."
        problems.append(Located(*ref, problem(("objects",), "not-deployed", sentence)))
    problems += _outside(there, layout.start_folder)
    if len(there) > MOST_OBJECTS:
        sentence = f"{len(there)} objects are too many; at most {MOST_OBJECTS} are exported."
        problems.append(Located("", "", problem((), "too-many", sentence)))
    if not there and not problems:
        problems.append(Located("", "", problem((), "nothing-named", "There is no object.")))
    if problems:
        raise ExportRefused(problems)
    return sorted(_entry(ref, *found, layout) for ref, found in there.items())


def _refs(
    selection: Selection, layout: Layout, items: QuerySet[Item]
) -> tuple[set[Ref], list[Located]]:
    found = set(items.order_by().values_list("kind", "path").iterator())
    problems = [
        Located(
            *ref, problem(("objects",), "item-unknown", f"There is no {ref[0]} {shown(ref[1])}.")
        )
        for ref in sorted(set(selection.objects) - found)
    ]
    wanted = set(selection.objects) & found
    if selection.folder is not None:
        wanted |= {ref for ref in found if _in_folder(ref, selection)}
    if selection.with_references:
        wanted |= reachable(wanted, items)
    if layout.for_signing:
        wanted = {ref for ref in wanted if KINDS[ref[0]].life is Life.DEPLOYED}
    return wanted, problems


def _in_folder(ref: Ref, selection: Selection) -> bool:
    kind, path = ref
    folder = (selection.folder or "").strip("/")
    if selection.kinds and kind not in selection.kinds:
        return False
    return (
        is_within(path, folder)
        and path != folder
        and (selection.recursive or path.rpartition("/")[0] == folder)
    )


def _drafts(items: QuerySet[Item]) -> Iterable[tuple[int, str, str, str]]:
    return items.order_by().values_list("pk", "kind", "path", "form").iterator()


def _versions(items: QuerySet[Item]) -> Iterable[tuple[int, str, str, str]]:
    in_use = deployed_items().filter(
        kind=OuterRef("kind"), path=OuterRef("path"), version=OuterRef("version")
    )
    rows = Version.objects.filter(Exists(in_use), path__in=items.order_by().values("path"))
    return rows.order_by().values_list("pk", "kind", "path", "form").iterator()


def _outside(there: Iterable[Ref], start: str) -> Iterator[Located]:
    for kind, path in sorted(there):
        if start and not path.startswith(f"{start}/"):
            sentence = f"The {kind} {shown(path)} is not in the folder {shown(start)}."
            yield Located(kind, path, problem(("start_folder",), "outside", sentence))


def _entry(ref: Ref, row: int, form: str, layout: Layout) -> Entry:
    kind, path = ref
    written = Form.JSON.value if _as_json(layout) else form
    start = layout.start_folder
    return Entry(file_of(kind, path[len(start) + 1 :] if start else path, written), *ref, row)


def _as_json(layout: Layout) -> bool:
    return layout.for_signing or layout.notation is Notation.JSON


def _members(entries: Sequence[Entry], layout: Layout) -> Iterator[Member]:
    """Yield the files by name, reading a few texts at a time."""
    meta: Member | None = meta_document(layout.product)
    for member in _signed(_documents(entries, layout), layout):
        if meta is not None and member.name > META:
            yield meta
            meta = None
        yield member
    if meta is not None:
        yield meta


def _signed(members: Iterable[Member], layout: Layout) -> Iterator[Member]:
    for member in members:
        yield member
        if layout.signer is not None:
            yield signature_of(layout.signer, member)


def _documents(entries: Sequence[Entry], layout: Layout) -> Iterator[Member]:
    model = Item if layout.edition is Edition.DRAFT else Version
    for begin in range(0, len(entries), _AT_ONCE):
        part = entries[begin : begin + _AT_ONCE]
        rows = model._default_manager.filter(pk__in=[entry.row for entry in part])  # noqa: SLF001
        sources = dict(rows.values_list("pk", "source"))
        for entry in part:
            if entry.row in sources:
                yield Member(entry.file, _text(sources[entry.row], layout).encode())


def _text(source: str, layout: Layout) -> str:
    values = values_of(source)
    if not _as_json(layout) or values.form is Form.JSON or values.data is None:
        return source
    return json.dumps(document_of(values.data), indent=2, ensure_ascii=False) + "\n"


__all__ = ["SUFFIX", "Edition", "Entry", "Layout", "Notation", "Selection", "entries_of", "export"]
