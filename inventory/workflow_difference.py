"""What differs between two workflows, instruction by instruction. Pure.

Knows nothing of how it is shown.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from engine.position import to_text
from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import Execute, Instruction
from engine.workflow.model import Workflow
from engine.workflow.walk import walk
from inventory.instruction_pairs import own_fields, pairs, said


class Kind(StrEnum):
    """How an instruction differs from what it was."""

    ADDED = "added"  # it was not there
    CHANGED = "changed"  # it says something else, or its job does
    MOVED = "moved"  # it says the same at another place


class Changed(NamedTuple):
    """An instruction that differs; `fields` are those that say something else."""

    kind: Kind
    fields: tuple[str, ...] = ()


class Removed(NamedTuple):
    """An instruction that is gone: what it was, where, and the place before which it would stand.

    `before` is a position of the new workflow, maybe the end of a block; `to` where it has moved.
    """

    before: str
    was: str
    instruction: Instruction
    to: str = ""


class WorkflowDifference(NamedTuple):
    """All that differs: by position of the new workflow, what is gone, and what is no instruction.

    `fields` are those of the workflow itself, `jobs` the fields of jobs that say something else,
    with none for a job that came or went.
    """

    changed: Mapping[str, Changed] = {}
    removed: Sequence[Removed] = ()
    fields: tuple[str, ...] = ()
    jobs: Mapping[str, tuple[str, ...]] = {}


def workflow_difference(old: Workflow, new: Workflow) -> WorkflowDifference:
    """Return what differs between two workflows."""
    jobs = _fields_by_job(old, new)
    found = _Finder()
    found.block(old.instructions, new.instructions, _Scope("", 0), _Scope("", 0))
    removed = found.without_moved()
    for visit in walk(new):
        at = to_text(visit.position)
        if isinstance(visit.instruction, Execute) and at not in found.changed:
            fields = jobs.get(visit.instruction.job_name)
            if fields:
                found.changed[at] = Changed(Kind.CHANGED, tuple(f"job {each}" for each in fields))
    return WorkflowDifference(found.changed, removed, _own_fields(old, new), jobs)


class _Scope(NamedTuple):
    """A block: what positions in it begin with, and the index of its first instruction."""

    prefix: str
    first: int

    def at(self, index: int) -> str:
        return f"{self.prefix}{self.first + index}"

    def inner(self, index: int, branch: str, first: int) -> "_Scope":
        return _Scope(f"{self.at(index)}/{branch}/", first)


class _Finder:
    """Goes through two workflows side by side."""

    def __init__(self) -> None:
        self.changed: dict[str, Changed] = {}
        self._added: list[tuple[str, Instruction]] = []
        self._removed: list[Removed] = []

    def block(
        self,
        old: Sequence[Instruction],
        new: Sequence[Instruction],
        before: _Scope,
        after: _Scope,
    ) -> None:
        """Note what differs between two blocks."""
        following = 0
        for i, j in pairs(old, new):
            if j is None and i is not None:
                self._removed.append(Removed(after.at(following), before.at(i), old[i]))
            elif j is not None:
                following = j + 1
                if i is None:
                    self._added.append((after.at(j), new[j]))
                elif old[i] != new[j]:
                    self._instruction((old[i], new[j]), before, after, (i, j))

    def _instruction(
        self,
        pair: tuple[Instruction, Instruction],
        before: _Scope,
        after: _Scope,
        at: tuple[int, int],
    ) -> None:
        old, new = pair
        blocks = {b.branch: b for b in inner_blocks(old)}
        there = {b.branch for b in inner_blocks(new)}
        fields = _fields(own_fields(old), own_fields(new))
        fields += [f"-{branch}" for branch in blocks if branch not in there]
        if fields:
            self.changed[after.at(at[1])] = Changed(Kind.CHANGED, tuple(fields))
        for inner in inner_blocks(new):
            known = blocks.get(inner.branch)
            self.block(
                known.block.instructions if known else (),
                inner.block.instructions,
                before.inner(at[0], inner.branch, known.first if known else 0),
                after.inner(at[1], inner.branch, inner.first),
            )

    def without_moved(self) -> list[Removed]:
        """Note what was added, and return what is gone; what is both has moved."""
        come: dict[bytes, list[str]] = {}
        for at, instruction in self._added:
            come.setdefault(said(instruction), []).append(at)
        found = []
        for each in self._removed:
            places = come.get(said(each.instruction))
            to = places.pop(0) if places else ""
            if to:
                self.changed[to] = Changed(Kind.MOVED)
            found.append(each._replace(to=to))
        for at, instruction in self._added:
            if at not in self.changed:
                self._note_added(at, instruction)
        return found

    def _note_added(self, at: str, instruction: Instruction) -> None:
        self.changed[at] = Changed(Kind.ADDED)
        for inner in inner_blocks(instruction):
            for i, below in enumerate(inner.block.instructions, inner.first):
                self._note_added(f"{at}/{inner.branch}/{i}", below)


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the fields that say something else; where an object does, its fields."""
    found = []
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += [f"{name}.{inner}" for inner in _fields(before, after)]
        else:
            found.append(name)
    return found


def _fields_by_job(old: Workflow, new: Workflow) -> dict[str, tuple[str, ...]]:
    """Return the jobs that differ with their fields; one that came or went has none."""
    names = dict.fromkeys((*old.jobs, *new.jobs))
    return {
        name: tuple(struct_fields(old.jobs.get(name), new.jobs.get(name)))
        for name in names
        if old.jobs.get(name) != new.jobs.get(name)
    }


def struct_fields(old: msgspec.Struct | None, new: msgspec.Struct | None) -> list[str]:
    """Return the fields of a document that say something else; none where there are not both."""
    if old is None or new is None:
        return []
    return _fields(msgspec.to_builtins(old), msgspec.to_builtins(new))


def _own_fields(old: Workflow, new: Workflow) -> tuple[str, ...]:
    before, after = (replace(each, instructions=(), jobs={}) for each in (old, new))
    return tuple(struct_fields(before, after))
