"""Workflow documents that a simulated order can walk to an end in a short simulated time."""

import json
from typing import Any

from hypothesis import strategies as st

from engine.workflow.write import write_workflow
from tests.strategies_workflow import workflows

AGENTS = ("agent-a", "agent-b")
JOBS = ("load", "copy", "check")
_TRIES, _SECONDS = 2, 4

Document = dict[str, Any]

predicates = st.sampled_from(["true", "$a == 'x'", "$returnCode == 0", "$tryCount < 2", "$nowhere"])


def documents() -> st.SearchStrategy[Document]:
    """Return documents whose jobs run at `AGENTS`, with few tries and short delays."""
    anything = workflows().map(lambda w: bounded(json.loads(write_workflow(w))))
    return st.one_of(busy(), busy(), busy(), anything)


def busy() -> st.SearchStrategy[Document]:
    """Return documents that are mostly jobs, forks and tries."""
    return st.builds(
        lambda instructions, jobs: {"instructions": instructions, "jobs": jobs},
        _block(2),
        st.fixed_dictionaries({name: _job() for name in JOBS}),
    )


def _job() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {
            "agentName": st.sampled_from(AGENTS),
            "executable": st.just({"TYPE": "ShellScriptExecutable", "script": "exit"}),
            "graceTimeout": st.sampled_from([0, 2]),
            "parallelism": st.sampled_from([1, 2]),
        },
        optional={"timeout": st.just(1), "isNotRestartable": st.just(True)},
    )


def _block(depth: int) -> st.SearchStrategy[list[Document]]:
    return st.lists(_instruction(depth), min_size=1, max_size=3)


def _instruction(depth: int) -> st.SearchStrategy[Document]:
    run = st.fixed_dictionaries(
        {"TYPE": st.just("Execute.Named"), "jobName": st.sampled_from(JOBS)}
    )
    end = st.sampled_from([
        {"TYPE": "Finish"},
        {"TYPE": "Finish", "unsuccessful": True},
        {"TYPE": "Fail", "message": "'no'"},
        {"TYPE": "Fail", "outcome": {"returnCode": 7}, "uncatchable": True},
    ])  # fmt: skip
    if depth == 0:
        return st.one_of(run, run, run, end)
    block = _block(depth - 1).map(lambda found: {"instructions": found})
    return st.one_of(run, run, run, end, _if(block), _fork(block), _fork(block), _try(block))


def _if(block: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"TYPE": st.just("If"), "predicate": predicates, "then": block}, optional={"else": block}
    )


def _fork(block: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    results = st.sampled_from([{}, {"result": {"r": "$a"}}])
    inner = st.builds(lambda found, result: {**found, **result}, block, results)
    branches = st.lists(inner, min_size=1, max_size=2).map(
        lambda found: [{"id": "xy"[n], "workflow": one} for n, one in enumerate(found)]
    )
    return st.fixed_dictionaries(
        {"TYPE": st.just("Fork"), "branches": branches, "joinIfFailed": st.booleans()}
    )


def _try(block: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    retry = {"TYPE": "Retry"}
    catch = st.one_of(
        st.just({"instructions": [retry]}),
        block,
        block.map(lambda found: {"instructions": [*found["instructions"], retry]}),
    )
    return st.fixed_dictionaries(
        {
            "TYPE": st.just("Try"),
            "try": block,
            "catch": catch,
            "maxTries": st.sampled_from([1, _TRIES]),
            "retryDelays": st.sampled_from([[], [0], [2], [1, 3]]),
        }
    )


def bounded(document: Document) -> Document:
    """Return any document with everything cut that would only take time."""
    document.pop("orderPreparation", None)
    document.pop("jobResourceNames", None)
    for n, job in enumerate(document.get("jobs", {}).values()):
        job["agentName"] = AGENTS[n % len(AGENTS)]
        job["graceTimeout"] = min(job.get("graceTimeout", 1), _SECONDS)
        job["parallelism"] = min(job.get("parallelism", 1), 2)
    _bound(document["instructions"])
    return document


def _bound(value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            _bound(one)
    elif isinstance(value, dict):
        if value.get("TYPE") in ("Try", "Retry") and "try" in value:
            value["maxTries"] = min(value.get("maxTries") or _TRIES, _TRIES)
            value["retryDelays"] = [min(d, _SECONDS) for d in value.get("retryDelays", [])]
        for one in value.values():
            _bound(one)
