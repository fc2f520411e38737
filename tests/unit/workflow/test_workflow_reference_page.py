"""The reference page names every field, type and code that there is."""

import re
from pathlib import Path

import pytest
from msgspec import inspect
from msgspec.structs import fields

from engine.workflow import model
from engine.workflow.vocabulary import FIELDS_REFUSED

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "workflow-document.md").read_text()
SOURCES = [
    path.read_text()
    for folder in ("", "checks")
    for path in (ROOT / "engine" / "workflow" / folder).glob("*.py")
]
STRUCTS = [
    found
    for found in vars(model).values()
    if isinstance(found, type) and found.__module__ == model.__name__
]


@pytest.mark.parametrize("struct", STRUCTS)
def test_each_field_is_on_the_page(struct: type) -> None:
    shape = inspect.type_info(struct)
    assert isinstance(shape, inspect.StructType)
    names = {field.encode_name for field in fields(shape.cls)}
    tag = {str(shape.tag)} if shape.tag else set()
    assert {
        name for name in names | tag if f"`{name}`" not in PAGE and f"{name}*" not in PAGE
    } == set()


def test_each_code_of_a_problem_is_on_the_page() -> None:
    pattern = r"(?:problem|warning|_unreadable)\(\s*[^\"]*?\"([a-z0-9]+(?:-[a-z0-9]+)+)\""
    codes = {code for source in SOURCES for code in re.findall(pattern, source)}
    assert len(codes) > 30
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()


def test_each_field_that_is_not_supported_is_on_the_page() -> None:
    for name in FIELDS_REFUSED[model.Job]:
        assert f"`{name}`" in PAGE
