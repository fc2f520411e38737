"""Brings what has changed here into a repository.

Git works outside of transactions, so callers do not open one around this.
"""

from collections.abc import Callable, Sequence

import msgspec
from django.db import transaction

from inventory.change import Change
from inventory.deployed import Ref
from inventory.models import Repository
from inventory.repositories.binding import clone_of, repository_at
from inventory.repositories.git import Clone
from inventory.repositories.refusal import refuse
from inventory.repositories.standing import moved_to
from inventory.repositories.texts import InCommit, deployed_in, drafts_in, file_for, texts_in
from inventory.repositories.three_way import Row, compared
from inventory.source import values_of


class Pushed(msgspec.Struct, frozen=True):
    """What a push has brought into the repository."""

    change: Change
    commit: str
    objects: tuple[Ref, ...]


def push(
    path: str,
    *,
    account: str,
    message: str,
    deployed: bool = False,
    note: Callable[[Pushed], None] = lambda _: None,
) -> Pushed:
    """Bring what has changed here into the repository, as one commit on top of its last.

    Args:
        path: the folder.
        account: who does it, and the author of the commit.
        message: of the commit.
        deployed: push the versions in use instead of the drafts.
        note: writes down what was done, in one transaction with the new commit of the folder.

    Raises:
        RepositoryRefused: the repository has moved on, or there is nothing to push.
    """
    if not message.strip():
        refuse("message-missing", "A commit has a message.", "message", path=path)
    repository = repository_at(path)
    with clone_of(repository) as clone:
        made, rows = _pushed(clone, repository, message, account, deployed=deployed)
    refs = tuple((row.kind, row.path) for row in rows)
    # Should this fail, the next pull finds both sides equal and moves the folder on.
    with transaction.atomic():
        done = Pushed(moved_to(repository, made, account, "push", refs), made, refs)
        note(done)
        return done


def _pushed(
    clone: Clone, repository: Repository, message: str, account: str, *, deployed: bool
) -> tuple[str, list[Row]]:
    path = repository.path
    head = clone.fetch(repository.branch)
    if head != repository.commit:
        refuse("push-behind", "The repository has moved on: pull first.", path=path)
    theirs = texts_in(clone, repository, head)
    ours = deployed_in(path, theirs.texts) if deployed else drafts_in(path)
    rows = compared(theirs.texts, theirs.texts, ours)
    if not rows:
        refuse("nothing-to-push", "Nothing has changed here.", path=path)
    blobs = _blobs(clone, repository, theirs, rows)
    made = clone.make_commit(head, blobs, message=message, author=account)
    clone.push(made, repository.branch)
    return made, rows


def _blobs(
    clone: Clone, repository: Repository, theirs: InCommit, rows: Sequence[Row]
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for row in rows:
        ref = (row.kind, row.path)
        old = theirs.files.get(ref)
        if row.ours is None:
            found[str(old)] = None
            continue
        form = values_of(row.ours).form.value
        # A file keeps its name where its notation is the same, as .yml does.
        fits = old is not None and (old.endswith(".json") == (form == "json"))
        file = old if fits and old is not None else file_for(ref, repository, form)
        if old is not None and old != file:
            found[old] = None
        found[file] = clone.write(row.ours.encode())
    return found
