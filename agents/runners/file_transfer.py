"""FileTransfer: files from one place to another, each of them whole at its target or not at all.

A file is written beside its target under a name of its own, made durable, compared if asked for,
and then renamed. Return values: `files`, their names, `file_count` and `byte_count`.
"""

import contextlib
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agents.runners.place import PIECE, Entry, Place, Reading
from agents.runners.places import Spot, made
from agents.runners.run import Ended, JobFailed, tell


def run(arguments: dict[str, Any]) -> Ended:
    """Transfer the files.

    Raises:
        JobFailed: too few or too many files, a file that must not be replaced, or that did not
            arrive as it was sent.
    """
    with _readable(), contextlib.ExitStack() as stack:
        source = _entered(stack, arguments, "source")
        chosen = _chosen(source, arguments)
        if source.name and not chosen and arguments["min_files"] > 0:
            raise JobFailed(f"source: There is no file {source.name}.")
        _count(len(chosen), arguments)
        target = _entered(stack, arguments, "target")
        if target.name and not source.name:
            raise JobFailed("target: It names a file, but the source is a folder; end it with /.")
        _refuse_itself(chosen, source, target)
        given = (source.place, target, arguments)
        sizes = {entry.name: _transferred(entry, *given) for entry in chosen}
    moved = {name: size for name, size in sizes.items() if size is not None}
    names, total = list(moved), sum(moved.values())
    tell(f"{len(moved)} of {len(chosen)} files, {total} bytes")
    return Ended({"files": names, "file_count": len(names), "byte_count": total})


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Say in a sentence what this machine's file system refuses."""
    try:
        yield
    except OSError as problem:
        raise JobFailed(f"{problem.filename or 'a file'}: {problem.strerror or problem}") from None


def _entered(stack: contextlib.ExitStack, arguments: Mapping[str, Any], side: str) -> Spot:
    spot = made(arguments[side], side=side, arguments=arguments)
    stack.callback(spot.place.close)
    return spot


def _chosen(source: Spot, arguments: Mapping[str, Any]) -> list[Entry]:
    if source.name:
        found = source.place.find(source.name)
        return [found] if found else []
    pattern = _pattern(arguments.get("pattern"))
    entries = source.place.files(recursive=arguments["recursive"])
    return [entry for entry in entries if pattern(entry.name.rpartition("/")[2])]


def _pattern(text: str | None) -> Callable[[str], object]:
    try:
        return re.compile(text if text is not None else ".*", re.DOTALL).fullmatch
    except re.error as problem:
        raise JobFailed(f"pattern: {problem}") from None


def _count(count: int, arguments: Mapping[str, Any]) -> None:
    if count < arguments["min_files"]:
        raise JobFailed(f"{count} files found, at least {arguments['min_files']} are wanted.")
    if "max_files" in arguments and count > arguments["max_files"]:
        raise JobFailed(f"{count} files found, at most {arguments['max_files']} are allowed.")


def _refuse_itself(chosen: list[Entry], source: Spot, target: Spot) -> None:
    """Refuse to transfer files onto themselves: a move would delete them."""
    for entry in chosen:
        here, there = source.identity(entry.name), target.identity(target.name or entry.name)
        if here is not None and here == there:
            raise JobFailed(f"{entry.name}: Source and target are the same file.")


def _transferred(
    entry: Entry, source: Place, target: Spot, arguments: Mapping[str, Any]
) -> int | None:
    """Transfer one file and return its size, None where it is to be passed by."""
    name = target.name or entry.name
    if not _wanted(entry, name, target.place, arguments["overwrite"]):
        tell(f"{entry.name}: the target has it")
        return None
    folder, slash, last = name.rpartition("/")
    target.place.make_folder(folder)
    beside = f"{folder}{slash}.{last}.{secrets.token_hex(6)}.part"
    try:
        size = _copied(entry, source, target.place, beside, checksum=arguments.get("checksum"))
        target.place.put_in_place(beside, name, entry.changed_s)
    except BaseException:
        with contextlib.suppress(JobFailed, OSError):
            target.place.remove(beside)
        raise
    if arguments["move"]:
        source.remove(entry.name)
    tell(f"{entry.name}: {size} bytes")
    return size


def _wanted(entry: Entry, name: str, target: Place, overwrite: str) -> bool:
    if overwrite == "always" or (there := target.find(name)) is None:
        return True
    if overwrite == "fail":
        raise JobFailed(f"{name}: The target has it already.")
    return overwrite == "newer" and int(entry.changed_s) > int(there.changed_s)


def _copied(
    entry: Entry, source: Place, target: Place, beside: str, *, checksum: str | None
) -> int:
    """Copy a file to a new one and return its size; both are compared where that is asked for."""
    digest = hashlib.new(checksum or "sha256")
    size = 0

    def pieces(file: Reading) -> Iterator[bytes]:
        nonlocal size
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
            yield piece

    with source.reading(entry.name) as file:
        target.write(beside, pieces(file))
    if entry.size >= 0 and size < entry.size:
        raise JobFailed(f"{entry.name}: It ended after {size} of {entry.size} bytes.")
    if checksum and _digest(target, beside, checksum) != digest.digest():
        raise JobFailed(f"{entry.name}: What has arrived is not what was sent.")
    return size


def _digest(place: Place, name: str, checksum: str) -> bytes:
    digest = hashlib.new(checksum)
    with place.reading(name) as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.digest()
