"""Frames between the agent and its supervisors: a length, then fields parted by NUL.

Neither an argument nor a variable of a process can hold NUL, so nothing is escaped and a frame
is taken apart by one ``split``. Standard library only: supervisors import this file.
"""

VERSION = b"1"

# Agent to supervisor.
START = (
    b"S"  # attempt, timeout_us or empty, grace_us, cwd or empty, argc, argv..., name, value, ...
)
KILL = b"K"  # attempt, grace_us or empty (the one of the start)
ACKNOWLEDGE = b"D"  # attempts...
TAKE_OVER = b"T"  # take over all records without a living owner
QUIT = b"Q"  # end if idle

# Supervisor to agent.
HELLO = b"H"  # version, generation, slot, pid
STARTED = b"P"  # attempt, pid, started_us
ENDED = b"E"  # attempt, code, signal, ended_us, reason, started_us, cpu_us, max_rss_kb, message
READY = b"R"  # the list after a hello is complete
REFUSED = b"X"  # attempt: its exit is acknowledged already
TAKEN_OVER = b"T"  # the list after a take-over is complete


def frame(*fields: bytes) -> bytes:
    """Returns one frame."""
    body = b"\0".join(fields)
    return len(body).to_bytes(4, "big") + body


class Inbox:
    """Bytes of a stream socket, cut into frames."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[list[bytes]]:
        """Returns the fields of each frame that is complete now."""
        data = self._rest + data if self._rest else data
        frames: list[list[bytes]] = []
        start, size = 0, len(data)
        while size - start >= 4:
            end = start + 4 + int.from_bytes(data[start : start + 4], "big")
            if end > size:
                break
            frames.append(data[start + 4 : end].split(b"\0"))
            start = end
        self._rest = data[start:]
        return frames
