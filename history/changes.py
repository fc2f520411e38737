"""What a batch of journal entries changes in the history's rows."""

from collections import Counter
from collections.abc import Mapping

from history.runs import JobEnd, JobRun, Judged, Run, StateChange

CountKey = tuple[str, str, bool]
"""Workflow, group, and whether they are children."""


class Changes:
    """What a batch of entries changes; `runs` holds the last value of each run that changed.

    `altered` are those of them that got another version, start, arguments or places, which is rare.
    """

    def __init__(self, controller: str, known: Mapping[str, Run]) -> None:
        self.controller = controller
        self.before = known
        self.current: dict[str, Run] = dict(known)
        self.runs: dict[int, Run] = {}
        self.born: set[int] = set()
        self.altered: set[int] = set()
        self.states: list[StateChange] = []
        self.jobs: dict[int, JobRun] = {}
        self.ends: dict[int, JobEnd] = {}
        self.judged: list[Judged] = []

    def counts(self) -> Counter[CountKey]:
        """Return by how much the number of runs in each group changes; zeros are left out."""
        found: Counter[CountKey] = Counter()
        for run in self.runs.values():
            found[run.workflow, run.group, run.parent is not None] += 1
        for before in self.before.values():
            if before.run in self.runs:
                found[before.workflow, before.group, before.parent is not None] -= 1
        return Counter({key: change for key, change in found.items() if change})

    def put(self, run: Run) -> None:
        """Keep the newest value of a run."""
        self.current[run.order_id] = run
        self.runs[run.run] = run
