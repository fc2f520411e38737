"""The property panel of the workflow editor: fields of what is selected, with their problems. Pure.

Selected is an instruction, with the job that it runs, or the workflow itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cockpit.diagram.words import words
from cockpit.pages.editor_fields import Shown, Spec, text_of
from cockpit.pages.editor_specs import instruction_specs, job_specs, workflow_specs
from engine.position import after, from_text, to_text
from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import CaseWhen, Execute, Fork
from inventory.editing.errors import PlaceGone
from inventory.editing.instructions import jobs_of, runs
from inventory.editing.places import Places, missing_block
from inventory.editing.pointing import Pointer
from inventory.editing.tree import value_at


class Tab(NamedTuple):
    """Fields under one name."""

    name: str
    fields: list[Shown]


class Branch(NamedTuple):
    """A branch of the selected instruction that can be removed."""

    name: str
    text: str


class JobLine(NamedTuple):
    """A job in the list of all: where it is run first, and how often."""

    name: str
    at: str
    uses: int


class Panel(NamedTuple):
    """What is selected, and its fields by tab.

    `put_after` and `put_into` are the places where something is put in beside it or within it.
    """

    at: str
    title: str
    icon: str
    kind: str
    job: str
    executable: str
    tabs: Sequence[Tab]
    branches: Sequence[Branch] = ()
    may_branch: bool = False
    is_block: bool = False
    jobs: Sequence[JobLine] = ()
    put_after: str = ""
    put_into: str = ""


def panel_of(places: Places, at: str, problems: Iterable[Mapping[str, str]]) -> Panel:
    """Return the panel of the instruction at a position, of the workflow where there is none."""
    told = _Told(places, problems)
    if at not in places.visits:
        return _of_workflow(places, told)
    raw, visit = places.value(at), places.visits[at]
    instruction = visit.instruction
    said = words(instruction, places.workflow)
    kind = str(raw.get("TYPE", "")) if isinstance(raw, Mapping) else ""
    tabs: list[Tab] = []
    job = executable = ""
    if isinstance(instruction, Execute):
        job = instruction.job_name
        tabs, executable = _of_job(places, job, told)
    known = raw if isinstance(raw, Mapping) else {}
    own = _filled(instruction_specs(kind, known), raw, partial(told.of, at, ""))
    if tabs:
        tabs[0].fields[:0] = [f for f in own if f.spec.path == ("label",)]
        tabs[1].fields[:0] = [f for f in own if f.spec.path != ("label",)]
    else:
        tabs = [Tab(said.kind.capitalize() or kind, own)]
    return Panel(
        at=at, title=said.name or said.kind, icon=said.icon, kind=said.kind, job=job,
        executable=executable, tabs=tabs, branches=_branches(instruction),
        may_branch=isinstance(instruction, Fork | CaseWhen) or bool(missing_block(instruction)),
        is_block=bool(inner_blocks(instruction)), put_after=to_text(after(from_text(at))),
        put_into=_into(at, instruction),
    )  # fmt: skip


def spec_of(places: Places, given: Mapping[str, Any], path: tuple[str | int, ...]) -> Spec | None:
    """Return the field of an instruction, job or the workflow that a form means."""
    at, job = given.get("at"), given.get("job")
    if isinstance(job, str) and job:
        value = jobs_of(places.document).get(job)
        tabs = job_specs(value if isinstance(value, Mapping) else {})
        specs = [spec for tab in tabs.values() for spec in tab]
    elif isinstance(at, str) and at:
        raw = places.value(at)
        known = raw if isinstance(raw, Mapping) else {}
        specs = instruction_specs(str(known.get("TYPE", "")), known)
    else:
        specs = workflow_specs()
    return next((spec for spec in specs if spec.path == path), None)


class _Told:
    """Problems by what they belong to."""

    def __init__(self, places: Places, problems: Iterable[Mapping[str, str]]) -> None:
        pointer = Pointer(places)
        self._found = [(pointer.point(each["place"]), each["sentence"]) for each in problems]

    def of(self, at: str, job: str, field: str) -> str:
        """Return what is wrong in a field, empty where nothing is."""
        return " ".join(
            sentence
            for pointed, sentence in self._found
            if (pointed.job == job and (job or pointed.at == at))
            and (pointed.field == field or pointed.field.startswith((f"{field}.", f"{field}[")))
        )


def _of_workflow(places: Places, told: _Told) -> Panel:
    document = places.document
    problem_at = partial(told.of, "", "")
    fields = _filled(workflow_specs(), document, problem_at, of="workflow")
    used: dict[str, list[str]] = {name: [] for name in places.workflow.jobs}
    for name, path in runs(places):
        used.setdefault(name, []).append(places.positions[path])
    lines = [JobLine(name, ats[0] if ats else "", len(ats)) for name, ats in used.items()]
    return Panel(
        at="", title=places.workflow.title or "Workflow", icon="workflow", kind="workflow",
        job="", executable="", tabs=[Tab("Workflow", fields)], jobs=lines,
        put_after=str(len(places.workflow.instructions)),
    )  # fmt: skip


def _of_job(places: Places, job: str, told: _Told) -> tuple[list[Tab], str]:
    raw = jobs_of(places.document).get(job)
    value = raw if isinstance(raw, Mapping) else {}
    executable = value.get("executable")
    kind = str(executable.get("TYPE", "")) if isinstance(executable, Mapping) else ""
    tabs = [
        Tab(name, _filled(specs, value, partial(told.of, "", job), of="job"))
        for name, specs in job_specs(value).items()
    ]
    return tabs, kind


def _filled(
    specs: Sequence[Spec], holder: Any, problem_at: Callable[[str], str], *, of: str = "at"
) -> list[Shown]:
    return [
        Shown(spec, text_of(spec, _there(holder, spec)), problem_at(spec.place), of)
        for spec in specs
    ]


def _there(holder: Any, spec: Spec) -> Any:
    try:
        return value_at(holder, spec.path)
    except PlaceGone:
        return None


def _branches(instruction: Any) -> list[Branch]:
    blocks = inner_blocks(instruction)
    if isinstance(instruction, Fork | CaseWhen):
        return [Branch(b.branch, b.branch.removeprefix("fork+")) for b in blocks]
    return [Branch(b.branch, b.branch) for b in blocks if b.branch == "else"]


def _into(at: str, instruction: Any) -> str:
    """Return the begin of the first block where that is empty."""
    blocks = inner_blocks(instruction)
    empty = [b for b in blocks if not b.block.instructions]
    return f"{at}/{empty[0].branch}/{empty[0].first}" if empty else ""
