"""`manage.py switch_over`: asks the holder of a role to hand over to another node, and waits."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

import msgspec
import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand

from cluster import statements
from cluster.connection import connect_watcher, dsn_from_url
from cluster.failures import SwitchOverRefused
from cluster.lease import COCKPIT, CONTROLLER, LeaseConfig, Phase
from cluster.role import request_switch_over

DONE, REFUSED, PENDING = 0, 1, 2
LOOK_S = 0.05


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the wish. `took_s` counts from the wish to the new holder's first term."""

    role: str
    to: str
    state: str
    term: int | None = None
    took_s: float | None = None
    problem: str = ""


class Command(BaseCommand):
    """Exit status 0: the node leads. 1: refused, nothing changed. 2: asked, but not led in time."""

    help = "Hand a role over to another running node."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--role", choices=["controller", "cockpit"], required=True)
        parser.add_argument("--to", required=True, metavar="NODE", help="who shall lead")
        parser.add_argument("--wait", type=float, default=40.0, metavar="SECONDS")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, wait, and tell."""
        config = COCKPIT if options["role"] == "cockpit" else CONTROLLER
        result = switch_over(options["role"], options["to"], config, wait_s=options["wait"])
        told = msgspec.json.encode(result).decode() if options["json"] else in_words(result)
        (self.stderr if result.problem and not options["json"] else self.stdout).write(told)
        sys.exit({"done": DONE, "refused": REFUSED}.get(result.state, PENDING))


def switch_over(role: str, to: str, config: LeaseConfig, *, wait_s: float) -> Result:
    """Return what became of the wish that `to` lead, after at most `wait_s` seconds."""
    dsn = dsn_from_url(settings.DATABASE_URL, "switch_over")
    name = role if role == "cockpit" else f"controller.{settings.STELLWERK_CONTROLLER_ID}"
    began = time.monotonic()
    try:
        request_switch_over(dsn, name, to, config=config)
        term = led_by(dsn, name, to, until=began + wait_s, config=config)
    except SwitchOverRefused as refused:
        return Result(role=role, to=to, state="refused", problem=str(refused))
    except psycopg.Error:
        problem = "The database does not answer; the wish may or may not be written."
        return Result(role=role, to=to, state="unknown", problem=problem)
    if term is None:
        problem = f"{to} was asked to lead the {role}, but does not after {wait_s:g} s."
        return Result(role=role, to=to, state="pending", problem=problem)
    took_s = round(time.monotonic() - began, 2)
    return Result(role=role, to=to, state="done", term=term, took_s=took_s)


def led_by(dsn: str, role: str, node: str, *, until: float, config: LeaseConfig) -> int | None:
    """Return the term in which the node leads, None if it does not by `until` (monotonic)."""
    with connect_watcher(dsn, "switch_over", config) as conn:
        while time.monotonic() < until:
            seen = statements.look(conn, role)
            if seen and seen.holder_node == node and seen.phase is Phase.ACTIVE:
                return seen.term
            time.sleep(LOOK_S)
    return None


def in_words(result: Result) -> str:
    """Return the result for people."""
    if result.problem:
        return result.problem
    return f"{result.to} leads the {result.role} in term {result.term}, after {result.took_s} s."
