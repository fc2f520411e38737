"""An agent in a process of its own, to be killed: starts jobs, tells lines, waits forever.

``agent_process.py FOLDER ATTEMPT=SCRIPT...`` prints ``ready`` when all have started.
"""

import sys
import time
from pathlib import Path

from tests.component.hands.driver import Agent


def main() -> None:
    """Runs until it is killed."""
    agent = Agent(Path(sys.argv[1]))
    for word in sys.argv[2:]:
        attempt, script = word.split("=", 1)
        agent.shell(
            attempt, script, timeout_s=1.5 if attempt.startswith("t") else None, grace_s=0.2
        )
    agent.until(lambda: len(agent.started) == len(sys.argv) - 2)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main()
