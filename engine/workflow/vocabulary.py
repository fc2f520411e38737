"""Words of JS7's workflow documents that are known here but not taken, each with a sentence.

They are kept apart from the shape in `engine.workflow.model`, so that a document of JS7 is answered
with "not supported yet" and never with "unknown".
"""

from collections.abc import Mapping

from engine.workflow.model import (
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    ImplicitEnd,
    Job,
    Retry,
    ShellScript,
    Try,
    Workflow,
)

_INSTRUCTIONS_TO_COME = (
    "AddOrder",
    "AdmissionTime",
    "Break",
    "BreakOrder",
    "ConsumeNotices",
    "Cycle",
    "Empty",
    "End",
    "Execute.Anonymous",
    "ExpectNotice",
    "ExpectNotices",
    "ForkList",
    "Gap",
    "Lock",
    "Options",
    "PostNotice",
    "PostNotices",
    "Prompt",
    "Say",
    "Segment",
    "Sleep",
    "StickySubagent",
    "Stop",
)

_EXECUTABLES_TO_COME = (
    "AbsolutePathExecutable",
    "CommandLineExecutable",
    "PathExecutable",
    "RelativePathExecutable",
)

TYPES_REFUSED: Mapping[str, str] = {
    **{name: f"The instruction {name} is not supported yet." for name in _INSTRUCTIONS_TO_COME},
    **{
        name: f"The executable {name} is not supported yet: write a ShellScriptExecutable."
        for name in _EXECUTABLES_TO_COME
    },
    "InternalExecutable": (
        "An InternalExecutable runs inside the Java machine of a JS7 agent, which is not here:"
        " write a ShellScriptExecutable that starts the program instead."
    ),
}
"""Sentence by TYPE, for types that JS7 has."""

FIELDS_REFUSED: Mapping[type, Mapping[str, str]] = {
    Job: {
        name: f"The field {name} is not supported yet."
        for name in (
            "subagentClusterId",
            "subagentClusterIdExpr",
            "withSubagentClusterIdExpr",
            "admissionTimeScheme",
            "skipIfNoAdmissionForOrderDay",
            "killAtEndOfAdmissionPeriod",
        )
    },
    ShellScript: {"login": "Running a script as another Windows user is not supported yet."},
    If: {"ifThens": "This is the form of JS7's engine: write predicate and then, or a CaseWhen."},
    Workflow: {
        "calendarPath": "The field calendarPath is not supported yet.",
        "result": "Results of a whole workflow are not supported yet.",
    },
}
"""Sentence by struct and field. The values null and false are taken: they ask for nothing."""

_INSTRUCTIONS = (Execute, If, CaseWhen, Fork, Try, Retry, Finish, Fail, ImplicitEnd)

FIELDS_IGNORED: Mapping[type, frozenset[str]] = {
    **dict.fromkeys(_INSTRUCTIONS, frozenset({"position", "positionString", "state"})),
    Workflow: frozenset({"TYPE"}),
}
"""What JS7 adds when it shows or exports a document; the document says the same without it."""
