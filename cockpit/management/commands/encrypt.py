"""Seal a secret value, so that only the agents that need it can read it."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.sealing import AgentWithoutKey, sealed_for


class Command(BaseCommand):
    """`encrypt --agent ID …`: takes the value from standard input, prints what documents hold.

    The value is never an argument: command lines are seen by others.
    """

    help = "Seal a secret value for agents. The value comes from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the agents."""
        parser.add_argument(
            "--agent", action="append", required=True, help="who may open it; may be repeated"
        )

    def handle(self, **options: Any) -> None:
        """Print the sealed value; the end of the line that was typed is no part of the value."""
        if sys.stdin.isatty():
            value = getpass.getpass("Value: ")
        else:
            value = sys.stdin.read().removesuffix("\n")
        if not value:
            raise CommandError("There is no value to seal.", returncode=2)
        try:
            self.stdout.write(sealed_for(options["agent"], value))
        except AgentWithoutKey as problem:
            raise CommandError(str(problem), returncode=1) from None
