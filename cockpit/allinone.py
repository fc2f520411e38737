"""Everything on one machine, in the foreground: what `manage.py up` turns into.

Loads no Django, so that the process that watches all others stays small; what needs the store
is done by management commands that it runs.
"""

import argparse
import contextlib
import logging
import os
import secrets
import signal
import sys
import time
from pathlib import Path

from agents.log_lines import log_to_stderr
from cockpit import allinone_plan as plan
from cockpit.allinone_plan import Ground, Options
from cockpit.allinone_steps import (
    NotPossible,
    deploy_demo,
    from_environment,
    page_answers,
    prepare,
    wait_for_ports,
)
from cockpit.embedded import Embedded, EmbeddedPartsFailed, RunningLock
from cockpit.embedded.folders import private_folder, secret_file
from cockpit.processes import Processes

ROOT = Path(__file__).resolve().parent.parent
PAGE_LIMIT_S = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `manage.py up`."""
    default = Options()
    parser.add_argument("--host", default=default.host, help="address the pages answer at")
    parser.add_argument("--port", type=int, default=default.port, help="of the first cockpit")
    for name in ("agents", "controllers", "cockpits"):
        parser.add_argument(f"--{name}", type=int, default=1, metavar="N", help=f"how many {name}")
    parser.add_argument("--demo", action="store_true", help="deploy the workflows in demo/")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")


def options_from(given: argparse.Namespace) -> Options:
    """Return the options that were given.

    Raises:
        NotPossible: a number is out of its range.
    """
    for name, least in (("port", 1), ("agents", 0), ("controllers", 1), ("cockpits", 1)):
        if getattr(given, name) < least:
            raise NotPossible(f"--{name} must be at least {least}, not {getattr(given, name)}.")
    return Options(
        host=given.host,
        port=given.port,
        agents=given.agents,
        controllers=given.controllers,
        cockpits=given.cockpits,
        demo=given.demo,
        browser=not given.no_browser,
    )


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Run everything until a signal; returns the exit status."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    add_arguments(parser)
    home = Path(os.environ.get("STELLWERK_HOME") or root / "var").absolute()
    lock = RunningLock(home)
    log_to_stderr(logging.WARNING)
    try:
        options = options_from(parser.parse_args(arguments))
        lock.acquire(options.address)
        AllInOne(options, root, home).run()
    except (NotPossible, EmbeddedPartsFailed) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    finally:
        lock.release()
    return 0


class AllInOne:
    """One run, from the first server started to the last one stopped."""

    def __init__(self, options: Options, root: Path, home: Path) -> None:
        self._options = options
        self._root = root
        self._home = home
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._stop_asked = False
        self._began = time.monotonic()
        self._started = False
        self._processes = Processes(self._wake, self._say)
        self._stages: list[list[str]] = []

    def run(self) -> None:
        """Start all, watch until asked to stop, stop in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        parts = Embedded(
            self._home,
            database_url=from_environment(os.environ, "DATABASE_URL"),
            broker_url=from_environment(os.environ, "BROKER_URL"),
        )
        try:
            self._start(parts)
            while not self._stop_asked:
                self._processes.tend()
        finally:
            self._stop(parts)

    def _start(self, parts: Embedded) -> None:
        self._say(f"Stellwerk starts from {self._home}")
        wait_for_ports(self._options)
        urls = parts.start()
        parts.watch()
        self._say("PostgreSQL and Valkey answer")
        secret_file(self._home / "secret-key", lambda: secrets.token_urlsafe(48))
        environment = {**os.environ, **urls.environment(), "STELLWERK_HOME": str(self._home)}
        environment.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.settings")
        ground = Ground(sys.executable, self._root, self._home, environment)
        self._start_processes(ground)

    def _start_processes(self, ground: Ground) -> None:
        prepared = prepare(self._options, ground)
        if self._stop_asked:
            return
        self._say("the database is up to date")
        for agent_id in plan.agent_ids(self._options):
            private_folder(plan.agent_home(self._home, agent_id))
        for stage in (
            plan.cockpits(self._options, ground),
            plan.controllers(self._options, ground),
            plan.agents(self._options, ground, prepared.tokens),
        ):
            self._stages.append([child.name for child in stage])
            for child in stage:
                self._processes.start(child)
        self._say(", ".join(name for stage in self._stages for name in stage) + " started")
        self._welcome(ground, prepared.login)

    def _welcome(self, ground: Ground, login: str | None) -> None:
        answered = self._wait_for_page()
        if self._stop_asked:
            return
        if self._options.demo:
            self._say(deploy_demo(ground))
        if answered:
            self._say(f"ready\n\n    {self._options.address}\n\n    {login or 'Sign in.'}\n")
            self._open_browser()
        else:
            self._say(f"The page does not answer yet; see {self._home / 'logs'}. Still trying.")
            if login:
                self._say(login)
        self._say("Ctrl-C stops everything; running jobs go on.")
        self._started = True

    def _wait_for_page(self) -> bool:
        deadline = time.monotonic() + PAGE_LIMIT_S
        while not self._stop_asked and time.monotonic() < deadline:
            if page_answers(self._options):
                return True
            self._processes.tend(0.1)
        return False

    def _open_browser(self) -> None:
        seen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if self._options.browser and seen and sys.stdout.isatty():
            import webbrowser  # loads much that most runs never need

            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(self._options.address)

    def _stop(self, parts: Embedded) -> None:
        for stage in self._stages:
            self._say(f"stopping {', '.join(stage)}")
            self._processes.stop(stage)
        self._say("stopping Valkey and PostgreSQL")
        parts.stop()
        self._say("stopped")

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self._stop_asked = True
        os.eventfd_write(self._wake, 1)

    def _say(self, text: str) -> None:
        # A closed terminal must not stop the watching.
        with contextlib.suppress(OSError):
            sys.stdout.write(f"[{self._moment()}] {text}\n")
            sys.stdout.flush()

    def _moment(self) -> str:
        """Return how far the start is; once all runs, the time as the logs write it."""
        if self._started:
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return f"{time.monotonic() - self._began:6.1f} s"


if __name__ == "__main__":
    sys.exit(main())
