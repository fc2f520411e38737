"""Operations on instructions: put in, take away, move, wrap, unwrap, branches.

Each takes plain values and returns new ones with the instruction that is looked at afterwards.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import CaseWhen, Execute, Fork, Retry, Try
from engine.workflow.problem import Path
from inventory.editing.errors import OperationUnfit
from inventory.editing.fitting import fitted
from inventory.editing.operations import (
    AddBranch,
    Delete,
    Insert,
    Move,
    RemoveBranch,
    SetField,
    Unwrap,
    Wrap,
)
from inventory.editing.places import Places, Spot, missing_block, within
from inventory.editing.starters import free_name, new_job, starter
from inventory.editing.tree import changed, inserted, value_at, without

_GONE = object()


class Done(NamedTuple):
    """What came of an operation: the document, the instruction looked at, what was done."""

    document: Any
    seen: Any
    words: str


def insert(places: Places, op: Insert) -> Done:
    """Put a new instruction in."""
    spot, new, document = places.spot(op.at), starter(op.type), places.document
    if op.type == "Execute.Named":
        jobs = jobs_of(document)
        if op.job and op.job not in jobs:
            raise OperationUnfit(f"There is no job {op.job} any more.")
        name = op.job or free_name("job-1", jobs)
        labels = (str(v.instruction.label) for v in places.visits.values() if v.instruction.label)
        new = {**new, "jobName": name, "label": free_name(name, labels)}
        if not op.job:
            document = changed(document, ("jobs", name), lambda _: new_job(jobs))
    return Done(put(document, spot, [new]), new, f"inserted {op.type} at {op.at}")


def delete(places: Places, op: Delete) -> Done:
    """Take instructions away, and the jobs that nothing else runs."""
    paths = places.outermost(op.at)
    if not paths:
        raise OperationUnfit("No instruction is chosen.")
    before = {name for name, _ in runs(places)}
    document = places.document
    for path in reversed(paths):
        document = _cut(document, path, [])
    left = Places(document)
    for name in before - {name for name, _ in runs(left)}:
        document = without(document, ("jobs", name))
    near = _near(left, places, op.at)
    return Done(document, near, f"deleted {', '.join(op.at)}")


def move(places: Places, op: Move) -> Done:
    """Put instructions elsewhere."""
    paths, spot = places.outermost(op.at), places.spot(op.to)
    if not paths:
        raise OperationUnfit("No instruction is chosen.")
    if any(within(spot.list_path, path) for path in paths):
        raise OperationUnfit("An instruction cannot be put into itself.")
    moved = [value_at(places.document, path) for path in paths]
    document = places.document
    for path in paths:
        document = changed(document, path, lambda _: _GONE)
    document = put(document, spot, moved)
    return Done(_without_gone(document), moved[0], f"moved {', '.join(op.at)} to {op.to}")


def wrap(places: Places, op: Wrap) -> Done:
    """Put a block of a new instruction around others."""
    spot, many = places.run(op.at)
    new = starter(op.type)
    block = first_block(new)
    if not block:
        raise OperationUnfit(f"{op.type} has no block that others could be put into.")
    siblings = value_at(places.document, spot.list_path)
    inner = siblings[spot.place : spot.place + many]
    around = changed(new, (*block, "instructions"), lambda _: inner)
    kept = [*siblings[: spot.place], around, *siblings[spot.place + many :]]
    document = changed(places.document, spot.list_path, lambda _: kept)
    return Done(document, around, f"wrapped {', '.join(op.at)} in {op.type}")


def unwrap(places: Places, op: Unwrap) -> Done:
    """Put what is in the blocks of an instruction in its place."""
    path = places.path(op.at)
    instruction = places.visits[op.at].instruction
    blocks = inner_blocks(instruction)
    if not blocks:
        raise OperationUnfit("This instruction has no block to take away.")
    inner: list[Any] = []
    for block in blocks:
        if block.branch == "catch" and isinstance(instruction, Try | Retry):
            continue
        if block.block.instructions:
            inner += value_at(places.document, (*path, *block.path, "instructions"))
    document = _cut(places.document, path, inner)
    seen = inner[0] if inner else None
    return Done(document, seen, f"unwrapped {op.at}")


def set_field(places: Places, op: SetField) -> Done:
    """Give a field of an instruction a value."""
    path = (*places.path(op.at), *op.path)
    if not op.path:
        raise OperationUnfit("No field is named.")
    document = with_field(places.document, path, op.value)
    told = ".".join(map(str, op.path))
    return Done(document, value_at(document, places.path(op.at)), f"set {told} of {op.at}")


def add_branch(places: Places, op: AddBranch) -> Done:
    """Add a branch, a case, an else or a catch."""
    path = places.path(op.at)
    instruction = places.visits[op.at].instruction
    match instruction:
        case Fork(branches=branches):
            name = free_name("branch-1", (b.id for b in branches))
            new = {"id": name, "workflow": {"instructions": []}}
            document = _appended(places.document, (*path, "branches"), new)
        case CaseWhen():
            case_ = {"predicate": "true", "then": {"instructions": []}}
            document = _appended(places.document, (*path, "cases"), case_)
        case _:
            missing = missing_block(instruction)
            if not missing:
                raise OperationUnfit("This instruction takes no more branches.")
            empty: dict[str, Any] = {"instructions": []}
            document = changed(places.document, (*path, missing), lambda _: empty)
    return Done(document, value_at(document, path), f"added a branch to {op.at}")


def remove_branch(places: Places, op: RemoveBranch) -> Done:
    """Take a branch away, with what is in it."""
    path = places.path(op.at)
    blocks = {b.branch: b.path for b in inner_blocks(places.visits[op.at].instruction)}
    found = blocks.get(op.branch)
    if found is None:
        raise OperationUnfit(f"There is no branch {op.branch} at {op.at} any more.")
    if found[0] in ("branches", "cases"):
        document = _cut(places.document, (*path, *found[:2]), [])
    elif found[0] in ("else", "catch"):
        document = without(places.document, (*path, *found))
    else:
        raise OperationUnfit("This block belongs to its instruction: unwrap or delete that.")
    return Done(document, value_at(document, path), f"removed branch {op.branch} of {op.at}")


def with_field(document: Any, path: Path, value: Any) -> Any:
    """Return the document with a field set, without it where the value is None."""
    if value is None:
        return without(document, path)
    return changed(document, path, lambda _: value)


def put(document: Any, spot: Spot, new: list[Any]) -> Any:
    """Return the document with instructions at a place."""
    return changed(document, spot.list_path, lambda old: inserted(old, spot.place, new))


def first_block(instruction: Mapping[str, Any]) -> Path:
    """Return the path of the first block of an instruction, empty where it has none."""
    read = fitted({"instructions": [instruction]}).instructions[0]
    blocks = inner_blocks(read)
    return blocks[0].path if blocks else ()


def jobs_of(document: Any) -> Mapping[str, Any]:
    """Return the jobs of a document, none where there is nothing like it."""
    jobs = document.get("jobs") if isinstance(document, Mapping) else None
    return jobs if isinstance(jobs, Mapping) else {}


def runs(places: Places) -> list[tuple[str, Path]]:
    """Return the names of the jobs that are run, each with the path of the instruction."""
    return [
        (visit.instruction.job_name, visit.path)
        for visit in places.visits.values()
        if isinstance(visit.instruction, Execute)
    ]


def _appended(document: Any, path: Path, new: Any) -> Any:
    return changed(document, path, lambda old: [*(old if isinstance(old, list) else ()), new])


def _cut(document: Any, path: Path, instead: list[Any]) -> Any:
    index = int(path[-1])
    return changed(document, path[:-1], lambda old: [*old[:index], *instead, *old[index + 1 :]])


def _near(left: Places, before: Places, at: tuple[str, ...]) -> Any:
    """Return what stands now where the first one deleted stood, or before it."""
    first = min(at, key=before.path)
    scope, _, index = first.rpartition("/")
    prefix = f"{scope}/" if scope else ""
    for candidate in (first, f"{prefix}{int(index) - 1}", scope.rpartition("/")[0]):
        if candidate in left.visits:
            return left.value(candidate)
    return None


def _without_gone(value: Any) -> Any:
    if isinstance(value, list):
        kept = [_without_gone(each) for each in value if each is not _GONE]
        same = len(kept) == len(value) and all(a is b for a, b in zip(kept, value, strict=True))
        return value if same else kept
    if isinstance(value, Mapping):
        found = {k: _without_gone(v) for k, v in value.items()}
        return value if all(found[k] is v for k, v in value.items()) else found
    return value
