"""The agent's end of the connection to one supervisor, and what goes over it as values.

Knows sockets and frames, nothing of which attempt belongs where.
"""

import itertools
import socket

from agents.worker.hands import wire
from agents.worker.hands.attempt import Exit, Reason, Start, Started

_REASONS: dict[bytes, Reason] = {
    b"exited": "exited",
    b"killed": "killed",
    b"timedout": "timedout",
    b"lost": "lost",
    b"not_started": "not_started",
}

Name = tuple[int, int]  # generation of the keeper, slot


class Unfit(ValueError):
    """A start holds what no process can be given."""


def encoded(start: Start) -> bytes:
    """Returns the frame of a start.

    Raises:
        Unfit: NUL or a lone surrogate in an argument or variable, or no arguments.
    """
    timeout = "" if start.timeout_s is None else str(max(1, int(start.timeout_s * 1e6)))
    grace, count = str(max(0, int(start.grace_s * 1e6))), str(len(start.argv))
    pairs = itertools.chain.from_iterable(start.env.items())
    fields = ["S", start.attempt, timeout, grace, start.cwd or "", count, *start.argv, *pairs]
    try:
        body = "\0".join(fields).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as failure:
        raise Unfit(f"argument or variable is not text: {failure}") from None
    if body.count(b"\0") != len(fields) - 1:
        raise Unfit("an argument or variable holds a NUL character")
    if not start.argv:
        raise Unfit("there is no program to start")
    return len(body).to_bytes(4, "big") + body


def started(fields: list[bytes]) -> Started:
    """Returns the value of a frame STARTED."""
    return Started(fields[1].decode(), int(fields[2]), int(fields[3]))


def ended(fields: list[bytes]) -> Exit:
    """Returns the value of a frame ENDED."""
    code, number, ended_us, reason, began, cpu, rss, message = fields[2:10]
    return Exit(
        fields[1].decode(),
        int(code) if code else None,
        int(number) if number else None,
        int(ended_us),
        _REASONS[reason],
        message.decode("utf-8", "replace") if message else None,
        int(began) if began else None,
        int(cpu) if cpu else None,
        int(rss) if rss else None,
    )


class Link:
    """A connected supervisor."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.fd = connection.fileno()
        self.name: Name = (0, 0)
        self.pid = 0
        self.ready = False
        self.seen: set[str] = set()  # attempts of its hello
        self.inbox = wire.Inbox()
        self.rest = b""

    def receive(self) -> list[list[bytes]] | None:
        """Returns the frames that have come, none at the end of the connection."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            return None
        return self.inbox.feed(data) if data else None

    def send(self, data: bytes) -> bool:
        """Returns whether all is sent; the rest waits for ``send(b"")``."""
        data = self.rest + data if self.rest else data
        try:
            sent = self.socket.send(data, socket.MSG_NOSIGNAL) if data else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)  # the end of the connection is read soon
        self.rest = data[sent:]
        return not self.rest
