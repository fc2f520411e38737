"""The property panel of the workflow editor: fields of what is selected, with their problems. Pure.

Selected is an instruction, with the job that it runs, or the workflow itself.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from cockpit.diagram.words import words
from cockpit.pages.editor_fields import Path, Shown, Spec, text_of
from cockpit.pages.editor_rows import Row, Rows
from cockpit.pages.editor_specs import instruction_specs, job_specs, workflow_specs
from engine.position import after, from_text, to_text
from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import CaseWhen, Execute, Fork
from engine.workflow.problem import place_text
from inventory.editing.instructions import jobs_of, runs
from inventory.editing.places import Places, missing_block
from inventory.editing.pointing import Pointed, pointer_of
from inventory.editing.tree import value_or

Problems: TypeAlias = Callable[..., str]
"""Returns what is wrong at a place; with `alone`, not deeper in it."""


class ShownRow(NamedTuple):
    """A row with its fields filled."""

    row: Row
    fields: list["Shown | ShownRows"]


class ShownRows(NamedTuple):
    """Fields in rows, filled; `problem` is about all of them or none of their fields."""

    rows: Rows
    shown: list[ShownRow]
    of: str
    problem: str = ""
    is_rows: bool = True

    @property
    def path(self) -> Path:
        """Where they lie."""
        return self.rows.path

    @property
    def place(self) -> str:
        """The path as problems name it."""
        return place_text(self.rows.path)

    @property
    def name(self) -> str:
        """The path as requests name it."""
        return json.dumps(self.rows.path)

    @property
    def id(self) -> str:
        """A name for the page."""
        return Shown(Spec(self.rows.path, ""), "", of=self.of).id


class Tab(NamedTuple):
    """Fields under one name."""

    name: str
    fields: list[Shown | ShownRows]


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
    `template_told` is what is to be said of the job and its template, `told` what is wrong that
    no field shows.
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
    template: str = ""
    template_told: str = ""
    told: str = ""

    @property
    def shape(self) -> str:
        """What tells a panel from one with other rows."""
        fields = [field for tab in self.tabs for field in tab.fields]
        rows = [
            (each.id, *((s.row.title, s.row.name) for s in each.shown)) for each in _rows_in(fields)
        ]
        return json.dumps(rows) if rows else ""


def _rows_in(fields: Iterable[Shown | ShownRows]) -> Iterator[ShownRows]:
    for field in fields:
        if isinstance(field, ShownRows):
            yield field
            for row in field.shown:
                yield from _rows_in(row.fields)


def panel_of(places: Places, at: str, problems: Iterable[Mapping[str, str]]) -> Panel:
    """Return the panel of the instruction at a position, of the workflow where there is none."""
    told = _Told(places, problems)
    if at not in places.visits:
        return _of_workflow(places, told)
    instruction = places.visits[at].instruction
    said = words(instruction, places.workflow)
    job = instruction.job_name if isinstance(instruction, Execute) else ""
    template_told, tabs = _of_template(told, job), _tabs(places, at, job, told)
    return Panel(
        at=at, title=said.name or said.kind, icon=said.icon, kind=said.kind, job=job,
        executable=_kind_of_job(places, job), tabs=tabs, told=told.rest(at, job),
        branches=_branches(instruction),
        may_branch=isinstance(instruction, Fork | CaseWhen) or bool(missing_block(instruction)),
        is_block=bool(inner_blocks(instruction)), put_after=to_text(after(from_text(at))),
        put_into=_into(at, instruction), template=_template_of(places, job),
        template_told=template_told,
    )  # fmt: skip


def _tabs(places: Places, at: str, job: str, told: "_Told") -> list[Tab]:
    """Return the fields of an instruction, between those of the job that it runs."""
    raw = places.value(at)
    known = raw if isinstance(raw, Mapping) else {}
    kind = str(known.get("TYPE", ""))
    own = _filled(instruction_specs(kind, known), raw, partial(told.of, at, ""))
    if not isinstance(places.visits[at].instruction, Execute):
        said = words(places.visits[at].instruction, places.workflow)
        return [Tab(said.kind.capitalize() or kind, own)]
    tabs = _of_job(places, job, told)
    tabs[0].fields[:0] = [f for f in own if f.path == ("label",)]
    tabs[1].fields[:0] = [f for f in own if f.path != ("label",)]
    return tabs


class _Wrong(NamedTuple):
    """A problem: to what it points, and its sentence."""

    pointed: Pointed
    sentence: str


class _Told:
    """Problems by what they belong to."""

    def __init__(self, places: Places, problems: Iterable[Mapping[str, str]]) -> None:
        pointer = pointer_of(places)
        self._found = [_Wrong(pointer.point(each["place"]), each["sentence"]) for each in problems]
        self._at_fields: set[int] = set()

    def of(self, at: str, job: str, field: str, *, alone: bool = False) -> str:
        """Return what is wrong in a field, empty where nothing is; `alone`: not deeper in it."""
        found = [
            number
            for number, (pointed, _) in enumerate(self._found)
            if (pointed.job == job and (job or pointed.at == at))
            and (pointed.field == field or (not alone and _is_in(pointed.field, field)))
        ]
        self._at_fields.update(found)
        return " ".join(self._found[number].sentence for number in found)

    def rest(self, at: str, job: str) -> str:
        """Return what is wrong here that was told at none of the fields."""
        return " ".join(
            sentence
            for number, (pointed, sentence) in enumerate(self._found)
            if number not in self._at_fields
            and (pointed.job == job if pointed.job else pointed.at == at)
        )


def _is_in(place: str, field: str) -> bool:
    return place.startswith((f"{field}.", f"{field}["))


def _of_workflow(places: Places, told: _Told) -> Panel:
    document = places.document
    problem_at = partial(told.of, "", "")
    known = document if isinstance(document, Mapping) else {}
    fields = _filled(workflow_specs(known), document, problem_at, of="workflow")
    used: dict[str, list[str]] = {name: [] for name in places.workflow.jobs}
    for name, path in runs(places):
        used.setdefault(name, []).append(places.positions[path])
    lines = [JobLine(name, ats[0] if ats else "", len(ats)) for name, ats in used.items()]
    return Panel(
        at="", title=places.workflow.title or "Workflow", icon="workflow", kind="workflow",
        job="", executable="", tabs=[Tab("Workflow", fields)], jobs=lines,
        put_after=str(len(places.workflow.instructions)), told=told.rest("", ""),
    )  # fmt: skip


def _of_job(places: Places, job: str, told: _Told) -> list[Tab]:
    value = _raw_job(places, job)
    return [
        Tab(name, _filled(specs, value, partial(told.of, "", job), of="job"))
        for name, specs in job_specs(value).items()
    ]


def _kind_of_job(places: Places, job: str) -> str:
    executable = _raw_job(places, job).get("executable")
    return str(executable.get("TYPE", "")) if isinstance(executable, Mapping) else ""


def _raw_job(places: Places, job: str) -> Mapping[str, Any]:
    value = jobs_of(places.document).get(job)
    return value if isinstance(value, Mapping) else {}


def _filled(
    specs: Sequence[Spec | Rows], holder: Any, problem_at: Problems, *, of: str = "at"
) -> list[Shown | ShownRows]:
    return [
        _filled_rows(spec, holder, problem_at, of)
        if isinstance(spec, Rows)
        else Shown(spec, text_of(spec, value_or(holder, spec.path)), problem_at(spec.place), of)
        for spec in specs
    ]


def _filled_rows(rows: Rows, holder: Any, problem_at: Problems, of: str) -> ShownRows:
    shown = [ShownRow(row, _filled(row.fields, holder, problem_at, of=of)) for row in rows.rows]
    # What is wrong within a field stands there; here is what is wrong with the whole or a row.
    paths = {rows.path[:n] for n in range(1, len(rows.path) + 1)} | {row.path for row in rows.rows}
    own = [problem_at(place_text(path), alone=True) for path in sorted(paths, key=str)]
    return ShownRows(rows, shown, of, " ".join(filter(None, own)))


def _of_template(told: _Told, job: str) -> str:
    return told.of("", job, "jobTemplate") if job else ""


def _template_of(places: Places, job: str) -> str:
    """Return the name of the template that a job was made from, empty for none."""
    found = places.workflow.jobs.get(job)
    return found.job_template.name if found and found.job_template else ""


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
