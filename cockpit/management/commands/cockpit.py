"""One cockpit member: pages, API, live sockets, and its part in the cockpit cluster."""

import signal
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from agents.log_lines import log_to_stderr
from cockpit.member import BackgroundServices


class Command(BaseCommand):
    """Serves until SIGTERM; the active member also runs the background services."""

    help = "Run one cockpit member."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the member's name and where it answers."""
        parser.add_argument("--member", default=settings.STELLWERK_MEMBER)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, **options: Any) -> None:
        """Serve until asked to stop."""
        log_to_stderr()
        config = uvicorn.Config(
            "cockpit.asgi:application",
            host=options["host"],
            port=options["port"],
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            lifespan="on",
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=30,
            log_level="warning",
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            # The server raises the signal again when it has ended; then there is still work here.
            signal.signal(number, lambda *_: None)
        home = Path(settings.STELLWERK_HOME)
        with BackgroundServices(settings.DATABASE_URL, options["member"], home=home):
            uvicorn.Server(config).run()
