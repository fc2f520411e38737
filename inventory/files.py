"""Objects as files: `FOLDER/NAME.workflow.json` or `.yaml`, read and deployed all or nothing."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from django.db import transaction

from engine.workflow.problem import problem
from inventory.change import Change
from inventory.check import examine, located, refusal_reasons
from inventory.deploy import deploy
from inventory.edit import put_draft
from inventory.errors import DeploymentRefused, InventoryRefusal, Located
from inventory.examining import candidates
from inventory.kinds import KINDS, Life, kind_of_file
from inventory.known import known_names
from inventory.models import Deployment
from inventory.paths import joined
from inventory.source import LARGEST_BYTES


class ObjectFile(msgspec.Struct, frozen=True):
    """A file that holds an object, and the object's path in the inventory."""

    file: Path
    kind: str
    path: str


class NoSuchFiles(Exception):
    """Paths that are not there, no object's file, or folders without any."""


class Deployed(msgspec.Struct, frozen=True):
    """What came of deploying files: the drafts as changed, and the deployment."""

    changes: tuple[Change, ...]
    deployment: Deployment


def find_files(paths: Sequence[Path], *, folder: str = "") -> list[ObjectFile]:
    """Return the object files named or below a named folder, sorted by path.

    The inventory path of a file below a named folder is its path from there; that of a file named
    by itself is its name. `folder` is put before all of them. Hidden files and folders are left
    out, links to folders are not followed.

    Raises:
        NoSuchFiles: with one line for each path that gives nothing.
    """
    found: dict[Path, ObjectFile] = {}
    wrong: list[str] = []
    for path in paths:
        here = _below(path, folder) if path.is_dir() else _single(path, folder)
        if not here:
            wrong.append(_why_nothing(path))
        found.update({each.file.resolve(): each for each in here})
    if wrong:
        raise NoSuchFiles("\n".join(wrong))
    return sorted(found.values(), key=lambda each: (each.path, each.kind))


def deploy_files(files: Sequence[ObjectFile], *, account: str, comment: str = "") -> Deployed:
    """Keep the files as drafts and deploy them; nothing is kept where one is refused.

    Raises:
        DeploymentRefused: with the problems of all files.
    """
    problems = list(_doubles(files))
    sources = _sources(files, problems)
    with transaction.atomic():
        changes = _put(sources, account, problems)
        refs = sorted({(f.kind, f.path) for f in files if KINDS[f.kind].life is Life.DEPLOYED})
        all_kept = len(changes) == len(files)
        problems += _own_problems(sources, all_kept=all_kept)
        if problems:
            found = candidates(refs).problems if all_kept and refs else ()
            raise DeploymentRefused([*problems, *found])
        return Deployed(changes, deploy(refs, account=account, comment=comment))


def _sources(files: Sequence[ObjectFile], problems: list[Located]) -> list[tuple[ObjectFile, str]]:
    """Return the texts that can be kept as drafts; add why others cannot."""
    sources: list[tuple[ObjectFile, str]] = []
    for each in files:
        source = _text(each, problems)
        reasons = () if source is None else refusal_reasons(each.kind, each.path, source)
        problems += reasons
        if source is not None and not reasons:
            sources.append((each, source))
    return sources


def _own_problems(
    sources: Iterable[tuple[ObjectFile, str]], *, all_kept: bool
) -> Iterator[Located]:
    """Yield what is wrong with drafts that no deployment looks at: what is not deployed.

    Where some files could not be kept none is deployed: whether a name is there nobody can tell.
    """
    for each, source in sources:
        if all_kept and KINDS[each.kind].life is Life.DEPLOYED:
            continue
        examined = examine(each.kind, source, known_names())
        if not examined.valid:
            yield from located(each.kind, each.path, examined.frozen.problems)


def _put(
    sources: Iterable[tuple[ObjectFile, str]], account: str, problems: list[Located]
) -> tuple[Change, ...]:
    changes: list[Change] = []
    for each, source in sources:
        try:
            changes.append(put_draft(each.kind, each.path, source, account=account))
        except InventoryRefusal as refusal:
            problems += refusal.problems
    return tuple(changes)


def _text(each: ObjectFile, problems: list[Located]) -> str | None:
    try:
        if each.file.stat().st_size > LARGEST_BYTES:
            sentence = f"The file is larger than {LARGEST_BYTES} bytes."
            problems += located(each.kind, each.path, [problem((), "too-large", sentence)])
            return None
        return each.file.read_text(encoding="utf-8")
    except UnicodeDecodeError as e:
        sentence = f"The file is no UTF-8: byte {e.start + 1} cannot be read."
    except OSError as e:
        sentence = f"The file cannot be read: {e.strerror}."
    problems += located(each.kind, each.path, [problem((), "file-unreadable", sentence)])
    return None


def _doubles(files: Sequence[ObjectFile]) -> Iterable[Located]:
    seen: dict[tuple[str, str], Path] = {}
    for each in files:
        first = seen.setdefault((each.kind, each.path), each.file)
        if first is not each.file:
            sentence = f"Two files are this object: {first} and {each.file}."
            yield Located(each.kind, each.path, problem((), "file-twice", sentence))


def _below(root: Path, folder: str) -> list[ObjectFile]:
    found: list[ObjectFile] = []
    for here, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(here).relative_to(root).as_posix()
        inside = joined(folder, inside) if inside != "." else folder
        for name in names:
            found += _object(Path(here) / name, inside)
    return found


def _single(file: Path, folder: str) -> list[ObjectFile]:
    return _object(file, folder) if file.is_file() else []


def _object(file: Path, folder: str) -> list[ObjectFile]:
    known = None if file.name.startswith(".") else kind_of_file(file.name)
    if known is None:
        return []
    kind, name = known
    return [ObjectFile(file, kind.name, joined(folder, name))]


def _why_nothing(path: Path) -> str:
    endings = ", ".join(f"NAME{kind.suffix}.json" for kind in KINDS.values())
    if not path.exists():
        return f"{path}: there is no such file or folder."
    if path.is_dir():
        return f"{path}: there is no object in this folder; files are named {endings} or .yaml."
    return f"{path}: this is no object's file; they are named {endings} or .yaml."
