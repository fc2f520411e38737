"""Names of files in archives and repositories: whether they are safe, and what the files are. Pure.

The endings are those of JS7's exports.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from engine.workflow.problem import Problem, problem, shown
from inventory.kinds import KINDS, kind_of_file
from inventory.paths import folder_of, joined, name_of

META = "meta_inf"
"""The file that says which product and version wrote the archive."""

LONGEST = 1024
_TAGS = frozenset({"tags.json", "workflow.tags.json"})
_SIGNATURES = (".sig", ".asc")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_NOT_CARRIED = {
    ".report.json": "Reports are not carried over: history is evaluated without documents.",
    ".deploymentdescriptor.json": "Deployment descriptors are not carried over: they describe"
    " the installation of JS7's own programs.",
    ".jobclass.json": "Job classes are not carried over: no release of JS7 runs them.",
    ".junction.json": "Junctions are not carried over: notice boards have taken their place.",
    ".agent.json": "Agents are not carried over: each joins with a token of its own.",
    ".xml": "XML configurations are not carried over: write notifications and file transfers anew.",
}


class Sort(StrEnum):
    """What a file is."""

    OBJECT = "object"  # the document of an object
    SIGNATURE = "signature"  # the signature of the file whose name it continues
    META = "meta"  # who wrote the archive
    PASSED_OVER = "passed-over"  # nothing of the inventory and known to be harmless
    NOT_CARRIED = "not-carried"  # an object of JS7 that has no place here
    UNKNOWN = "unknown"  # anything else


class FileRole(msgspec.Struct, frozen=True):
    """What a file is; kind and path of its object where it has one, else a sentence for people."""

    sort: Sort
    kind: str = ""
    path: str = ""
    sentence: str = ""


def name_problems(name: str) -> list[Problem]:
    """Return why a name in an archive is refused; empty where it is a plain path downwards."""
    return [problem(("file",), code, sentence) for code, sentence in _name_problems(name)]


def role_of(name: str) -> FileRole:
    """Return what a file is, by its name."""
    plain = name_of(name)
    if name == META:
        return FileRole(Sort.META)
    if any(part.startswith(".") for part in name.split("/")) or name.startswith("__MACOSX/"):
        return FileRole(Sort.PASSED_OVER, sentence="Hidden files are passed over.")
    if name in _TAGS:
        return FileRole(Sort.PASSED_OVER, sentence="Tags of JS7 are not taken over.")
    if plain.endswith(_SIGNATURES):
        return FileRole(Sort.SIGNATURE)
    if found := kind_of_file(plain):
        kind, called = found
        return FileRole(Sort.OBJECT, kind.name, joined(folder_of(name), called))
    for ending, sentence in _NOT_CARRIED.items():
        if plain.endswith(ending):
            return FileRole(Sort.NOT_CARRIED, sentence=sentence)
    return FileRole(Sort.UNKNOWN, sentence=f"This is no object's file; those are {_endings()}.")


def signed_file(name: str) -> str:
    """Return the name of the file that a signature belongs to."""
    return name.rpartition(".")[0]


def file_of(kind: str, path: str, form: str) -> str:
    """Return the name of an object's file; `form` is json or yaml."""
    return f"{path}{KINDS[kind].suffix}.{form}"


def _name_problems(name: str) -> Iterator[tuple[str, str]]:
    told = shown(name)
    if len(name) > LONGEST:
        yield "name-too-long", f"The name {told} has more than {LONGEST} characters."
    if _CONTROL.search(name):
        yield "name-unusable", f"The name {told} has characters that no name has."
    if name.startswith("/") or _DRIVE.match(name) or "\\" in name:
        yield "name-absolute", f"The name {told} is no path with slashes from the archive's root."
    elif {"", ".", ".."} & set(name.split("/")):
        yield "name-traversal", f"The name {told} leads out of its folder or has an empty part."


def _endings() -> str:
    return ", ".join(f"NAME{kind.suffix}.json" for kind in KINDS.values()) + " or .yaml"
