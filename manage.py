#!/usr/bin/env python
"""Django's command line for Stellwerk."""

import os
import sys
import zoneinfo


def main() -> None:
    """Run a management command; the agent starts without loading Django."""
    # Every machine computes with the zones of the locked package, not with those of its system.
    zoneinfo.reset_tzpath(())
    if sys.argv[1:2] == ["agent"]:
        from agents.worker.__main__ import main as agent_main

        sys.exit(agent_main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
