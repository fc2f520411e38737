"""Which folder is in which repository, and the clone of it on this machine."""

import fcntl
import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from inventory.change import Change
from inventory.models import Repository
from inventory.paths import path_problems
from inventory.repositories.address import GitRules, address_of, pinned
from inventory.repositories.credentials import credentials_of
from inventory.repositories.git import Clone
from inventory.repositories.refusal import REPOSITORY, refuse

FOLDER = "repositories"
BUSY_S = 20.0
_POLL_S = 0.05
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)|@\{))\w(?:[\w./+#-]*[\w+#-])?")


def rules_of_site() -> GitRules:
    """Return what the settings allow."""
    return GitRules(
        schemes=tuple(settings.STELLWERK_GIT_SCHEMES),
        hosts=tuple(settings.STELLWERK_GIT_HOSTS),
        folders=tuple(settings.STELLWERK_GIT_FOLDERS),
        timeout_s=float(settings.STELLWERK_GIT_TIMEOUT),
    )


def bind(
    path: str,
    address: str,
    *,
    account: str,
    branch: str = "main",
    directory: str = "",
    credentials: str = "",
) -> Change:
    """Note that a folder is kept in a repository; nothing is fetched or taken by that.

    Args:
        path: the folder; the root is the empty path.
        address: https, ssh or, where the settings allow it, a local path.
        account: who does it.
        branch: the branch that is followed.
        directory: the folder in the repository; the root is the empty path.
        credentials: name of credentials on the machines of the cockpit.

    Raises:
        RepositoryRefused: the address is not allowed, the credentials are not for it, or the folder
            or one around or below it is bound already.
    """
    found = address_of(address, rules_of_site())
    for field, text in (("folder", path), ("directory", directory)):
        for wrong in path_problems(text) if text else ():
            refuse(wrong.code, wrong.sentence, field, path=path)
    if not _BRANCH.fullmatch(branch):
        refuse("branch-unusable", "This is no name of a branch.", "branch", path=path)
    credentials_of(credentials, found, Path(settings.STELLWERK_HOME))
    fields = {"address": found.text, "branch": branch, "directory": directory,
              "credentials": credentials}  # fmt: skip
    with transaction.atomic():
        _refuse_bound(path)
        try:
            with transaction.atomic():
                Repository.objects.create(path=path, changed_by=account, changed_at=Now(), **fields)
        except IntegrityError:
            _refuse_taken(path, path)
    return Change("bind", REPOSITORY, path, None, {"path": path, **fields})


def unbind(path: str) -> Change:
    """Forget that a folder is kept in a repository; drafts and repository stay as they are.

    Raises:
        RepositoryRefused: it is not bound.
    """
    with transaction.atomic():
        there = repository_at(path)
        fields = {name: getattr(there, name) for name in ("path", "address", "branch", "commit")}
        there.delete()
    shutil.rmtree(_clone_folder(there), ignore_errors=True)
    return Change("unbind", REPOSITORY, path, fields, None)


def repository_at(path: str) -> Repository:
    """Return the repository of a folder.

    Raises:
        RepositoryRefused: it has none.
    """
    found = Repository.objects.filter(path=path).first()
    if found is None:
        refuse("not-bound", f"The folder {path or '/'} is in no repository.", "folder", path=path)
    return found


@contextmanager
def clone_of(repository: Repository) -> Iterator[Clone]:
    """Open the clone on this machine; nobody else works in it meanwhile.

    Raises:
        RepositoryRefused: it is not allowed any more, or somebody works in it for long.
    """
    home = Path(settings.STELLWERK_HOME)
    rules = rules_of_site()
    address = address_of(repository.address, rules)
    clone = Clone(
        folder=_clone_folder(repository),
        address=address,
        rules=rules,
        credentials=credentials_of(repository.credentials, address, home),
        pin=pinned(address, rules, _resolve),
    )
    with _alone(clone.folder):
        yield clone


def _clone_folder(repository: Repository) -> Path:
    # Another address is another clone: what was fetched before is nothing of it.
    place = f"{repository.pk} {repository.address}".encode()
    name = f"{repository.pk}-{hashlib.sha256(place).hexdigest()[:12]}.git"
    return Path(settings.STELLWERK_HOME) / FOLDER / name


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(fd)
        yield
    finally:
        os.close(fd)


def _wait_for(fd: int) -> None:
    end = time.monotonic() + BUSY_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                refuse("repository-busy", "Somebody works with this repository: try again.")
            time.sleep(_POLL_S)
        else:
            return


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _refuse_bound(path: str) -> None:
    for other in Repository.objects.values_list("path", flat=True):
        around, below = f"{other}/" if other else "", f"{path}/" if path else ""
        if path == other or path.startswith(around) or other.startswith(below):
            _refuse_taken(path, other)


def _refuse_taken(path: str, other: str) -> None:
    sentence = f"The folder {other or '/'} is in a repository already."
    refuse("bound-already", sentence, "folder", path=path)
