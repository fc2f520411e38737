"""References and renaming of any workflow that is right."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.workflow.model import Workflow
from engine.workflow.relations import relations
from engine.workflow.write import write_workflow
from inventory.references.named import names_in
from inventory.references.renaming import Renames, renamed_source
from tests.strategies_workflow import workflows

KINDS = ("lock", "noticeboard", "workflow", "jobresource", "includescript", "jobtemplate")


def sources() -> st.SearchStrategy[str]:
    """Return texts of workflows in several notations."""
    return st.builds(_written, workflows(whole=True), st.sampled_from(["compact", "json", "yaml"]))


def _written(workflow: Workflow, notation: str) -> str:
    document = json.loads(write_workflow(workflow))
    if notation == "yaml":
        return _yaml(document)
    return json.dumps(document, indent=2 if notation == "json" else None)


def _yaml(document: Any) -> str:
    import io

    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(document, out)
    return "# kept\n" + out.getvalue()


def _named(source: str) -> set[tuple[str, str, str]]:
    return {(n.type, n.name, n.role) for n in names_in("workflow", source)}


@given(workflows(whole=True))
@settings(max_examples=200, deadline=None)
def test_names_by_values_and_by_types_agree(workflow: Workflow) -> None:
    known = relations(workflow)
    typed = {(role, name) for role in known.__struct_fields__ for name in getattr(known, role)}
    found = names_in("workflow", write_workflow(workflow).decode())
    assert {(n.role, n.name) for n in found if n.role != "job_templates"} == typed


@given(sources(), st.data())
@settings(max_examples=200, deadline=None)
def test_renaming_and_back_gives_the_same_text_and_the_names_between(
    source: str, data: st.DataObject
) -> None:
    named = sorted((kind, name) for kind, name, _ in _named(source) if kind in KINDS)
    if not named:
        return
    kind, old = data.draw(st.sampled_from(named))
    new = "renamed-" + data.draw(st.from_regex(r"[a-z]{3}", fullmatch=True))
    there = renamed_source("workflow", source, Renames({kind: {old: new}}))
    expected = {
        (type_, new if (type_, name) == (kind, old) else name, role)
        for type_, name, role in _named(source)
    }
    assert _named(there) == expected
    back = renamed_source("workflow", there, Renames({kind: {new: old}}))
    assert json.loads(back) == json.loads(source) if source[0] == "{" else _same(back, source)


def _same(one: str, other: str) -> bool:
    reader = YAML(typ="safe", pure=True)
    return bool(reader.load(one) == reader.load(other)) and one.startswith("# kept\n")
