"""New instructions and jobs, as an editor puts them in.

What only the author can know is left out, so that a problem points at it; the rest is right.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from inventory.editing.errors import OperationUnfit

_EMPTY: dict[str, Any] = {"instructions": []}
_DAY = {"TYPE": "DailyPeriod", "secondOfDay": 6 * 3600, "duration": 12 * 3600}

_STARTERS: Mapping[str, Mapping[str, Any]] = {
    "Execute.Named": {"jobName": ""},
    "Fork": {
        "branches": [
            {"id": "branch-1", "workflow": _EMPTY},
            {"id": "branch-2", "workflow": _EMPTY},
        ]
    },
    "ForkList": {"children": "$list", "childToId": "(x) => $x", "workflow": _EMPTY},
    "If": {"predicate": "$returnCode == 0", "then": _EMPTY},
    "CaseWhen": {"cases": [{"predicate": "$returnCode == 0", "then": _EMPTY}]},
    "Try": {"try": _EMPTY, "catch": _EMPTY},
    "Retry": {"maxTries": 3, "retryDelays": [60], "try": _EMPTY},
    "Cycle": {
        "schedule": {"schemes": [{"repeat": {"TYPE": "Ticking", "interval": 3600}}]},
        "cycleWorkflow": _EMPTY,
    },
    "Break": {},
    "Lock": {"demands": [{}], "lockedWorkflow": _EMPTY},
    "PostNotices": {"noticeBoardNames": []},
    "ExpectNotices": {"noticeBoardNames": ""},
    "ConsumeNotices": {"noticeBoardNames": "", "subworkflow": _EMPTY},
    "Prompt": {"question": "'Go on?'"},
    "Sleep": {"duration": "60"},
    "AddOrder": {},
    "AdmissionTime": {"admissionTimeScheme": {"periods": [_DAY]}, "block": _EMPTY},
    "StickySubagent": {"subworkflow": _EMPTY},
    "Options": {"stopOnFailure": True, "block": _EMPTY},
    "Segment": {"block": _EMPTY},
    "Stop": {},
    "Finish": {},
    "Fail": {"message": "'failed'"},
}

EXECUTABLES: Mapping[str, Mapping[str, Any]] = {
    "ShellScriptExecutable": {"script": "#!/bin/sh\necho hello\n"},
    "PythonExecutable": {"script": "print('hello')\n"},
    "BuiltInExecutable": {"kind": "Http", "arguments": {"url": "'https://example.org/'"}},
}
"""What a job of each kind begins with."""

TYPES = tuple(_STARTERS)
"""All instructions that can be put in, in the order in which they are offered."""


def starter(kind: str) -> dict[str, Any]:
    """Return a new instruction.

    Raises:
        OperationUnfit: there is no such kind.
    """
    fields = _STARTERS.get(kind)
    if fields is None:
        raise OperationUnfit(f"There is no instruction {kind!r}; there are: {', '.join(TYPES)}.")
    return {"TYPE": kind, **copy.deepcopy(dict(fields))}


def executable(kind: str) -> dict[str, Any]:
    """Return a new executable.

    Raises:
        OperationUnfit: there is no such kind.
    """
    fields = EXECUTABLES.get(kind)
    if fields is None:
        raise OperationUnfit(f"There is no kind of job {kind!r}.")
    return {"TYPE": kind, **copy.deepcopy(dict(fields))}


def new_job(jobs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new job, at the agent that most of the others run at."""
    agents = [j["agentName"] for j in jobs.values() if isinstance(j, Mapping) and "agentName" in j]
    named = [agent for agent in agents if isinstance(agent, str)]
    agent = {"agentName": max(named, key=named.count)} if named else {}
    return {**agent, "executable": executable("ShellScriptExecutable")}


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Return the name, or with the first number that makes it another than those taken."""
    known = set(taken)
    if wanted not in known:
        return wanted
    stem, _, number = wanted.rpartition("-")
    begin = stem if stem and number.isdecimal() else wanted
    return next(name for n in range(2, len(known) + 3) if (name := f"{begin}-{n}") not in known)
