"""Services that run once in an interval: room for new days, old days away, the journal purged."""

import datetime as dt
from collections.abc import Mapping

from cluster.connection import connect_writer
from cluster.fence import fenced
from cluster.lease import Token
from cluster.service import Service, forget_runs
from cockpit.services.forecast import Forecasting
from cockpit.services.ground import Ground
from cockpit.services.plan import ForgetOldPlans, PlanDaily
from controller.purge import purge, torn_followers
from history import partitions

RUNS_KEPT = dt.timedelta(days=30)
ANSWERS_KEPT = dt.timedelta(days=7)


class CleanUp:
    """Makes the history's partitions ahead of their day and drops what is too old.

    Also answers kept for requests that might be repeated; nobody repeats one after a week.
    """

    name = "cleanup"
    interval_s = 3600.0

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Return how many days were dropped or kept for live orders, and runs and answers gone."""
        today = planned_at.astimezone(dt.UTC).date()
        first = today - dt.timedelta(days=self._ground.history_days)
        counts = {"dropped": 0, "kept": 0}
        with connect_writer(self._ground.dsn, token) as conn:
            with fenced(conn, token):
                partitions.ensure_around(conn, today)
            for day in sorted(day for day in partitions.present(conn) if day < first):
                with fenced(conn, token):
                    dropped = partitions.drop(conn, day)
                counts["dropped" if dropped else "kept"] += 1
            counts["runs"] = forget_runs(conn, token, planned_at - RUNS_KEPT)
            with fenced(conn, token):
                old = planned_at - ANSWERS_KEPT
                gone = conn.execute("DELETE FROM cockpit_keptanswer WHERE made_at < %s", (old,))
            counts["answers"] = gone.rowcount
        return counts


class PurgeJournal:
    """Deletes journal entries that every follower has."""

    name = "journal"
    interval_s = 300.0

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Return how many turns were deleted, and how many followers have lost entries by it."""
        now_us = int(planned_at.timestamp()) * 1_000_000
        ground = self._ground
        with connect_writer(ground.dsn, token) as conn:
            purged = purge(
                conn,
                ground.controller,
                ground.journal,
                now_us=now_us,
                transaction=lambda conn: fenced(conn, token),
            )
            return {"purged": purged, "torn": len(torn_followers(conn, ground.controller))}


def timed_services(ground: Ground) -> list[Service]:
    """Return the services that run in intervals."""
    planning: list[Service] = [PlanDaily(), ForgetOldPlans(), Forecasting(ground)]
    return [CleanUp(ground), PurgeJournal(ground), *planning]
