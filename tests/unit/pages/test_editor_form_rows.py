"""Every field that the language accepts has a row in the forms of the editor, and writes itself."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect

from cockpit.pages.editor_asking import operation_of
from cockpit.pages.editor_fields import Reads, Spec
from cockpit.pages.editor_rows import specs_in
from cockpit.pages.editor_specs import instruction_specs, job_specs, workflow_specs
from engine.workflow.instruction import Block, Instruction
from engine.workflow.model import Executable, Job, Parameter, Workflow
from engine.workflow.read import read_workflow
from inventory.editing import edited
from inventory.editing.reading import document_of

Path = tuple[str | int, ...]

ELSEWHERE = {
    ("jobName",): "the name of the job, above its fields",
    ("jobTemplate", "hash"): "written with the job when it is made from its template",
    ("version",): "the form of the document, which exports of JS7 carry along",
    ("versionId",): "given when the workflow is deployed",
}
TWO_FORMS: Mapping[str, tuple[Path, ...]] = {
    "Lock": (("lockName",), ("count",)),
    "Job": (("executable", "returnCodeMeaning"),),
}
"""What stands in the place of other fields: the older form of a lock, codes at the executable."""
TEXTS = {
    Reads.NUMBER: "7", Reads.NUMBERS: "7", Reads.FLAG: "true", Reads.PAIRS: "a = 'b'",
    Reads.CODES: "0..3", Reads.VALUE: "a: {type: String}", Reads.PLAIN: "7",
    Reads.LENGTH: "2 h", Reads.LENGTHS: "2 min, 3 min", Reads.POSITION: '[0, "then", 1]',
    Reads.POSITIONS: 'here\n[0, "then", 1]', Reads.NAMES: "a, b",
}  # fmt: skip
PARTS = {
    "time": "09:00", "weekday": "Friday", "nth": "second", "last-nth": "third last",
    "monthday": "3", "before-end": "2", "date": "2030-01-02",
}  # fmt: skip


def samples(kind: Any) -> list[Any]:
    """Return values of a type, together with all fields and one of each kind."""
    match kind:
        case inspect.StructType():
            return _structs(kind)
        case inspect.UnionType():
            members = [t for t in kind.types if not isinstance(t, inspect.NoneType)]
            structs = [t for t in members if isinstance(t, inspect.StructType)]
            return [each for t in structs or members[:1] for each in samples(t)]
        case inspect.VarTupleType():
            return [samples(kind.item_type)]
        case inspect.DictType():
            return [{f"n{i}": each for i, each in enumerate(samples(kind.value_type))}]
        case _:
            return [_PLAIN.get(type(kind), "x")]


_PLAIN: Mapping[Any, Any] = {inspect.IntType: 1, inspect.BoolType: True}


def _structs(kind: inspect.StructType) -> list[Any]:
    if kind.cls is Block:
        return [{"instructions": [], "result": {"a": "$a"}}]
    if kind.cls is Parameter:
        whole = _struct(kind, 0)
        text = without(whole, (("listParameters",),)) | {"type": "String"}
        return [text, without(whole, (("facet",), ("secret",))) | {"type": "Map"}]
    most = max((len(samples(f.type)) for f in kind.fields), default=1)
    return [_struct(kind, n) for n in range(most)]


def _struct(kind: inspect.StructType, number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"TYPE": kind.tag} if kind.tag else {}
    for field in kind.fields:
        known = samples(field.type)
        found[field.encode_name] = known[min(number, len(known) - 1)]
    return found


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all values that are no objects, nor lists of objects."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name != "TYPE" and not (name == "instructions" and path):
                yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path


def without(value: dict[str, Any], paths: tuple[Path, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(value))
    for *around, last in paths:
        holder: Any = found
        for part in around:
            holder = holder[part]
        holder.pop(last)
    return found


def forms(kind: type, other: tuple[Path, ...] = ()) -> list[dict[str, Any]]:
    """Return values of a type, in both forms where there are two."""
    whole = samples(inspect.type_info(kind))
    return [*(without(each, other) for each in whole if other), *whole]


INSTRUCTIONS: dict[str, type] = {k.__struct_config__.tag: k for k in get_args(Instruction)}


def rows_missing(values: list[dict[str, Any]], specs: Any) -> set[Path]:
    """Return the paths of values that no row of any form covers."""
    wanted = {path for value in values for path in leaves(value)}
    rows = {spec.path for value in values for spec in specs_in(specs(value))}
    return {p for p in wanted if not any(p[: len(row)] == row for row in rows) and not elsewhere(p)}


def elsewhere(path: Path) -> bool:
    """Tell whether a field is no matter of the forms; results are of forks alone."""
    of_others = "result" in path and path[path.index("result") - 1] != "workflow"
    return path in ELSEWHERE or of_others


@pytest.mark.parametrize("tag", [*INSTRUCTIONS])
def test_each_field_of_an_instruction_has_a_row(tag: str) -> None:
    values = forms(INSTRUCTIONS[tag], TWO_FORMS.get(tag, ()))

    assert not rows_missing(values, lambda value: instruction_specs(tag, value))


def test_each_field_of_a_job_has_a_row() -> None:
    values = forms(Job, TWO_FORMS["Job"])

    def specs(value: dict[str, Any]) -> list[Any]:
        return [spec for tab in job_specs(value).values() for spec in tab]

    assert {v["executable"]["TYPE"] for v in values} == {
        k.__struct_config__.tag for k in get_args(Executable)
    }
    assert not rows_missing(values, specs)


def test_each_field_of_a_workflow_has_a_row() -> None:
    info = inspect.type_info(Workflow)
    assert isinstance(info, inspect.StructType)
    value = {
        f.encode_name: samples(f.type)[0]
        for f in info.fields
        if f.name not in ("instructions", "jobs")
    }

    assert not rows_missing([value], workflow_specs)


def test_a_field_without_a_row_is_found() -> None:
    class Newer(msgspec.Struct, tag="AddOrder"):
        workflowName: str  # noqa: N815
        nobodyHasMadeARowForIt: str  # noqa: N815

    found = rows_missing(forms(Newer), lambda value: instruction_specs("AddOrder", value))

    assert found == {("nobodyHasMadeARowForIt",)}


def told(spec: Spec) -> str:
    """Return a text for a field."""
    if spec.part:
        return PARTS[spec.part]
    if spec.path[-1] == "months":
        return "2, 3"
    return spec.choices[-1] if spec.choices else TEXTS.get(spec.reads, "given")


def write(source: str, of: dict[str, str], spec: Spec, text: str) -> str:
    asked = {"do": "field", **of, "path": list(spec.path), "part": spec.part, "text": text}
    return edited(source, operation_of(source, asked)).source


def writes_itself(document: dict[str, Any], of: dict[str, str], around: Path, spec: Spec) -> None:
    """Fill a field and look at what it wrote, and that it wrote nothing else."""
    source = json.dumps(document)
    written = document_of(write(source, of, spec, told(spec)))
    changed = {
        path for path in {*leaves(document), *leaves(written)}
        if at(document, path) != at(written, path)
    }  # fmt: skip
    here = (*around, *spec.path)
    assert changed, spec
    assert all(path[: len(here)] == here for path in changed), (spec, changed)
    problems = read_workflow(written).problems
    assert not problems, (spec, problems)


def at(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (LookupError, TypeError):
            return None
    return value


@pytest.mark.parametrize("tag", [*INSTRUCTIONS])
def test_each_row_of_an_instruction_writes_its_own_field(tag: str) -> None:
    for value in forms(INSTRUCTIONS[tag], TWO_FORMS.get(tag, ())):
        for spec in specs_in(instruction_specs(tag, value)):
            document = {"instructions": [emptied(value, spec)]}
            writes_itself(document, {"at": "0"}, ("instructions", 0), spec)


def test_each_row_of_a_job_writes_its_own_field() -> None:
    for value in forms(Job, TWO_FORMS["Job"]):
        for spec in specs_in([s for tab in job_specs(value).values() for s in tab]):
            document = {"instructions": [], "jobs": {"j": emptied(value, spec)}}
            writes_itself(document, {"job": "j"}, ("jobs", "j"), spec)


def test_each_row_of_the_workflow_writes_its_own_field() -> None:
    for spec in specs_in(workflow_specs({})):
        writes_itself({"instructions": []}, {}, (), spec)


def emptied(value: dict[str, Any], spec: Spec) -> dict[str, Any]:
    """Return the value with a switch turned off, so that turning it on can be seen."""
    return without(value, (spec.path,)) if spec.reads is Reads.FLAG else value


@pytest.mark.parametrize("text", ["[", "[1, null]", "[[0]]"])
def test_a_position_that_is_none_is_refused(text: str) -> None:
    source = json.dumps({"instructions": [{"TYPE": "AddOrder", "workflowName": "w"}]})
    spec = next(s for s in specs_in(instruction_specs("AddOrder", {})) if s.reads is Reads.POSITION)
    with pytest.raises(Exception, match="is no position"):
        write(source, {"at": "0"}, spec, text)
