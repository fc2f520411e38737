"""How many jobs have run at an agent at once, as far as the newest job runs tell."""

import psycopg

RUNS = 50_000
"""So many of the newest job runs are looked at, whatever history there is."""

_MOST = """
    WITH newest AS (
        SELECT agent, started_at, ended_at FROM history_jobrun
         WHERE controller = %s AND started_at >= now() - %s * interval '1 day'
         ORDER BY started_at DESC, no DESC LIMIT %s),
    steps AS (
        SELECT agent, started_at AS at, 1 AS by FROM newest
         UNION ALL SELECT agent, ended_at, -1 FROM newest WHERE ended_at IS NOT NULL)
    SELECT agent, max(running) FROM (
        SELECT agent, sum(by) OVER (PARTITION BY agent ORDER BY at, by) AS running FROM steps) AS s
     GROUP BY agent"""


def most_at_once(
    conn: psycopg.Connection, controller: str, *, days: int = 30, runs: int = RUNS
) -> dict[str, int]:
    """Return the most jobs that ran at once at each agent; one that ends makes room before.

    Args:
        conn: a session.
        controller: whose.
        days: how far back to look.
        runs: how many of the newest job runs to look at.
    """
    return dict(conn.execute(_MOST.encode(), (controller, days, runs)).fetchall())
