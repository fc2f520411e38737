"""As whom a server runs. PostgreSQL refuses root, so root needs a way around it.

Pure except for `namespace_allowed`, which asks the kernel.
"""

import enum
import subprocess
import sys
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launcher.py")

NOBODY_ID = 65534
"""User and group `nobody` on every Linux; the kernel's overflow id."""


class Identity(enum.Enum):
    """How a server's process relates to the user who starts it."""

    OWN = "own"  # runs as the starting user
    NAMESPACE = "namespace"  # sees itself as nobody in a user namespace; outside it is root
    NOBODY = "nobody"  # root gives up its rights; data lies where nobody may write


def identity_for(user_id: int, *, namespace_is_allowed: bool) -> Identity:
    """Return how PostgreSQL runs for this user."""
    if user_id != 0:
        return Identity.OWN
    return Identity.NAMESPACE if namespace_is_allowed else Identity.NOBODY


def namespace_allowed() -> bool:
    """Whether the kernel lets this process make a user namespace; containers often forbid it."""
    tried = subprocess.run(
        launch(Identity.NAMESPACE, [sys.executable, "-I", "-S", "-c", ""]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return tried.returncode == 0


def launch(identity: Identity, command: list[str], *, die_with: int = 0) -> list[str]:
    """Return the command line that runs `command` under an identity.

    With `die_with`, the process id of the caller, the kernel sends SIGTERM when the caller ends.
    """
    if identity is Identity.OWN and not die_with:
        return command
    python = [sys.executable, "-I", "-S", str(LAUNCHER)]
    return [*python, identity.value, str(die_with), *command]
