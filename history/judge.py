"""Whether job runs took unusually long or short: compared with earlier runs of the same job."""

import json
from collections.abc import Iterable

import psycopg

from history.runs import Judged

RUNS = 100
"""So many successful runs before it are what is usual."""


def judge(conn: psycopg.Connection, controller: str, judged: Iterable[Judged]) -> None:
    """Add warnings to job runs, in the open transaction; their rows must be there."""
    for one in judged:
        found = conn.execute(
            _DURATIONS, {"controller": controller, "day": one.day, "no": one.no, "runs": RUNS}
        ).fetchone()
        warning = warning_of(one, *found) if found else None
        if warning:
            conn.execute(_ADD, (json.dumps([warning]), controller, one.day, one.no))


def warning_of(one: Judged, seconds: float | None, mean_s: float | None) -> str | None:
    """Return what is unusual about a run of so many seconds, None where nothing is to be said."""
    if seconds is None or mean_s is None:
        return None
    ran = f"ran {_shown(seconds)} s"
    if one.longer is not None and seconds > mean_s * (1 + one.longer / 100):
        return f"{ran}, over {one.longer:.6g}% longer than the usual {_shown(mean_s)} s"
    if one.shorter is not None and seconds < mean_s * (1 - one.shorter / 100):
        return f"{ran}, over {one.shorter:.6g}% shorter than the usual {_shown(mean_s)} s"
    return None


_DURATIONS = """
    WITH this AS (
        SELECT workflow, job, started_at, ended_at, no FROM history_jobrun
         WHERE controller = %(controller)s AND day = %(day)s AND no = %(no)s),
    earlier AS (
        SELECT j.ended_at - j.started_at AS duration FROM history_jobrun j, this
         WHERE j.controller = %(controller)s AND j.workflow = this.workflow AND j.job = this.job
           AND j.started_at < this.started_at AND j.ended_at <= this.started_at
           AND j.state = 'succeeded'
         ORDER BY j.started_at DESC, j.no DESC LIMIT %(runs)s)
    SELECT extract(epoch FROM this.ended_at - this.started_at)::float8,
           (SELECT extract(epoch FROM avg(duration))::float8 FROM earlier)
      FROM this"""
_ADD = """
    UPDATE history_jobrun SET warnings = coalesce(warnings, '[]'::jsonb) || %s::jsonb
     WHERE controller = %s AND day = %s AND no = %s"""


def _shown(seconds: float) -> str:
    return f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"
