"""Takes what an archive says into drafts: seen before, then all or nothing in one transaction.

Carrying out computes the preview anew; with the seal of the one that was seen, another outcome is
refused.
"""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec
from django.db import transaction
from msgspec.structs import replace

from engine.workflow.problem import Problem, Severity, problem, shown, warning
from inventory.archives.contents import Contents
from inventory.archives.placing import Placed, Placement, placed
from inventory.archives.signing import NO_TRUST, Trust, signature_problems
from inventory.archives.unpacking import FILE
from inventory.change import Change
from inventory.check import examine, refusal_reasons
from inventory.edit import put_draft
from inventory.errors import ArchiveRefused, EditedMeanwhile, Located
from inventory.keeping import ABSENT
from inventory.known import known_names
from inventory.models import Item
from inventory.paths import name_of
from inventory.tree_lock import Hold, hold_tree


class Stand(StrEnum):
    """How an object of the archive stands against the draft at its place."""

    NEW = "new"  # there is none
    CHANGED = "changed"  # it says something else, and is written over
    EQUAL = "equal"  # it is the same text
    KEPT = "kept"  # it says something else, and stays


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the objects.

    `overwrite` writes over drafts that differ, else they stay. `take_invalid` takes documents with
    errors as drafts to be mended, else they refuse the import.
    """

    placement: Placement = Placement()
    overwrite: bool = False
    take_invalid: bool = False


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """An object of the archive at its place; `edit_no` is that of the draft there, 0 for none."""

    kind: str
    path: str
    file: str
    source: str
    stand: Stand
    edit_no: int
    diff: str = ""
    valid: bool = True


class ImportPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import does; errors among the problems refuse it as a whole."""

    objects: tuple[Incoming, ...]
    problems: tuple[Located, ...]

    @property
    def possible(self) -> bool:
        """Tell whether nothing refuses it."""
        return all(found.problem.severity is not Severity.ERROR for found in self.problems)

    @property
    def seal(self) -> str:
        """A digest of what would be written over what."""
        said = [(o.kind, o.path, o.stand.value, o.edit_no, o.source) for o in self.objects]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def preview_import(
    contents: Contents, options: Options, *, trust: Trust = NO_TRUST, more: Sequence[Located] = ()
) -> ImportPreview:
    """Return what taking the objects would do. Nothing is written.

    Args:
        contents: what the archive says.
        options: where the objects go.
        trust: who may have signed them.
        more: problems that unpacking has found.
    """
    objects = placed(contents.objects, options.placement)
    there = _there(objects)
    rows = tuple(_incoming(each, there, options) for each in objects)
    problems = [*more, *contents.problems, *signature_problems(contents, trust)]
    problems += _place_problems(objects)
    problems += _taken_names(objects)
    for each, row in zip(objects, rows, strict=True):
        problems += _own_problems(each, row, options)
    if not objects:
        told = problem((), "nothing-named", "There is no object in it.")
        problems.append(Located(FILE, "", told))
    rows = tuple(sorted(rows, key=lambda row: (row.path, row.kind)))
    return ImportPreview(objects=_judged(rows, problems), problems=tuple(problems))


def carry_out_import(
    contents: Contents,
    options: Options,
    *,
    account: str,
    trust: Trust = NO_TRUST,
    more: Sequence[Located] = (),
    seen: str | None = None,
) -> tuple[Change, ...]:
    """Take the objects into drafts, all or none; nothing is deployed by that.

    Args:
        contents: what the archive says.
        options: where the objects go.
        account: who does it.
        trust: who may have signed them.
        more: problems that unpacking has found.
        seen: the seal of the preview that somebody has agreed to.

    Raises:
        ArchiveRefused: with all problems of all files.
        EditedMeanwhile: it would no longer do what was seen.
    """
    with transaction.atomic():
        hold_tree(Hold.MOVE)  # alone, so that what was compared is what is written over
        found = preview_import(contents, options, trust=trust, more=more)
        if not found.possible:
            errors = [p for p in found.problems if p.problem.severity is Severity.ERROR]
            raise ArchiveRefused(errors)
        if seen is not None and seen != found.seal:
            sentence = "Drafts have changed since the preview: look at it again."
            raise EditedMeanwhile([Located(FILE, "", problem((), "edited-meanwhile", sentence))])
        return tuple(_take(row, account) for row in found.objects if _writes(row))


