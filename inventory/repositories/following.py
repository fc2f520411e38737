"""Brings drafts and repository together: looking, pulling, deploying a commit, pushing.

Both sides are compared with the commit that they were last in step with. Git works outside of
transactions, so callers do not open one around these; what it gave is written in one, where nobody
has moved the folder on meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from django.db import transaction
from django.db.models.functions import Now
from msgspec.structs import replace

from engine.workflow.problem import Severity, problem, shown
from inventory.change import Change
from inventory.deploy import deploy
from inventory.deployed import Ref
from inventory.edit import put_draft
from inventory.errors import InventoryRefusal, Located, RepositoryRefused
from inventory.models import Deployment, Repository
from inventory.repositories.binding import clone_of, repository_at
from inventory.repositories.git import Clone
from inventory.repositories.refusal import REPOSITORY, refuse
from inventory.repositories.texts import InCommit, deployed_in, drafts_in, file_for, texts_in
from inventory.repositories.three_way import Row, Side, Standing, compared
from inventory.source import values_of
from inventory.trashing import trash_all
from inventory.tree_lock import Hold, hold_tree

Choices = Mapping[Ref, Side]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a folder stands: `head` is the branch's commit, `commit` the one last in step."""

    head: str
    commit: str
    rows: tuple[Row, ...]
    problems: tuple[Located, ...]

    def of(self, standing: Standing) -> list[Row]:
        """Return the objects with a standing."""
        return [row for row in self.rows if row.standing is standing]


class Pulled(msgspec.Struct, frozen=True):
    """What a pull has changed; the last change is the repository's own."""

    changes: tuple[Change, ...]
    commit: str
    deployment: Deployment | None = None


class Pushed(msgspec.Struct, frozen=True):
    """What a push has brought into the repository."""

    change: Change
    commit: str
    objects: tuple[Ref, ...]


def status(path: str, *, fetch: bool = True, commit: str = "") -> Status:
    """Return how the drafts of a folder stand against its repository. Nothing is written.

    Args:
        path: the folder.
        fetch: whether to ask the repository; else what was fetched last counts.
        commit: compare with this one instead of the branch's last.

    Raises:
        RepositoryRefused: it cannot be reached, or has no such commit.
    """
    repository = repository_at(path)
    with clone_of(repository) as clone:
        target = _target(clone, repository, commit, fetch=fetch)
        base, theirs = _sides(clone, repository, target)
    rows = compared(base.texts, theirs.texts, drafts_in(path))
    return Status(head=target, commit=repository.commit, rows=tuple(rows), problems=theirs.problems)


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
        done = Pushed(_moved(repository, made, account, "push", refs), made, refs)
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


def _fetched(repository: Repository, commit: str, seen: str) -> tuple[InCommit, InCommit, str]:
    with clone_of(repository) as clone:
        target = _target(clone, repository, commit)
        if seen and seen != target:
            refuse("moved-meanwhile", "The branch has moved on: look again.", path=repository.path)
        if not target:
            sentence = f"There is no branch {shown(repository.branch)} yet: push first."
            refuse("branch-unknown", sentence, "branch", path=repository.path)
        base, theirs = _sides(clone, repository, target)
    errors = [p for p in theirs.problems if p.problem.severity is Severity.ERROR]
    if errors:
        raise RepositoryRefused(errors)
    return base, theirs, target


def _target(clone: Clone, repository: Repository, commit: str, *, fetch: bool = True) -> str:
    head = clone.fetch(repository.branch) if fetch else clone.fetched(repository.branch)
    if not commit:
        return head
    is_id = 7 <= len(commit) <= 64 and all(c in "0123456789abcdef" for c in commit)
    found = clone.commit(commit) if is_id else ""
    if not found or not clone.contains(repository.branch, found):
        sentence = f"The branch has no commit {shown(commit)}; give 7 or more of its characters."
        refuse("commit-unknown", sentence, "commit", path=repository.path)
    return found


def _sides(clone: Clone, repository: Repository, target: str) -> tuple[InCommit, InCommit]:
    # A base that is gone, as after a forced push, leaves every difference to be chosen.
    base = clone.commit(repository.commit) if repository.commit else ""
    return texts_in(clone, repository, base), texts_in(clone, repository, target)


def _taken(
    repository: Repository, base: InCommit, theirs: InCommit, target: str, choices: Choices,
    account: str,
) -> tuple[Change, ...]:  # fmt: skip
    hold_tree(Hold.MOVE)
    rows = compared(base.texts, theirs.texts, drafts_in(repository.path))
    _refuse_undecided(rows, choices)
    taken = [row for row in rows if _is_taken(row, choices)]
    changes = _written(taken, account)
    moved = _moved(repository, target, account, "pull", [(r.kind, r.path) for r in taken])
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


def _moved(
    repository: Repository, commit: str, account: str, verb: str, refs: Sequence[Ref]
) -> Change:
    """Note the commit that both sides are now in step with, where nobody was faster."""
    before = repository.commit
    rows = Repository.objects.filter(pk=repository.pk, commit=before)
    if not rows.update(commit=commit, changed_by=account, changed_at=Now()):
        sentence = "Somebody else has pulled or pushed meanwhile: look again."
        refuse("moved-meanwhile", sentence, path=repository.path)
    after = {"commit": commit, "objects": [f"{kind}:{path}" for kind, path in refs]}
    return Change(verb, REPOSITORY, repository.path, {"commit": before}, after)


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


__all__ = ["Choices", "Pulled", "Pushed", "Status", "deploy_commit", "pull", "push", "status"]
