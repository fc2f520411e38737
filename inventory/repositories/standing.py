"""How a folder stands against its repository, and the commit that both were last in step with.

Git works outside of transactions, so callers do not open one around these.
"""

from collections.abc import Sequence

import msgspec
from django.db.models.functions import Now

from engine.workflow.problem import shown
from inventory.change import Change
from inventory.deployed import Ref
from inventory.errors import Located
from inventory.models import Repository
from inventory.repositories.binding import clone_of, repository_at
from inventory.repositories.git import Clone
from inventory.repositories.refusal import REPOSITORY, refuse
from inventory.repositories.texts import InCommit, drafts_in, texts_in
from inventory.repositories.three_way import Row, Standing, compared


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a folder stands: `head` is the branch's commit, `commit` the one last in step."""

    head: str
    commit: str
    rows: tuple[Row, ...]
    problems: tuple[Located, ...]

    def of(self, standing: Standing) -> list[Row]:
        """Return the objects with a standing."""
        return [row for row in self.rows if row.standing is standing]


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
        target = target_of(clone, repository, commit, fetch=fetch)
        base, theirs = sides_of(clone, repository, target)
    rows = compared(base.texts, theirs.texts, drafts_in(path))
    return Status(head=target, commit=repository.commit, rows=tuple(rows), problems=theirs.problems)


def target_of(clone: Clone, repository: Repository, commit: str, *, fetch: bool = True) -> str:
    """Return the commit that is meant, the branch's last by default; empty where it has none.

    Raises:
        RepositoryRefused: it cannot be reached, or the branch has no such commit.
    """
    head = clone.fetch(repository.branch) if fetch else clone.fetched(repository.branch)
    if not commit:
        return head
    is_id = 7 <= len(commit) <= 64 and all(c in "0123456789abcdef" for c in commit)
    found = clone.commit(commit) if is_id else ""
    if not found or not clone.contains(repository.branch, found):
        sentence = f"The branch has no commit {shown(commit)}; give 7 or more of its characters."
        refuse("commit-unknown", sentence, "commit", path=repository.path)
    return found


def sides_of(clone: Clone, repository: Repository, target: str) -> tuple[InCommit, InCommit]:
    """Return the texts of the commit last in step, and of the one that is looked at."""
    # A base that is gone, as after a forced push, leaves every difference to be chosen.
    base = clone.commit(repository.commit) if repository.commit else ""
    return texts_in(clone, repository, base), texts_in(clone, repository, target)


def moved_to(
    repository: Repository, commit: str, account: str, verb: str, refs: Sequence[Ref]
) -> Change:
    """Note the commit that both sides are now in step with, where nobody was faster.

    Raises:
        RepositoryRefused: somebody was.
    """
    before = repository.commit
    rows = Repository.objects.filter(pk=repository.pk, commit=before)
    if not rows.update(commit=commit, changed_by=account, changed_at=Now()):
        sentence = "Somebody else has pulled or pushed meanwhile: look again."
        refuse("moved-meanwhile", sentence, path=repository.path)
    after = {"commit": commit, "objects": [f"{kind}:{path}" for kind, path in refs]}
    return Change(verb, REPOSITORY, repository.path, {"commit": before}, after)
