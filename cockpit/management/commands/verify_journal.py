"""`manage.py verify_journal`: proves that the controller's rows equal a replay of its journal."""

import sys
from argparse import ArgumentParser
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand

from cluster.connection import dsn_from_url
from controller.verify import Verdict, verify_journal


class Command(BaseCommand):
    """Replays and compares; exit status 1 where something differs."""

    help = "Prove that the rows of the controller equal a replay of its journal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print the verdict as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict."""
        dsn = dsn_from_url(settings.DATABASE_URL, "verify_journal")
        verdict = verify_journal(dsn, settings.STELLWERK_CONTROLLER_ID)
        text = msgspec.json.encode(verdict).decode() if options["json"] else in_words(verdict)
        self.stdout.write(text)
        if not verdict.ok:
            sys.exit(1)


def in_words(verdict: Verdict) -> str:
    """Return the verdict for people."""
    lines = [
        f"{verdict.entries} entries up to number {verdict.last_no}, {verdict.orders} orders"
        f" ({verdict.not_replayable} began before the journal does)."
    ]
    if verdict.facts is not None:
        lines.append(f"{verdict.facts} locks, notices and the like, {verdict.waiters} waiters.")
    lines += [*verdict.gaps, *verdict.differences]
    lines.append("Rows and journal agree." if verdict.ok else "Rows and journal differ.")
    return "\n".join(lines)
