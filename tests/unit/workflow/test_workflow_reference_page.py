"""The reference pages name every field, type, argument and code, and their examples are right."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec import inspect
from msgspec.structs import fields

from engine.objects import model as objects
from engine.objects import template
from engine.objects.read import KINDS, read_object
from engine.workflow import instruction, model
from engine.workflow.builtin import BUILT_IN
from engine.workflow.check import check_workflow
from engine.workflow.model import Instruction, Workflow
from engine.workflow.read import read_workflow
from engine.workflow.vocabulary import FIELDS_REFUSED
from timetable import scheme

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "reference"
PAGE = (REFERENCE / "workflow-document.md").read_text()
INSTRUCTIONS = (REFERENCE / "instructions.md").read_text()
EXECUTABLES = (REFERENCE / "executables.md").read_text()
OBJECTS = (REFERENCE / "objects.md").read_text()
SOURCES = [
    path.read_text()
    for folder in ("workflow", "workflow/checks", "objects")
    for path in (ROOT / "engine" / folder).glob("*.py")
]
LOAD = {"agentName": "agent-a", "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}}


def structs_of(module: Any) -> list[type]:
    return [
        found
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__
    ]


def missing_on(page: str, struct: type) -> set[str]:
    shape = inspect.type_info(struct)
    if not isinstance(shape, inspect.StructType):
        return set()
    names = {field.encode_name for field in fields(shape.cls)}
    tag = {str(shape.tag)} if shape.tag else set()
    return {name for name in names | tag if f"{name}*" not in page and f"`{name}`" not in page}


@pytest.mark.parametrize("struct", structs_of(model))
def test_each_field_is_on_the_page(struct: type) -> None:
    assert missing_on(PAGE, struct) == set()


@pytest.mark.parametrize("struct", [*structs_of(instruction), *structs_of(scheme)])
def test_each_field_of_an_instruction_is_on_its_page(struct: type) -> None:
    names = missing_on(INSTRUCTIONS, struct)
    assert {name for name in names if f'"{name}"' not in INSTRUCTIONS} == set()


@pytest.mark.parametrize("struct", [*structs_of(objects), template.TemplateArgument])
def test_each_field_of_an_object_is_on_its_page(struct: type) -> None:
    assert missing_on(OBJECTS, struct) == set()


def test_each_code_of_a_problem_is_on_the_page() -> None:
    pattern = r"(?:problem|warning|_unreadable)\(\s*[^\"]*?\"([a-z0-9]+(?:-[a-z0-9]+)+)\""
    codes = {code for source in SOURCES for code in re.findall(pattern, source)}
    assert len(codes) > 50
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()


def test_each_field_that_is_refused_is_on_the_page() -> None:
    names = {name for struct in (model.ShellScript, model.If, Workflow) for name in
             FIELDS_REFUSED[struct]}  # fmt: skip
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_each_instruction_has_a_section_with_an_example() -> None:
    sections = re.findall(r"^### ([\w.]+)\n", INSTRUCTIONS, re.MULTILINE)
    assert sorted(sections) == sorted(str(i.__struct_config__.tag) for i in get_args(Instruction))
    for section, example in zip(sections, examples(INSTRUCTIONS), strict=True):
        assert f'"TYPE": "{section}"' in example


def examples(page: str) -> list[str]:
    return re.findall(r"```json\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("example", examples(INSTRUCTIONS))
def test_each_example_of_an_instruction_is_right(example: str) -> None:
    read_and_check({"instructions": [json.loads(example)], "jobs": {"load": LOAD}})


@pytest.mark.parametrize("example", examples(EXECUTABLES))
def test_each_example_of_an_executable_is_right(example: str) -> None:
    job = {"agentName": "agent-a", "executable": json.loads(example)}
    read_and_check({"instructions": [], "jobs": {"load": job}})


def read_and_check(document: dict[str, Any]) -> None:
    reading = read_workflow(document)
    assert reading.problems == ()
    assert reading.workflow is not None
    assert check_workflow(reading.workflow) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_each_example_of_an_object_is_right(kind: str) -> None:
    (example,) = re.findall(rf"```json {kind}\n(.*?)```", OBJECTS, re.DOTALL)
    reading = read_object(kind, json.loads(example))
    assert reading.problems == ()


@pytest.mark.parametrize("kind", BUILT_IN)
def test_each_argument_of_a_built_in_job_is_on_the_page_as_declared(kind: str) -> None:
    section = EXECUTABLES.split(f"### {kind}\n")[1].split("\n##")[0]
    rows = re.findall(r"^\| `(\w+)`(\*?) \| ([\w ]+) \|", section, re.MULTILINE)
    declared = [(a.name, "*" if a.required else "", a.type.value) for a in BUILT_IN[kind].values()]
    assert rows == declared
