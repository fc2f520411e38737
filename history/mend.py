"""The history after a gap: live runs as the controller's order rows have them.

What happened in between is gone with the purged entries; the rows say so and invent nothing.
"""

import psycopg

from controller.feed import JournalTorn
from history import partitions
from history.runs import CHILD_BITS

LOST = "Unknown"
"""State of a run of which nobody can tell any more how it ended."""

_GONE = """
    UPDATE history_orderrun r
       SET live = false, state = %(lost)s, "group" = 'finished', ended_at = now(),
           message = 'The journal of its end is purged.', job_no = NULL, job_day = NULL
     WHERE r.controller = %(controller)s AND r.live
       AND NOT EXISTS (SELECT FROM controller_orderrow o WHERE o.controller = r.controller
                       AND o.order_id = r.order_id
                       AND (o.run = r.run >> %(bits)s OR r.parent IS NOT NULL))"""

_KNOWN = """
    UPDATE history_orderrun r
       SET version = o.version, state = o.state, "group" = o."group", position = o.position,
           agent = o.agent,
           suspended = o."group" = 'suspended', reason = NULL, until_at = NULL, ended_at = NULL,
           job_no = NULL, job_day = NULL, changed_no = o.changed_no
      FROM controller_orderrow o
     WHERE r.controller = %(controller)s AND r.live
       AND o.controller = r.controller AND o.order_id = r.order_id"""

_NEW = """
    INSERT INTO history_orderrun (day, controller, run, order_id, parent, workflow, version, state,
           "group", suspended, live, position, message, added_at, agent, priority, tags, arguments,
           changed_no)
    SELECT (now() AT TIME ZONE 'UTC')::date, o.controller,
           (%(first_no)s::bigint - 1 << %(bits)s) + (1 << %(bits)s - 1)
           + row_number() OVER (ORDER BY o.order_id),
           o.order_id, o.parent, o.workflow, o.version, o.state, o."group", o."group" = 'suspended',
           true, o.position, 'The journal of its beginning is purged.', now(), o.agent, 0, '{}',
           '\\x80', o.changed_no
      FROM controller_orderrow o
     WHERE o.controller = %(controller)s AND o.run < %(first_no)s
       AND NOT EXISTS (SELECT FROM history_orderrun r WHERE r.controller = o.controller
                       AND r.order_id = o.order_id AND r.live)"""

_JOBS = """
    UPDATE history_jobrun SET state = 'disrupted', lost = true, ended_at = now(),
           message = 'The journal of its end is purged.'
     WHERE controller = %(controller)s AND state = 'running' AND no < %(first_no)s"""

_COUNTS = """
    INSERT INTO history_groupcount (controller, workflow, "group", child, count)
    SELECT controller, workflow, "group", parent IS NOT NULL, count(*)
      FROM history_orderrun WHERE controller = %(controller)s GROUP BY 1, 2, 3, 4"""


def mend(conn: psycopg.Connection, controller: str, torn: JournalTorn) -> None:
    """Bring the live runs in step with the controller's order rows, in the open transaction."""
    today = conn.execute("SELECT (now() AT TIME ZONE 'UTC')::date").fetchone()
    assert today is not None  # noqa: S101  # it always has a row
    partitions.ensure(conn, [today[0]])
    given = {
        "controller": controller, "first_no": torn.first_no, "bits": CHILD_BITS, "lost": LOST,
    }  # fmt: skip
    for statement in (_GONE, _KNOWN, _NEW, _JOBS):
        conn.execute(statement, given)
    conn.execute("DELETE FROM history_groupcount WHERE controller = %s", (controller,))
    conn.execute(_COUNTS, given)
