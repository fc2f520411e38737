"""Values the agent exchanges with its pool of supervisors.

Times are microseconds since the epoch (``*_us``), durations seconds (``*_s``).
"""

from typing import Literal

from msgspec import Struct

Reason = Literal["exited", "killed", "timedout", "lost", "not_started"]


class Start(Struct, frozen=True):
    """One attempt to run a job: ``argv[0]`` is a path, ``env`` all that the process gets."""

    attempt: str
    argv: tuple[str, ...]
    env: dict[str, str]
    timeout_s: float | None = None
    grace_s: float = 15.0
    cwd: str | None = None


class Started(Struct, frozen=True):
    """The process of an attempt exists."""

    attempt: str
    pid: int
    started_us: int


class Exit(Struct, frozen=True):
    """The end of an attempt.

    ``lost``: it may have run, nobody knows how it ended. ``not_started``: it surely never ran.
    ``signal`` is set where a signal ended the process, ``return_code`` where it ended by itself.
    ``max_rss_kb`` is never below the supervisor's own (about 8 MB), because of vfork.
    """

    attempt: str
    return_code: int | None
    signal: int | None
    ended_us: int
    reason: Reason
    message: str | None = None
    started_us: int | None = None
    cpu_us: int | None = None
    max_rss_kb: int | None = None


class Adopted(Struct, frozen=True):
    """What a pool found when it was opened.

    An attempt that is in neither list was never started if ``same_boot``; else it is lost.
    """

    running: tuple[Started, ...]
    exits: tuple[Exit, ...]
    same_boot: bool

    def verdict(self, attempt: str) -> Literal["running", "ended", "lost", "not_started"]:
        """Returns what became of an attempt the agent's journal says was started."""
        if any(one.attempt == attempt for one in self.running):
            return "running"
        if any(one.attempt == attempt for one in self.exits):
            return "ended"
        return "not_started" if self.same_boot else "lost"
