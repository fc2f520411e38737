"""The history's follower of the journal: entries in, rows out, nothing decided."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence

import psycopg

from controller.feed import JournalTorn
from controller.journal import Entry
from history import partitions
from history.changes import Changes
from history.load import ids_needed, newest_runs
from history.mend import mend
from history.project import project
from history.runs import Run
from history.texts import stored_text
from history.write import write

NAME = "history"
RUNS_IN_MIND = 20_000


def history_channel(controller: str) -> str:
    """Return the channel on which the number is announced up to which rows are there."""
    return f"stellwerk_history_{controller}"


class HistoryFollower:
    """Keeps runs, states and job runs in step with the journal.

    Runs of live orders are kept in mind, so that a batch reads only what it does not know; that
    memory is good only if entries come without a gap, and is dropped otherwise.
    """

    def __init__(self, controller: str, *, runs_in_mind: int = RUNS_IN_MIND) -> None:
        self._controller = controller
        self._runs_in_mind = runs_in_mind
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._next_no: int | None = None
        self._days: set[dt.date] = set()

    @property
    def name(self) -> str:
        """The name under which its position is kept."""
        return NAME

    def take(self, conn: psycopg.Connection, entries: Sequence[Entry]) -> None:
        """Write the rows that follow from the entries; several states of a run become one write."""
        if entries[0].no != self._next_no:
            self._runs.clear()
            self._days.clear()
        self._next_no = None
        changes = project(self._controller, entries, self._known(conn, entries))
        self._make_room(conn, changes)
        write(conn, changes)
        self._announce(conn, entries[-1].no)
        self._keep_in_mind(changes)
        self._next_no = entries[-1].no + 1

    def flag(self, conn: psycopg.Connection, entry: Entry, problem: str) -> None:
        """Note an entry that could not be taken."""
        conn.execute(
            "INSERT INTO history_followerproblem"
            " (follower, controller, no, order_id, event, problem)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                NAME,
                self._controller,
                entry.no,
                stored_text(entry.order),
                type(entry.event).__name__,
                stored_text(problem),
            ),
        )

    def mend(self, conn: psycopg.Connection, torn: JournalTorn) -> None:
        """Bring the runs in step with the controller's rows, where entries between are gone."""
        self._next_no = None
        mend(conn, self._controller, torn)
        self._announce(conn, torn.first_no - 1)

    def _known(self, conn: psycopg.Connection, entries: Sequence[Entry]) -> dict[str, Run]:
        needed = ids_needed(entries)
        in_mind = {i: self._runs[i] for i in needed if i in self._runs}
        return in_mind | newest_runs(conn, self._controller, needed - in_mind.keys())

    def _make_room(self, conn: psycopg.Connection, changes: Changes) -> None:
        days = {change.day for change in changes.states} | {
            job.day for job in changes.jobs.values()
        }
        if missing := days - self._days:
            partitions.ensure(conn, missing)
            self._days |= missing

    def _announce(self, conn: psycopg.Connection, no: int) -> None:
        conn.execute("SELECT pg_notify(%s, %s)", (history_channel(self._controller), str(no)))

    def _keep_in_mind(self, changes: Changes) -> None:
        for run in changes.runs.values():
            if changes.current[run.order_id] is not run:
                continue
            self._runs.pop(run.order_id, None)
            if run.live:
                self._runs[run.order_id] = run
        while len(self._runs) > self._runs_in_mind:
            self._runs.popitem(last=False)
