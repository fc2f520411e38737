"""Takes commits of a repository into drafts, and deploys them.

Both sides are compared with the commit that they were last in step with. Git works outside of
transactions, so callers do not open one around these; what it gave is written in one, where nobody
has moved the folder on meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from django.db import transaction
from msgspec.structs import replace

from engine.workflow.problem import Severity, problem, shown
from inventory.change import Change
from inventory.deploy import deploy
from inventory.deployed import Ref
from inventory.edit import put_draft
from inventory.errors import InventoryRefusal, Located, RepositoryRefused
from inventory.models import Deployment, Repository
from inventory.repositories.binding import clone_of, repository_at
from inventory.repositories.refusal import refuse
from inventory.repositories.standing import moved_to, sides_of, target_of
from inventory.repositories.texts import InCommit, drafts_in
from inventory.repositories.three_way import Row, Side, Standing, compared
from inventory.trashing import trash_all
from inventory.tree_lock import Hold, hold_tree

Choices = Mapping[Ref, Side]


class Pulled(msgspec.Struct, frozen=True):
    """What a pull has changed; the last change is the repository's own."""

    changes: tuple[Change, ...]
    commit: str
    deployment: Deployment | None = None


def pull(
    path: str,
    *,
    account: str,
    choices: Choices | None = None,
    commit: str = "",
    seen: str = "",
    note: Callable[[Pulled], None] = lambda _: None,
) -> Pulled:
    """Take what has changed in the repository into drafts, all or nothing.

    Args:
        path: the folder.
        account: who does it.
        choices: whose text counts where both have changed one; `theirs` also gives up own changes.
        commit: take the drafts to this commit of the branch instead of its last.
        seen: the commit that somebody has looked at; another one is refused.
        note: writes down what is done, within its transaction.

    Raises:
        RepositoryRefused: with all objects for which somebody has to choose, and everything that
            keeps drafts from being written or trashed.
    """
    repository = repository_at(path)
    base, theirs, target = _fetched(repository, commit, seen)
    with transaction.atomic():
        changes = _taken(repository, base, theirs, target, choices or {}, account)
        done = Pulled(changes, target)
        note(done)
        return done


def deploy_commit(
    path: str,
    *,
    account: str,
    comment: str = "",
    choices: Choices | None = None,
    commit: str = "",
    seen: str = "",
    note: Callable[[Pulled], None] = lambda _: None,
) -> Pulled:
    """Take a commit into drafts and deploy its objects; the deployment remembers the commit.

    Args:
        path: the folder.
        account: who does it.
        comment: why, for people.
        choices: as for `pull`; own changes must be given up or pushed before.
        commit: the commit; the branch's last by default.
        seen: the commit that somebody has looked at; another one is refused.
        note: writes down what is done, within its transaction.

    Raises:
        RepositoryRefused: as `pull`, and where drafts have changes that the commit has not.
        DeploymentRefused: with all problems of all objects; nothing has been written.
        SiteKeyUnusable: nothing can be signed here.
    """
    repository = repository_at(path)
    base, theirs, target = _fetched(repository, commit, seen)
    with transaction.atomic():
        changes = _taken(repository, base, theirs, target, choices or {}, account)
        _refuse_own(path, theirs)
        made = deploy(sorted(theirs.texts), account=account, comment=comment)
        Deployment.objects.filter(pk=made.pk).update(commit=target)
        made.refresh_from_db()
        done = Pulled(changes, target, made)
        note(done)
        return done


def _fetched(repository: Repository, commit: str, seen: str) -> tuple[InCommit, InCommit, str]:
    with clone_of(repository) as clone:
        target = target_of(clone, repository, commit)
        if seen and seen != target:
            refuse("moved-meanwhile", "The branch has moved on: look again.", path=repository.path)
        if not target:
            sentence = f"There is no branch {shown(repository.branch)} yet: push first."
            refuse("branch-unknown", sentence, "branch", path=repository.path)
        base, theirs = sides_of(clone, repository, target)
    errors = [p for p in theirs.problems if p.problem.severity is Severity.ERROR]
    if errors:
        raise RepositoryRefused(errors)
    return base, theirs, target


def _taken(
    repository: Repository, base: InCommit, theirs: InCommit, target: str, choices: Choices,
    account: str,
) -> tuple[Change, ...]:  # fmt: skip
    hold_tree(Hold.MOVE)
    rows = compared(base.texts, theirs.texts, drafts_in(repository.path))
    _refuse_undecided(rows, choices)
    taken = [row for row in rows if _is_taken(row, choices)]
    changes = _written(taken, account)
    moved = moved_to(repository, target, account, "pull", [(r.kind, r.path) for r in taken])
    return (*changes, moved)


def _is_taken(row: Row, choices: Choices) -> bool:
    choice = choices.get((row.kind, row.path))
    return choice is Side.THEIRS or (row.standing is Standing.THEIRS and choice is not Side.OURS)


def _refuse_undecided(rows: Sequence[Row], choices: Choices) -> None:
    open_ones = [
        row for row in rows
        if row.standing is Standing.BOTH and (row.kind, row.path) not in choices
    ]  # fmt: skip
    sentence = "It was changed here and in the repository: choose one of the two."
    found = [Located(r.kind, r.path, problem((), "both-changed", sentence)) for r in open_ones]
    if found:
        raise RepositoryRefused(found)


def _refuse_own(path: str, theirs: InCommit) -> None:
    """Refuse to deploy as a commit what is not in it."""
    drafts = drafts_in(path)
    sentence = "The draft has changes that the commit has not: push them or give them up."
    found = [
        Located(*ref, problem((), "not-in-commit", sentence))
        for ref, source in sorted(theirs.texts.items())
        if drafts.get(ref) != source
    ]
    if found:
        raise RepositoryRefused(found)


def _written(rows: Sequence[Row], account: str) -> list[Change]:
    """Put files into drafts and removed ones into the trash, with all refusals at once."""
    changes: list[Change] = []
    problems: list[Located] = []
    gone = [(row.kind, row.path) for row in rows if row.theirs is None]
    try:
        # First, so that a name that moves to another file is free.
        changes += trash_all(gone, account=account) if gone else ()
    except InventoryRefusal as refused:
        problems += refused.problems
    for row in rows:
        if row.theirs is None:
            continue
        try:
            changes.append(put_draft(row.kind, row.path, row.theirs, account=account))
        except InventoryRefusal as refused:
            problems += refused.problems
    if problems:
        raise RepositoryRefused(problems)
    return [replace(change, verb="pull") for change in changes]
