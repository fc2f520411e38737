"""File order sources as they are now: watched or not, and which file has which order."""

import datetime as dt
from typing import Any, Literal, TypeAlias

import msgspec
from django.conf import settings

from cockpit.access.failures import NotThere
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.moments import moment
from cockpit.api.resources.listing import PathQuery, path_page
from controller import looking_files as looking
from engine.files.names import shown, shown_name

SourceWord: TypeAlias = Literal["watching", "problem", "starting", "withdrawn"]
FileWord: TypeAlias = Literal["ordered", "waiting", "refused", "vanished"]


class FileSourceListed(msgspec.Struct, frozen=True, kw_only=True):
    """A file order source.

    `state` is `starting` until its agent has said something, and `withdrawn` once it was revoked
    and orders of its files are left. `files` counts the names that are known, `refused` those of
    them whose order could not be added yet.
    """

    path: str
    title: str
    state: SourceWord
    problem: str
    told_at: dt.datetime | None
    workflow: str
    agent: str
    directory: str
    pattern: str | None
    files: int
    refused: int


class FileSourcePage(msgspec.Struct, frozen=True):
    """A page of file order sources by path; `older` is the cursor of the next page."""

    sources: list[FileSourceListed]
    older: str | None


class FileListed(msgspec.Struct, frozen=True, kw_only=True):
    """A name in the directory of a source.

    `ordered`: the file is there and `order` is its order. `vanished`: it is gone, `order` goes on.
    `waiting`: another file of the name has come, which gets its order once `order` has left.
    `refused`: no order could be added, `problem` says why and `retry_at` when it is tried again.
    """

    name: str
    path: str | None
    state: FileWord
    arisen_at: dt.datetime | None
    order: str | None
    problem: str
    retry_at: dt.datetime | None


class FileSourceSeen(FileSourceListed, frozen=True, kw_only=True):
    """A file order source with its settings and a page of its files; `after` leads on."""

    time_zone: str
    delay_s: int
    priority: int
    tags: list[str]
    listed: list[FileListed]
    after: str | None


def source_page(account: Account, query: PathQuery) -> FileSourcePage:
    """Return a page of file order sources by path."""
    here = settings.STELLWERK_CONTROLLER_ID
    found, older = path_page(
        account, query, lambda after, limit: looking.file_sources(here, after=after, limit=limit)
    )
    return FileSourcePage([FileSourceListed(**_listed(source)) for source in found], older)


def source_seen(
    account: Account, path: str, *, after: str = "", limit: int = 100
) -> FileSourceSeen:
    """Return a file order source with the files behind a name.

    Raises:
        NotThere: there is nothing of it, or the account may not see it.
    """
    here = settings.STELLWERK_CONTROLLER_ID
    known = "\0" not in path and may_at(account, Verb.LOOK, path)
    source = looking.file_source(here, path) if known else None
    if source is None:
        raise NotThere(f"There is no file order source {path}.", "file-order-source-unknown")
    files = looking.files_of(here, path, after=after, limit=limit)
    document = source.document
    return FileSourceSeen(
        **_listed(source),
        time_zone=document.time_zone if document else "",
        delay_s=document.delay if document else 0,
        priority=document.priority if document else 0,
        tags=list(document.tags) if document else [],
        listed=[_file(file) for file in files],
        after=files[-1].name if len(files) == limit else None,
    )


def _listed(source: looking.SourceSeen) -> dict[str, Any]:
    document = source.document
    return {
        "path": source.path,
        "title": (document.title or "") if document else "",
        "state": _state(source),
        "problem": shown(source.state.problem),
        "told_at": moment(source.state.told_us or None),
        "workflow": document.workflow_name if document else "",
        "agent": document.agent_name if document else "",
        "directory": (document.directory or document.directory_expr or "") if document else "",
        "pattern": document.pattern if document else None,
        "files": source.files,
        "refused": source.refused,
    }


def _state(source: looking.SourceSeen) -> SourceWord:
    if source.document is None:
        return "withdrawn"
    if not source.state.told_us:
        return "starting"
    return "problem" if source.state.problem else "watching"


def _file(file: looking.FileSeen) -> FileListed:
    state = file.state
    arisen = state.arisen
    return FileListed(
        name=shown_name(file.name),
        path=shown(arisen.path) if arisen else None,
        state=_file_state(file),
        arisen_at=moment(arisen.at_us) if arisen else None,
        order=state.order or None,
        problem=state.problem,
        retry_at=moment(state.retry_us or None),
    )


def _file_state(file: looking.FileSeen) -> FileWord:
    state = file.state
    if state.is_there:
        return "ordered"
    if state.arisen is None:
        return "vanished"
    return "waiting" if state.order else "refused"
