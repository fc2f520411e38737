"""Words of JS7's workflow documents that are not taken here, each with a sentence what to write.

They are kept apart from the shape in `engine.workflow.model`, so that a document of JS7 is answered
with what to write instead and never with "unknown".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from engine.workflow.internal import internal_executable_refused
from engine.workflow.model import If, Instruction, PythonScript, ShellScript, Workflow
from engine.workflow.shape import Refusal

_OF_THE_ENGINE = "is a word of JS7's engine and not of its documents"

_INSTRUCTIONS: Mapping[str, str] = {
    "BreakOrder": f"BreakOrder {_OF_THE_ENGINE}: write a Break within a Cycle.",
    "Empty": f"Empty {_OF_THE_ENGINE}: leave the instruction out.",
    "End": f"End {_OF_THE_ENGINE}: write a Finish, or nothing at the end of a block.",
    "Execute.Anonymous": (
        f"Execute.Anonymous {_OF_THE_ENGINE}: write the job into jobs, and Execute.Named with its"
        " name."
    ),
    "ExpectNotice": (
        "ExpectNotice is JS7's older form: write ExpectNotices, with the name of the board in"
        " quotes as noticeBoardNames."
    ),
    "Gap": f"Gap {_OF_THE_ENGINE}: leave the instruction out.",
    "PostNotice": (
        "PostNotice is JS7's older form: write PostNotices, with a list of boards as"
        " noticeBoardNames."
    ),
    "Say": f"Say {_OF_THE_ENGINE}: write a job whose script prints the text.",
}

_EXECUTABLES: Mapping[str, Refusal] = {
    **{
        name: f"The executable {name} is not taken: write a ShellScriptExecutable that calls it."
        for name in (
            "AbsolutePathExecutable",
            "CommandLineExecutable",
            "PathExecutable",
            "RelativePathExecutable",
        )
    },
    "InternalExecutable": internal_executable_refused,
}

TYPES_REFUSED: Mapping[str, Refusal] = {**_INSTRUCTIONS, **_EXECUTABLES}
"""Sentence by TYPE, for types that JS7 has; or what makes the sentence from the object."""

FIELDS_REFUSED: Mapping[type, Mapping[str, str]] = {
    ShellScript: {
        "login": (
            "A script runs as the user of its agent: let an agent run as the Windows user that is"
            " needed."
        )
    },
    PythonScript: {
        "v1Compatible": "This is about shell scripts of older workflows: leave it out.",
    },
    If: {"ifThens": "This is the form of JS7's engine: write predicate and then, or a CaseWhen."},
    Workflow: {
        "calendarPath": (
            "An order belongs to the day in its id, so that no calendar is needed: leave the field"
            " out."
        ),
        "result": (
            "Only the branch of a Fork and the workflow of a ForkList have results: leave the field"
            " out."
        ),
    },
}
"""Sentence by struct and field. The values null and false are taken: they ask for nothing."""

FIELDS_IGNORED: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(get_args(Instruction), frozenset({"position", "positionString", "state"})),
        Workflow: frozenset({"TYPE"}),
    }
)
"""What JS7 adds when it shows or exports a document; the document says the same without it."""
