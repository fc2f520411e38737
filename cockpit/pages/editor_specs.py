"""Which fields the property panel has for each instruction, for a job, for the workflow. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cockpit.pages.editor_fields import Reads, Spec
from cockpit.pages.editor_rows import (
    Rows,
    admission_fields,
    cycle_rows,
    demand_rows,
    parameter_rows,
)

_CRITICALITIES = ("NORMAL", "MINOR", "MAJOR", "CRITICAL")
_WAITS = ("Wait", "SkipWhenNoNotice", "DontWait")
_EXPRESSION = "an expression, as in $region == 'eu'"
_SKIPS = Spec(("skipIfNoAdmissionForOrderDay",), "Skip on days without admission", Reads.FLAG)
_ARGUMENTS = Spec(("arguments",), "Arguments", Reads.PAIRS, "NAME = expression, one a line")
_RESULTS = "NAME = expression, for the order that forked"
_CLUSTER = Spec(("subagentClusterIdExpr",), "Or a cluster by an expression", hint="as in $cluster")
_PLACE = 'a label, or a position as in [2, "then", 0]'
_JOIN = Spec(("joinIfFailed",), "Join also if a branch failed", Reads.FLAG)


def instruction_specs(kind: str, instruction: Mapping[str, Any]) -> list[Spec | Rows]:
    """Return the fields of an instruction, its label last."""
    make = _BY_TYPE.get(kind)
    own = list(make(instruction)) if make else []
    return [
        *own,
        Spec(("label",), "Label", hint="shown in orders and logs instead of the position"),
    ]


def job_specs(job: Mapping[str, Any]) -> dict[str, list[Spec | Rows]]:
    """Return the fields of a job by tab; how it is made depends on its kind."""
    executable = job.get("executable")
    kind = executable.get("TYPE") if isinstance(executable, Mapping) else None
    return {
        "Job": [_AGENT, *_EXECUTABLES.get(str(kind), ()), *_runs(executable)],
        "Options": [*_OPTIONS, *admission_fields(job.get("admissionTimeScheme")), *_ADMITTED],
        "Notify": [*_NOTIFY],
    }


_AGENT = Spec(("agentName",), "Agent", known="known-agents", hint="an agent or a cluster")


def _runs(executable: Any) -> Iterator[Spec]:
    """Yield how a run goes; what return codes mean stands at the job or at its executable."""
    is_inner = isinstance(executable, Mapping) and "returnCodeMeaning" in executable
    codes = ("executable", "returnCodeMeaning") if is_inner else ("returnCodeMeaning",)
    yield Spec(("executable", "env"), "Environment", Reads.PAIRS, "NAME = expression, one a line")
    yield Spec((*codes, "success"), "Codes of success", Reads.CODES, "0..3,7")
    yield Spec((*codes, "failure"), "Or codes of a failure", Reads.CODES, "all others: success")
    yield Spec((*codes, "warning"), "Codes of a warning", Reads.CODES)
    yield Spec(("timeout",), "Timeout", Reads.NUMBER, "seconds")
    yield Spec(("warnIfLonger",), "Warn if longer", hint="00:10:00, 150% or seconds")


_OPTIONS = (
    Spec(("title",), "Title"),
    Spec(("parallelism",), "At once at most", Reads.NUMBER),
    Spec(("defaultArguments",), "Default arguments", Reads.PAIRS, "NAME = expression"),
    Spec(("jobResourceNames",), "Job resources", Reads.NAMES, known="known-jobresource"),
    Spec(("graceTimeout",), "Grace before it is killed", Reads.NUMBER, "seconds"),
    Spec(("warnIfShorter",), "Warn if shorter"),
    Spec(("criticality",), "Criticality", Reads.CHOICE, choices=_CRITICALITIES),
    Spec(("failOnErrWritten",), "Fail if it writes to stderr", Reads.FLAG),
    Spec(("warnOnErrWritten",), "Warn if it writes to stderr", Reads.FLAG),
    Spec(("isNotRestartable",), "Never run it again by itself", Reads.FLAG),
    Spec(("subagentClusterId",), "Subagent cluster", known="known-clusters"),
    _CLUSTER,
    Spec(("withSubagentClusterIdExpr",), "It has to be an expression", Reads.FLAG),
)
_ADMITTED = (
    _SKIPS,
    Spec(("killAtEndOfAdmissionPeriod",), "Kill at the end of a period", Reads.FLAG),
    Spec(("jobTemplate", "name"), "Made from template", known="known-jobtemplate"),
)
_NOTIFY = (
    Spec(("notification", "types"), "Mail on", Reads.NAMES, "ERROR, WARNING, SUCCESS"),
    Spec(("notification", "mail", "to"), "To"),
    Spec(("notification", "mail", "cc"), "Copy to"),
    Spec(("notification", "mail", "bcc"), "Blind copy to"),
    Spec(("documentationName",), "Documentation"),
)


def workflow_specs(document: Mapping[str, Any]) -> list[Spec | Rows]:
    """Return the fields of the workflow itself."""
    preparation = document.get("orderPreparation")
    parameters = preparation.get("parameters") if isinstance(preparation, Mapping) else None
    return [
        Spec(("title",), "Title"),
        Spec(("timeZone",), "Time zone", hint="as in Europe/Berlin", known="known-zones"),
        Spec(("dayOffset",), "Day begins at", hint="as in 06:00"),
        Spec(("jobResourceNames",), "Job resources", Reads.NAMES, known="known-jobresource"),
        parameter_rows(parameters),
        Spec(("orderPreparation", "allowUndeclared"), "Take other variables, too", Reads.FLAG),
        Spec(("documentationName",), "Documentation"),
    ]  # fmt: skip


_EXECUTABLES: Mapping[str, tuple[Spec, ...]] = {
    "ShellScriptExecutable": (
        Spec(("executable", "script"), "Script", Reads.SCRIPT, language="shell"),
        Spec(("executable", "v1Compatible"), "Variables as in JobScheduler 1", Reads.FLAG),
    ),
    "PythonExecutable": (
        Spec(("executable", "script"), "Script", Reads.SCRIPT, language="python"),
        Spec(("executable", "callable"), "Or a callable", hint="package.module:function"),
        Spec(("executable", "arguments"), "Arguments", Reads.PAIRS),
        Spec(("executable", "interpreter"), "Interpreter"),
    ),
    "BuiltInExecutable": (
        Spec(
            ("executable", "kind"), "Built in", Reads.CHOICE,
            choices=("", "Http", "Sql", "FileTransfer", "Ssh", "CeleryTask"),
        ),
        Spec(("executable", "arguments"), "Arguments", Reads.PAIRS),
    ),
}  # fmt: skip


def _lock(lock: Mapping[str, Any]) -> Iterator[Spec | Rows]:
    if "lockName" in lock:
        yield Spec(("lockName",), "Lock", known="known-lock")
        yield Spec(("count",), "Count", Reads.NUMBER, "none: alone")
        return
    yield demand_rows(lock.get("demands"))


def _cases(case_when: Mapping[str, Any]) -> Iterator[Spec]:
    cases = case_when.get("cases")
    for i in range(len(cases) if isinstance(cases, list) else 0):
        yield Spec(("cases", i, "predicate"), f"Case {i + 1}", hint=_EXPRESSION)


def _fork(fork: Mapping[str, Any]) -> Iterator[Spec]:
    branches = fork.get("branches")
    for i in range(len(branches) if isinstance(branches, list) else 0):
        yield Spec(("branches", i, "id"), f"Branch {i + 1}")
        yield Spec(("branches", i, "workflow", "result"), "Its results", Reads.PAIRS, _RESULTS)
    yield _JOIN


def _only(*specs: Spec) -> Callable[[Mapping[str, Any]], Iterator[Spec]]:
    return lambda _: iter(specs)


_AWAITED = (
    Spec(("noticeBoardNames",), "Notice boards", hint="'a' && ('b' || 'c')", known="known-boards"),
    Spec(("whenNotAnnounced",), "When nobody will post", Reads.CHOICE, choices=_WAITS),
)
_TRIES = (
    Spec(("maxTries",), "Tries at most", Reads.NUMBER),
    Spec(("retryDelays",), "Pauses between", Reads.NUMBERS, "seconds: 60, 600"),
)

_BY_TYPE: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Spec | Rows]]] = {
    "Execute.Named": _only(
        Spec(("defaultArguments",), "Arguments", Reads.PAIRS, "NAME = expression, one a line")
    ),
    "If": _only(Spec(("predicate",), "Condition", hint=_EXPRESSION)),
    "CaseWhen": _cases,
    "Fork": _fork,
    "ForkList": _only(
        Spec(("children",), "List", hint=_EXPRESSION),
        Spec(("childToId",), "Name of a child", hint="(x, i) => $x"),
        Spec(("workflow", "result"), "Results", Reads.PAIRS, _RESULTS),
        Spec(("subagentClusterId",), "Or each subagent of", known="known-clusters"),
        _CLUSTER,
        Spec(("agentName",), "Agent", known="known-agents"),
        Spec(("subagentIdVariable",), "Subagent in variable", hint="js7ForkListSubagentId"),
        _JOIN,
    ),
    "Try": _only(*_TRIES),
    "Retry": _only(*_TRIES),
    "Lock": _lock,
    "PostNotices": _only(
        Spec(("noticeBoardNames",), "Notice boards", Reads.NAMES, known="known-noticeboard"),
        _ARGUMENTS,
    ),
    "ExpectNotices": _only(*_AWAITED),
    "ConsumeNotices": _only(*_AWAITED),
    "AddOrder": _only(
        Spec(("workflowName",), "Workflow", known="known-workflow"),
        _ARGUMENTS,
        Spec(("startPosition",), "Begin at", Reads.POSITION, _PLACE),
        Spec(("endPositions",), "End before", Reads.POSITIONS, "labels or positions, one a line"),
        Spec(
            ("blockPosition",),
            "Only the block",
            Reads.POSITION,
            'a label, or a position that ends with a branch, as in [2, "then"]',
        ),
        Spec(("priority",), "Priority", Reads.NUMBER),
        Spec(("tags",), "Tags", Reads.NAMES),
        Spec(("remainWhenTerminated",), "Keep when finished", Reads.FLAG),
        Spec(("forceJobAdmission",), "Jobs run at any time", Reads.FLAG),
    ),
    "Cycle": lambda it: iter(
        (
            cycle_rows(it.get("schedule")),
            Spec(("onlyOnePeriod",), "Only one period", Reads.FLAG),
        )
    ),
    "Prompt": _only(Spec(("question",), "Question", hint=_EXPRESSION)),
    "Sleep": _only(Spec(("duration",), "Seconds", hint="a number or an expression")),
    "StickySubagent": _only(
        Spec(("agentName",), "Agent", known="known-agents"),
        Spec(("subagentClusterId",), "Subagent cluster", known="known-clusters"),
        _CLUSTER,
    ),
    "Options": _only(Spec(("stopOnFailure",), "Stop where something fails", Reads.FLAG)),
    "AdmissionTime": lambda it: iter((*admission_fields(it.get("admissionTimeScheme")), _SKIPS)),
    "Finish": _only(
        Spec(("message",), "Message"),
        Spec(("unsuccessful",), "As a failure", Reads.FLAG),
    ),
    "Fail": _only(
        Spec(("message",), "Message", hint=_EXPRESSION),
        Spec(("uncatchable",), "Cannot be caught", Reads.FLAG),
        Spec(("outcome",), "Outcome", Reads.VALUE),
    ),
}
