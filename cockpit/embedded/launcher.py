"""Turns its own process into another one under a different identity: a script, never imported.

A script of its own, because doing this between fork and exec of a threaded process may deadlock.
Usage: launcher.py own|namespace|nobody DIE_WITH COMMAND...
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY_ID = 65534


def main(arguments: list[str]) -> None:
    """Become the command; returns only by an exception."""
    identity, die_with, *command = arguments
    if identity == "namespace":
        enter_namespace()
    elif identity == "nobody":
        become_nobody()
    # Last, since giving up user rights clears the signal (prctl(2)).
    if int(die_with):
        die_with_parent(int(die_with))
    os.execv(command[0], command)  # noqa: S606 no shell is wanted


def enter_namespace() -> None:
    """Enter a user namespace where this user is called nobody; files stay the user's own."""
    user_id, group_id = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY_ID} {user_id} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY_ID} {group_id} 1")


def become_nobody() -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(NOBODY_ID)
    os.setuid(NOBODY_ID)


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGTERM at the parent's end, which may already be past."""
    _call("prctl", PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"the parent {parent} has ended")


def _call(function: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
