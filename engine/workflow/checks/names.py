"""How things may be called: objects, labels, branches, parameters, environment variables."""

import re
from collections.abc import Iterator

from engine.workflow.problem import Path, Problem, problem, shown

LONGEST_NAME = 255
LONGEST_BRANCH = 50

# JS7: like a Java identifier, with dots and hyphens inside, one at a time.
_OBJECT = re.compile(r"\w+(?:[.-]\w+)*")
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENVIRONMENT_RESERVED = frozenset({"JS7_RETURN_VALUES"})


def object_name_problems(path: Path, name: str, kind: str) -> Iterator[Problem]:
    """Yield what is wrong with the name of a job, an agent, a job resource."""
    if not _OBJECT.fullmatch(name):
        yield problem(
            path,
            "name-invalid",
            f"{shown(name)} is no name of {kind}: letters, digits and _ are allowed,"
            " and single dots and hyphens between them.",
        )
    elif len(name) > LONGEST_NAME:
        yield _too_long(path, name, LONGEST_NAME)


def label_problems(path: Path, label: str) -> Iterator[Problem]:
    """Yield what is wrong with a label."""
    yield from _text_name_problems(path, label, kind="label", forbidden="/|", longest=LONGEST_NAME)


def branch_problems(path: Path, branch: str) -> Iterator[Problem]:
    """Yield what is wrong with the id of a branch: it becomes part of positions and order ids."""
    yield from _text_name_problems(
        path, branch, kind="id of a branch", forbidden="/|", longest=LONGEST_BRANCH
    )


def variable_name_problems(path: Path, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the name of a variable; odd ones are read as ``$`odd name` ``."""
    yield from _text_name_problems(
        path, name, kind="name of a variable", forbidden="`", longest=LONGEST_NAME
    )


def tag_problems(path: Path, tag: str) -> Iterator[Problem]:
    """Yield what is wrong with a tag of an order."""
    yield from _text_name_problems(path, tag, kind="tag", forbidden="", longest=LONGEST_NAME)


def order_name_problems(path: Path, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the name that becomes part of the ids of planned orders."""
    yield from _text_name_problems(
        path, name, kind="name of an order", forbidden="/|", longest=LONGEST_NAME
    )


def environment_name_problems(path: Path, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the name of an environment variable."""
    if not _ENVIRONMENT.fullmatch(name):
        yield problem(
            path,
            "name-invalid",
            f"{shown(name)} is no name of an environment variable:"
            " A to Z, digits and _ are allowed, and no digit at the begin.",
        )
    elif name in _ENVIRONMENT_RESERVED:
        yield problem(path, "name-reserved", f"{name} is set by the agent for each job run.")
    elif len(name) > LONGEST_NAME:
        yield _too_long(path, name, LONGEST_NAME)


def _text_name_problems(
    path: Path, name: str, *, kind: str, forbidden: str, longest: int
) -> Iterator[Problem]:
    strange = next((c for c in name if c in forbidden or not c.isprintable()), None)
    if not name or name != name.strip():
        yield problem(
            path,
            "name-invalid",
            f"A {kind} is not empty and has no blanks around it: {shown(name)}.",
        )
    elif strange is not None:
        yield problem(
            path, "name-invalid", f"A {kind} cannot contain {shown(strange)}: {shown(name)}."
        )
    elif len(name) > longest:
        yield _too_long(path, name, longest)


def _too_long(path: Path, name: str, longest: int) -> Problem:
    return problem(
        path, "name-invalid", f"The name has {len(name)} characters; at most {longest} are allowed."
    )
