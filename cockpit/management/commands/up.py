"""Start everything on this machine and stay in the foreground."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cockpit import allinone


class Command(BaseCommand):
    """Hands over to a process without Django, which then watches all others."""

    help = "Start everything on this machine and stay in the foreground."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options of an all-in-one start."""
        allinone.add_arguments(parser)

    def handle(self, **options: Any) -> None:
        """Become the watching process."""
        words = [f"--{name}={options[name]}" for name in ("host", "port")]
        words += [f"--{name}={options[name]}" for name in ("agents", "controllers", "cockpits")]
        words += [f"--{name.replace('_', '-')}" for name in ("demo", "no_browser") if options[name]]
        if home := os.environ.get("STELLWERK_HOME"):
            os.environ["STELLWERK_HOME"] = os.path.abspath(home)  # noqa: PTH100 keeps links
        os.chdir(allinone.ROOT)
        sys.stdout.flush()
        command = [sys.executable, "-m", "cockpit.allinone", *words]
        os.execv(sys.executable, command)  # noqa: S606 no shell is wanted
