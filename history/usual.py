"""What was usual: how long jobs took that went well, and which branches orders went into.

Reads the newest runs of each workflow by index, so it costs the same however long history is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg

from engine.errors import EngineError
from engine.position import Position, from_text, place, to_text
from simulation.forecast.branches import PAST
from simulation.forecast.snapshot import Ran, Went

RUNS = 20
"""So many of the last runs are what is usual."""

READ_AT_MOST = 2_000
_JOBS = """
    SELECT j.workflow, j.job, j.label, j.position,
           extract(epoch FROM j.ended_at - j.started_at)::float8
      FROM unnest(%(workflows)s::text[], %(limits)s::int[]) AS w (path, wanted)
     CROSS JOIN LATERAL (
           SELECT workflow, job, label, position, started_at, ended_at FROM history_jobrun
            WHERE controller = %(controller)s AND workflow = w.path AND state = 'succeeded'
              AND ended_at IS NOT NULL AND started_at >= now() - %(days)s * interval '1 day'
            ORDER BY started_at DESC, no DESC LIMIT w.wanted) AS j"""
_WAYS = """
    SELECT r.workflow, r.run, s.position
      FROM unnest(%(workflows)s::text[]) AS w (path)
     CROSS JOIN LATERAL (
           SELECT workflow, run, day FROM history_orderrun
            WHERE controller = %(controller)s AND workflow = w.path AND state = 'Finished'
              AND added_at >= now() - %(days)s * interval '1 day'
            ORDER BY added_at DESC, run DESC LIMIT %(runs)s) AS r
      JOIN history_orderrunstate s
        ON s.controller = %(controller)s AND s.run = r.run
       AND s.day >= r.day AND s.day <= r.day + 2"""


def last_runs(
    conn: psycopg.Connection, controller: str, jobs: Mapping[str, int], *, days: int = 90
) -> list[Ran]:
    """Return the durations of the last runs that went well.

    Args:
        conn: a session.
        controller: whose.
        jobs: how many jobs each workflow of interest has.
        days: how far back to look.
    """
    limits = [min(READ_AT_MOST, 2 * RUNS * max(1, n)) for n in jobs.values()]
    rows = conn.execute(
        _JOBS.encode(),
        {"controller": controller, "workflows": list(jobs), "limits": limits, "days": days},
    )
    kept: dict[tuple[str, str, str], list[float]] = {}
    for workflow, job, label, position, seconds in rows:
        for key in ((workflow, job, label or place_text(position)), (workflow, job, "")):
            runs = kept.setdefault(key, [])
            if len(runs) < RUNS:
                runs.append(seconds)
    return [Ran(*key, tuple(sorted(runs))) for key, runs in kept.items()]


def branches_taken(
    conn: psycopg.Connection, controller: str, workflows: Sequence[str], *, days: int = 90
) -> list[Went]:
    """Return how often the last orders that finished went into each branch of a condition."""
    values = {"controller": controller, "workflows": list(workflows), "runs": RUNS, "days": days}
    ways: dict[tuple[str, int], list[str]] = {}
    for workflow, run, position in conn.execute(_WAYS.encode(), values):
        ways.setdefault((workflow, run), []).append(position)
    counts: dict[tuple[str, str, str], int] = {}
    for (workflow, _), positions in ways.items():
        for at, branch in branches_of(positions):
            counts[workflow, at, branch] = counts.get((workflow, at, branch), 0) + 1
    taken = {(workflow, at) for (workflow, at, branch) in counts if branch != PAST}
    return [Went(*key, n) for key, n in counts.items() if key[:2] in taken]


def branches_of(positions: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the places of instructions on a way with the branch that was taken there, once each.

    Where it went on behind an instruction without entering a branch, that is `PAST`.
    """
    taken: dict[Position, str] = {}
    furthest: dict[Position, int] = {}
    for text in positions:
        at = _place(text)
        for n in range(0, len(at), 2):
            scope, index = at[:n], at[n]
            assert isinstance(index, int)  # noqa: S101  # every second part of a position
            furthest[scope] = max(furthest.get(scope, 0), index)
            branch = at[n + 1] if n + 1 < len(at) else None
            if isinstance(branch, str) and branch.partition("+")[0] in ("then", "else"):
                taken[at[: n + 1]] = branch
    yield from ((to_text(at), branch) for at, branch in taken.items())
    for scope, last in furthest.items():
        for index in range(last):
            if (*scope, index) not in taken:
                yield to_text((*scope, index)), PAST


def place_text(position: str) -> str:
    """Return the place of a position as text, without tries and cycles."""
    return to_text(_place(position))


def _place(position: str) -> Position:
    try:
        return place(from_text(position))
    except EngineError:
        return ()
