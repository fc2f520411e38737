"""The texts of both sides: drafts and versions of a folder, files of a commit."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from engine.workflow.problem import problem, warning
from inventory.archives.contents import contents_of
from inventory.archives.file_names import Sort, file_of, name_problems, role_of
from inventory.archives.unpacking import FILE, Member
from inventory.deployed import Ref, deployed_items
from inventory.errors import Located
from inventory.models import Item, Repository, Version
from inventory.paths import is_within, joined
from inventory.repositories.git import Clone
from inventory.source import LARGEST_BYTES

Sources: TypeAlias = dict[Ref, str]


class InCommit(msgspec.Struct, frozen=True):
    """The objects of a commit: their texts and files, and what is wrong with other files."""

    texts: Mapping[Ref, str]
    files: Mapping[Ref, str]
    problems: tuple[Located, ...]


def texts_in(clone: Clone, repository: Repository, commit: str) -> InCommit:
    """Return the objects of a commit at their paths in the inventory.

    Files that are no objects are nobody's matter: a repository may hold anything beside them.
    """
    directory = repository.directory
    wanted, problems = [], []
    for file in clone.files(commit, directory):
        inner = file.name[len(directory) + 1 :] if directory else file.name
        if role_of(inner).sort is not Sort.OBJECT:
            continue
        wrong = name_problems(inner)
        if file.size > LARGEST_BYTES:
            wrong.append(problem((), "too-large", f"It has more than {LARGEST_BYTES} bytes."))
        problems += [Located(FILE, inner, warning((), w.code, w.sentence)) for w in wrong]
        if not wrong:
            wanted.append(file)
    contents = clone.read(wanted)
    cut = len(directory) + 1 if directory else 0
    found = contents_of(Member(name[cut:], content) for name, content in contents.items())
    rows = {(each.kind, joined(repository.path, each.path)): each for each in found.objects}
    return InCommit(
        {ref: each.source for ref, each in rows.items()},
        {ref: joined(directory, each.file) for ref, each in rows.items()},
        (*problems, *found.problems),
    )


def drafts_in(folder: str) -> Sources:
    """Return the texts of the drafts in a folder."""
    items = Item.objects.filter(trashed_at__isnull=True).within([folder])
    rows = items.order_by().values_list("kind", "path", "source").iterator()
    return {(kind, path): source for kind, path, source in rows}


def deployed_in(folder: str, before: Mapping[Ref, str]) -> Sources:
    """Return the texts of the versions in use; `before` stands for drafts that are not deployed."""
    drafts = drafts_in(folder)
    used = {
        (kind, path, version)
        for kind, path, version in deployed_items().values_list("kind", "path", "version")
        if is_within(path, folder)
    }
    rows = Version.objects.filter(version__in=[version for _, _, version in used])
    found = {ref: before[ref] for ref in drafts if ref in before}
    for kind, path, version, source in rows.values_list("kind", "path", "version", "source"):
        if (kind, path, version) in used:
            found[kind, path] = source
    return found


def file_for(ref: Ref, repository: Repository, form: str) -> str:
    """Return the name of an object's file in the repository."""
    kind, path = ref
    inner = path[len(repository.path) + 1 :] if repository.path else path
    return joined(repository.directory, file_of(kind, inner, form))