def _writes(row: Incoming) -> bool:
    return row.stand in (Stand.NEW, Stand.CHANGED)


def _take(row: Incoming, account: str) -> Change:
    edit_no = row.edit_no or ABSENT
    done = put_draft(row.kind, row.path, row.source, account=account, edit_no=edit_no)
    return replace(done, verb="import")


def _there(objects: Iterable[Placed]) -> dict[tuple[str, str], tuple[str, int]]:
    paths = [each.path for each in objects]
    rows = Item.objects.filter(trashed_at__isnull=True, path__in=paths).order_by()
    found = rows.values_list("kind", "path", "source", "edit_no")
    return {(kind, path): (source, edit_no) for kind, path, source, edit_no in found}


def _incoming(
    each: Placed, there: Mapping[tuple[str, str], tuple[str, int]], options: Options
) -> Incoming:
    before, edit_no = there.get((each.kind, each.path), (None, 0))
    diff = ""
    if before is None:
        stand = Stand.NEW
    elif before == each.source:
        stand = Stand.EQUAL
    else:
        stand = Stand.CHANGED if options.overwrite else Stand.KEPT
        diff = difference_of(each.path, before, each.source)
    return Incoming(
        kind=each.kind, path=each.path, file=each.file, source=each.source, stand=stand,
        edit_no=edit_no, diff=diff,
    )  # fmt: skip


def difference_of(path: str, before: str, after: str) -> str:
    """Return what changes in a text as unified diff."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), fromfile=path, tofile=path, lineterm=""
    )
    return "\n".join(lines)


def _own_problems(each: Placed, row: Incoming, options: Options) -> Iterator[Located]:
    """Yield what is wrong with a document that would be written."""
    if each.names_kept:
        sentence = "The names in it cannot be changed alone; change them by hand."
        yield Located(FILE, each.file, warning((), "name-kept", sentence))
    if not _writes(row) or refusal_reasons(each.kind, each.path, each.source):
        return
    for found in examine(each.kind, each.source, known_names()).frozen.problems:
        if options.take_invalid and found.severity is Severity.ERROR:
            found = replace(found, severity=Severity.WARNING)  # noqa: PLW2901
        yield Located(FILE, each.file, found)


def _judged(rows: Sequence[Incoming], problems: Iterable[Located]) -> tuple[Incoming, ...]:
    """Return the rows with whether their documents are good, as far as they were read."""
    bad = {found.path for found in problems if found.problem.code not in _ABOUT_FILES}
    return tuple(replace(row, valid=row.file not in bad) for row in rows)


_ABOUT_FILES = frozenset(
    {"not-signed", "signature-invalid", "signature-unknown", "signature-alone", "passed-over"}
)


def _place_problems(objects: Iterable[Placed]) -> Iterator[Located]:
    """Yield paths that are none once folder, prefix and suffix are added."""
    for each in objects:
        for reason in refusal_reasons(each.kind, each.path, each.source):
            yield Located(FILE, each.file, reason.problem)


def _taken_names(objects: Sequence[Placed]) -> Iterator[Located]:
    """Yield names that somebody has in another folder, or that the archive has twice."""
    first: dict[tuple[str, str], Placed] = {}
    for each in objects:
        other = first.setdefault((each.kind, name_of(each.path)), each)
        if other is not each:
            yield Located(FILE, each.file, _taken(each, other.path))
    names = [name for _, name in first]
    rows = Item.objects.filter(trashed_at__isnull=True, name__in=names).order_by("path")
    for kind, name, path in rows.values_list("kind", "name", "path"):
        each_or_none = first.get((kind, name))
        if each_or_none is not None and each_or_none.path != path:
            yield Located(FILE, each_or_none.file, _taken(each_or_none, path))


def _taken(each: Placed, path: str) -> Problem:
    sentence = (
        f"There is a {each.kind} with the name {shown(name_of(each.path))} already: {path}."
        " Names are unique over all folders: give a prefix or suffix."
    )
    return problem(("path",), "name-taken", sentence)
