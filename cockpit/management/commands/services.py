"""`manage.py services`: the background services of one term, child of the active cockpit member."""

import ctypes
import logging
import os
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from agents.log_lines import log_to_stderr
from cluster import names
from cluster.connection import dsn_from_url
from cluster.failures import LeadershipLost
from cluster.lease import Token
from cockpit.ending import stop_at_signals
from cockpit.services.beat import Beat
from cockpit.services.forecast import WatchForecast
from cockpit.services.ground import Ground
from cockpit.services.lasting import lasting_services
from cockpit.services.plan import WatchReleases
from cockpit.services.plan_operations import DoPlanOperations
from cockpit.services.running import Running
from cockpit.services.timed import timed_services

log = logging.getLogger("services")

ROLE = "cockpit"
DEPOSED = 3
"""Exit status when the term is over; the cockpit member does not start these services again."""

DRAIN_S = 25.0
_PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    """Runs the background services until told to stop, or until the term is over."""

    # The member that starts this has checked everything, and serves the pages that checks load.
    requires_system_checks = []
    help = "Run the background services of a term; started by the active cockpit member."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the right by which the services write."""
        parser.add_argument("--term", type=int, required=True)
        parser.add_argument("--holder", required=True)
        parser.add_argument("--timeline", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; exit status 3 where the term is over."""
        log_to_stderr()
        end_with_parent()
        stop = threading.Event()
        stop_at_signals(stop)
        token = Token(ROLE, options["term"], options["holder"], options["timeline"])
        name_sessions(token)
        sys.exit(serve(ground_of(token), stop))


def ground_of(token: Token) -> Ground:
    """Return what the services of this installation stand on."""
    return Ground(
        dsn=dsn_from_url(settings.DATABASE_URL, f"services:{token.holder}"),
        broker_url=settings.BROKER_URL,
        controller=settings.STELLWERK_CONTROLLER_ID,
        token=token,
        history_days=settings.STELLWERK_HISTORY_DAYS,
    )


def name_sessions(token: Token) -> None:
    """Let Django's own sessions bear the token's name, so that the next holder can end them.

    Each thread keeps its session: a pool would only hand it out and take it back.
    """
    database = connections.databases["default"]
    database["OPTIONS"] = {
        **{name: value for name, value in database["OPTIONS"].items() if name != "pool"},
        "application_name": names.writer(token),
    }
    database.update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)


def serve(ground: Ground, stop: threading.Event) -> int:
    """Run all services until `stop` is set or the term is over, and return the exit status."""
    running = Running(ground.dsn, ground.token, stop)
    try:
        running.begin()
    except LeadershipLost as lost:
        log.warning("services.deposed", extra={"reason": str(lost)})
        return DEPOSED
    woken = timed_services(ground)
    for timed in woken:
        running.timed(timed)
    for lasting in lasting_services(ground, stop):
        running.lasting(lasting)
    running.lasting(WatchReleases(ground, stop, wake=running.run_now))
    running.lasting(DoPlanOperations(ground, stop))
    running.lasting(WatchForecast(ground, stop, wake=running.run_now))
    running.lasting(Beat(ground, stop, services=woken, wake=running.wake))
    log.info("services.started", extra={"term": ground.token.term})
    running.watch()
    late = running.join(DRAIN_S)
    if late:
        log.warning("services.cut_off", extra={"services": late})
    return DEPOSED if running.deposed else 0


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM at the parent's end, which may already be past."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent has ended")
