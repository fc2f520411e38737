"""Paths and names of inventory objects. Pure.

A path is `folder/folder/name` without a slash at either end; the root folder is the empty path.
"""

import re
from collections.abc import Iterator

from engine.workflow.problem import Problem, problem, shown

ROOT = ""
LONGEST_PATH = 255
LONGEST_NAME = 100

_NAME = re.compile(r"\w(?:[\w.-]*\w)?")


def joined(folder: str, name: str) -> str:
    """Return the path of a name in a folder."""
    return f"{folder}/{name}" if folder else name


def folder_of(path: str) -> str:
    """Return the folder that holds the object or folder at `path`."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def with_ancestors(folder: str) -> list[str]:
    """Return the folder and all around it, outermost first, without the root."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def is_within(path: str, folder: str) -> bool:
    """Tell whether a path is the folder itself or below it; everything is within the root."""
    return folder == ROOT or path == folder or path.startswith(f"{folder}/")


def moved(path: str, *, source: str, target: str) -> str:
    """Return where something at or below folder `source` is once that folder is at `target`."""
    return target + path[len(source) :]


def path_problems(path: str) -> list[Problem]:
    """Return everything that is wrong with a path; empty where it is good."""
    return list(_path_problems(path))


def _path_problems(path: str) -> Iterator[Problem]:
    if len(path) > LONGEST_PATH:
        sentence = f"The path has {len(path)} characters; at most {LONGEST_PATH} are allowed."
        yield problem(("path",), "path-too-long", sentence)
    if path.startswith("/") or path.endswith("/"):
        yield problem(
            ("path",),
            "path-slash",
            "A path neither begins nor ends with a slash, as in demo/report.",
        )
    for part in path.strip("/").split("/"):
        yield from _name_problems(part)


def _name_problems(name: str) -> Iterator[Problem]:
    if len(name) > LONGEST_NAME:
        sentence = f"The name {shown(name)} has more than {LONGEST_NAME} characters."
        yield problem(("path",), "name-too-long", sentence)
    elif not _NAME.fullmatch(name):
        sentence = (
            f"{shown(name)} is no name: use letters, digits, _, and - or . in between."
            if name
            else "A part of the path is empty: write a name between, before and after slashes."
        )
        yield problem(("path",), "name-unusable", sentence)
