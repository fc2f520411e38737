"""Where the document of each kind names other objects. Pure.

Works on plain values, so also a draft that is not valid keeps its references. What a workflow that
can be read names, and at which positions, tells `engine.workflow.relations`; both agree.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from engine.workflow.problem import Path
from inventory.references.notation import Notation

WORKFLOW = "workflow"
CALENDAR = "calendar"
AGENT = "agent"
AGENT_CLUSTER = "agent-cluster"


class Place(NamedTuple):
    """A text of a document that names objects of one type."""

    path: Path
    text: str
    type: str
    role: str
    notation: Notation = Notation.NAME


Found: TypeAlias = Iterator[Place]

_MOST_VALUES = 500_000
_OPAQUE = frozenset({"orderPreparation", "jobs", "admissionTimeScheme", "schedule"})
_RESULTS = frozenset({"arguments", "defaultArguments", "env", "result"})
_EXPRESSIONS = frozenset(
    {"predicate", "message", "question", "duration", "children", "childToId",
     "subagentClusterIdExpr"}
)  # fmt: skip


def places(kind: str, document: object) -> Found:
    """Yield where a document names others; what is not of the right shape is passed over."""
    find = _BY_KIND.get(kind)
    if find is not None and isinstance(document, Mapping):
        yield from find(document)


def _of_workflow(document: Mapping[str, Any]) -> Found:
    yield from _resources((), document)
    yield from _instructions({"instructions": document.get("instructions")})
    for name, job in _items(document.get("jobs")):
        yield from _of_job(("jobs", name), job)


def _of_job(path: Path, job: object) -> Found:
    if not isinstance(job, Mapping):
        return
    yield from _text(path, job, "agentName", AGENT, "agents")
    yield from _text(path, job, "subagentClusterId", AGENT_CLUSTER, "subagent_clusters")
    yield from _text(
        (*path, "jobTemplate"), job.get("jobTemplate"), "name", "jobtemplate", "job_templates"
    )
    yield from _resources(path, job)
    yield from _values((*path, "defaultArguments"), job.get("defaultArguments"))
    yield from _expression((*path, "subagentClusterIdExpr"), job.get("subagentClusterIdExpr"))
    yield from _executable((*path, "executable"), job.get("executable"))


def _executable(path: Path, executable: object) -> Found:
    if not isinstance(executable, Mapping):
        return
    yield from _values((*path, "env"), executable.get("env"))
    script = executable.get("script")
    if executable.get("TYPE") != "ShellScriptExecutable":
        yield from _values((*path, "arguments"), executable.get("arguments"))
    elif isinstance(script, str):
        yield Place((*path, "script"), script, "includescript", "include_scripts", Notation.SCRIPT)


def _instructions(block: Mapping[str, Any]) -> Found:
    """Go through all blocks without recursion; no nesting can exhaust the stack."""
    pending: list[tuple[Path, object]] = [((), block)]
    seen = 0
    while pending and seen < _MOST_VALUES:
        path, value = pending.pop()
        seen += 1
        if isinstance(value, Mapping):
            yield from _of_instruction(path, value)
            inner = [(k, v) for k, v in value.items() if k not in _OPAQUE | _RESULTS]
        elif isinstance(value, list | tuple):
            inner = list(enumerate(value))
        else:
            continue
        pending.extend(((*path, k), v) for k, v in reversed(inner) if not isinstance(v, str))


def _of_instruction(path: Path, instruction: Mapping[str, Any]) -> Found:
    named = _BY_TYPE.get(str(instruction.get("TYPE")))
    if named is not None:
        yield from named(path, instruction)
    for field in _EXPRESSIONS & instruction.keys():
        yield from _expression((*path, field), instruction[field])
    for field in _RESULTS & instruction.keys():
        yield from _values((*path, field), instruction[field])


def _lock(path: Path, lock: Mapping[str, Any]) -> Found:
    yield from _text(path, lock, "lockName", "lock", "locks")
    for i, demand in enumerate(_list(lock.get("demands"))):
        yield from _text((*path, "demands", i), demand, "lockName", "lock", "locks")


def _posted(path: Path, post: Mapping[str, Any]) -> Found:
    yield from _texts(
        (*path, "noticeBoardNames"), post.get("noticeBoardNames"), "noticeboard", "boards_posted"
    )


def _awaited(role: str) -> Callable[[Path, Mapping[str, Any]], Found]:
    def find(path: Path, instruction: Mapping[str, Any]) -> Found:
        text = instruction.get("noticeBoardNames")
        if isinstance(text, str):
            yield Place((*path, "noticeBoardNames"), text, "noticeboard", role, Notation.BOARDS)

    return find


def _added(path: Path, add: Mapping[str, Any]) -> Found:
    yield from _text(path, add, "workflowName", WORKFLOW, "workflows_added")


def _placed(path: Path, block: Mapping[str, Any]) -> Found:
    yield from _text(path, block, "agentName", AGENT, "agents")
    yield from _text(path, block, "subagentClusterId", AGENT_CLUSTER, "subagent_clusters")


_BY_TYPE: Mapping[str, Callable[[Path, Mapping[str, Any]], Found]] = {
    "Lock": _lock,
    "PostNotices": _posted,
    "ExpectNotices": _awaited("boards_expected"),
    "ConsumeNotices": _awaited("boards_consumed"),
    "AddOrder": _added,
    "ForkList": _placed,
    "StickySubagent": _placed,
}


def _of_template(document: Mapping[str, Any]) -> Found:
    yield from _of_job((), document)


def _of_include(document: Mapping[str, Any]) -> Found:
    script = document.get("script")
    if isinstance(script, str):
        yield Place(("script",), script, "includescript", "include_scripts", Notation.SCRIPT)


def _of_source(document: Mapping[str, Any]) -> Found:
    yield from _text((), document, "workflowName", WORKFLOW, "workflows")
    yield from _text((), document, "agentName", AGENT, "agents")
    yield from _expression(("directoryExpr",), document.get("directoryExpr"))


def _of_schedule(document: Mapping[str, Any]) -> Found:
    yield from _text((), document, "workflowName", WORKFLOW, "workflows")
    yield from _texts(("workflowNames",), document.get("workflowNames"), WORKFLOW, "workflows")
    for i, entry in enumerate(_list(document.get("calendars"))):
        yield from _text(("calendars", i), entry, "calendarName", CALENDAR, "calendars")
        if isinstance(entry, Mapping):
            yield from _frequencies(("calendars", i), entry)
    for i, entry in enumerate(_list(document.get("nonWorkingDayCalendars"))):
        path: Path = ("nonWorkingDayCalendars", i)
        yield from _text(path, entry, "calendarName", CALENDAR, "non_working_day_calendars")


def _frequencies(path: Path, document: Mapping[str, Any]) -> Found:
    for part in ("includes", "excludes"):
        rules = document.get(part)
        if isinstance(rules, Mapping):
            field = "nonWorkingDayCalendars"
            here = (*path, part, field)
            yield from _texts(here, rules.get(field), CALENDAR, "non_working_day_calendars")


def _of_calendar(document: Mapping[str, Any]) -> Found:
    yield from _frequencies((), document)


_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], Found]] = {
    "workflow": _of_workflow,
    "jobtemplate": _of_template,
    "includescript": _of_include,
    "fileordersource": _of_source,
    "schedule": _of_schedule,
    "calendar": _of_calendar,
}


def _text(path: Path, holder: object, field: str, kind: str, role: str) -> Found:
    value = holder.get(field) if isinstance(holder, Mapping) else None
    if isinstance(value, str) and value:
        yield Place((*path, field), value, kind, role)


def _texts(path: Path, values: object, kind: str, role: str) -> Found:
    for i, value in enumerate(_list(values)):
        if isinstance(value, str) and value:
            yield Place((*path, i), value, kind, role)


def _resources(path: Path, holder: Mapping[str, Any]) -> Found:
    field = "jobResourceNames"
    yield from _texts((*path, field), holder.get(field), "jobresource", "job_resources")


def _values(path: Path, values: object) -> Found:
    for name, value in _items(values):
        yield from _expression((*path, name), value)


def _expression(path: Path, value: object) -> Found:
    if isinstance(value, str):
        yield Place(path, value, "jobresource", "job_resources", Notation.EXPRESSION)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _items(value: object) -> list[tuple[str, Any]]:
    return [(str(k), v) for k, v in value.items()] if isinstance(value, Mapping) else []
