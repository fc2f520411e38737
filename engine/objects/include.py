"""Puts include scripts into shell scripts: lines `##!include NAME [--replace="a","b"]…`.

Pure: the include scripts come in as a mapping. What is put in is not searched for such lines
again; one that is there is refused, so that nothing can include itself.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from engine.workflow.checks.names import object_name_problems
from engine.workflow.problem import Path, Problem, problem, shown

LONGEST_SCRIPT = 1024 * 1024
"""Bytes of a script after everything has been put in."""

_LINE = re.compile(r"[ \t]*(?:##|::|//|--)!include\b(.*)", re.IGNORECASE)
_NAME = re.compile(r"[ \t]+(\S+)")
_REPLACE = re.compile(
    r"""[ \t]+--replace=(?:"([^"]*)"|'([^']*)')[ \t]*,[ \t]*(?:"([^"]*)"|'([^']*)')"""
)


class Include(NamedTuple):
    """A line that asks for an include script; `line` counts from 0."""

    line: int
    name: str
    replacements: tuple[tuple[str, str], ...] = ()


class Expansion(NamedTuple):
    """A script with everything put in, and what was wrong; lines with problems stay as they are."""

    script: str
    problems: tuple[Problem, ...] = ()


def included_names(script: str) -> tuple[str, ...]:
    """Return the names of the include scripts that a script asks for, each once."""
    found = (include for include, _ in _includes(script) if include is not None)
    return tuple(dict.fromkeys(include.name for include in found))


def include_problems(path: Path, script: str, known: Collection[str] | None) -> Iterator[Problem]:
    """Yield what is wrong with the include lines of a script; None: any name may exist."""
    for include, line in _includes(script):
        if include is None:
            yield _unreadable(path, line)
            continue
        yield from object_name_problems(path, include.name, "an include script")
        if known is not None and include.name not in known:
            yield _unknown(path, include)


def expand(script: str, scripts: Mapping[str, str], path: Path = ("script",)) -> Expansion:
    """Return the script with the include scripts put in at their lines.

    Args:
        script: the text of a shell script.
        scripts: the include scripts by name.
        path: where the script stands, for problems.
    """
    lines = script.splitlines(keepends=True)
    problems: list[Problem] = []
    for include, line in _includes(script):
        found = _found(path, include, line, scripts)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            lines[line] = _ended_as(lines[line], found)
    whole = "".join(lines)
    if len(whole.encode()) > LONGEST_SCRIPT:
        sentence = f"With its includes the script has more than {LONGEST_SCRIPT} bytes."
        problems.append(problem(path, "text-too-long", sentence))
        return Expansion(script, tuple(problems))
    return Expansion(whole, tuple(problems))


def _found(
    path: Path, include: Include | None, line: int, scripts: Mapping[str, str]
) -> str | Problem:
    if include is None:
        return _unreadable(path, line)
    if include.name not in scripts:
        return _unknown(path, include)
    text = scripts[include.name]
    if next(_includes(text), None) is not None:
        sentence = f"Line {line + 1}: {shown(include.name)} includes a script itself."
        return problem(path, "include-nested", sentence)
    for old, new in include.replacements:
        text = text.replace(old, new)
    return text


def _includes(script: str) -> Iterator[tuple[Include | None, int]]:
    """Yield the include lines, None for one that is malformed, each with its line from 0."""
    for i, line in enumerate(script.splitlines()):
        found = _LINE.fullmatch(line)
        if found is not None:
            yield _read(i, found[1]), i


def _read(line: int, rest: str) -> Include | None:
    name = _NAME.match(rest)
    if name is None:
        return None
    at, replacements = name.end(), []
    while found := _REPLACE.match(rest, at):
        replacements.append((found[1] or found[2] or "", found[3] or found[4] or ""))
        at = found.end()
    if rest[at:].strip() or any(not old for old, _ in replacements):
        return None
    return Include(line, name[1], tuple(replacements))


def _ended_as(line: str, text: str) -> str:
    """Return the text as lines, with an end of line where the include line has one."""
    ends = line.endswith(("\n", "\r"))
    return text + "\n" if ends and not text.endswith("\n") else text


def _unreadable(path: Path, line: int) -> Problem:
    sentence = f'Line {line + 1}: write ##!include NAME, and --replace="old","new" if needed.'
    return problem(path, "include-invalid", sentence)


def _unknown(path: Path, include: Include) -> Problem:
    sentence = f"Line {include.line + 1}: there is no include script {shown(include.name)}."
    return problem(path, "include-script-unknown", sentence)
