"""Bring the database up to date and see to it that somebody can sign in; repeating is harmless."""

import os
import secrets
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from agents.join import issue_token
from cockpit.allinone_steps import Prepared, from_environment

FIRST_USER = "admin"


class Command(BaseCommand):
    """Migrates, makes the first administrator, and issues tokens; prints JSON for `up`."""

    help = "Migrate the database, make the first administrator, issue joining tokens."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the agents that want to join."""
        parser.add_argument("--join", nargs="*", default=[], metavar="AGENT")

    def handle(self, **options: Any) -> None:
        """Do it and print what came of it as one line."""
        call_command("migrate", interactive=False, verbosity=0)
        told = Prepared(
            login=first_login(),
            tokens={agent_id: issue_token(agent_id) for agent_id in options["join"]},
        )
        self.stdout.write(msgspec.json.encode(told).decode())


def first_login() -> str | None:
    """Return how to sign in, after making the first administrator; None if there are users."""
    users = get_user_model().objects
    if users.exists():
        return None
    given = from_environment(os.environ, "STELLWERK_ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    users.create_superuser(FIRST_USER, password=password)
    if given:
        return f"Sign in as {FIRST_USER} with the password from STELLWERK_ADMIN_PASSWORD."
    return f"Sign in as {FIRST_USER} with the password {password} (it is shown only now)."
