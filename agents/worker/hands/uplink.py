"""The supervisor's connection to its agent: it calls, and calls again while the agent is down.

One connection at a time, read to its end before the next, so a dead agent's starts are done or
reported before a new agent is told what runs. Standard library only.
"""

import os
import select
import socket
import struct

from agents.worker.hands.wire import Inbox

_QUIET = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
RETRY_S = 0.05


class Uplink:
    """A socket in the supervisor's epoll, or none while there is no agent."""

    def __init__(self, folder: int, epoll: select.epoll) -> None:
        self.folder = folder  # descriptor of the folder of sockets: paths may be long
        self.epoll = epoll
        self.socket: socket.socket | None = None
        self.fd = -1
        self.inbox = Inbox()
        self.out: list[bytes] = []
        self.blocked = False

    def connect(self) -> bool:
        """Returns whether the agent answers now."""
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.connect(f"/proc/self/fd/{self.folder}/agent.sock")
        except OSError:
            link.close()
            return False
        peer = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if peer[1] not in (0, os.geteuid()):
            link.close()
            return False
        link.settimeout(0)
        self.socket, self.fd, self.inbox = link, link.fileno(), Inbox()
        self.epoll.register(self.fd, select.EPOLLIN)
        return True

    def receive(self) -> list[list[bytes]]:
        """Returns the frames that have come; at the end of the connection it drops it."""
        if self.socket is None:
            return []
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.drop()
        return self.inbox.feed(data)

    def put(self, frame: bytes) -> None:
        """Queues a frame; without an agent it is dropped, the next hello says it all."""
        if self.socket is not None:
            self.out.append(frame)

    def flush(self) -> None:
        """Sends what the socket takes."""
        if self.socket is None or not self.out or self.blocked:
            return
        data = b"".join(self.out)
        try:
            sent = self.socket.send(data, _QUIET)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # its end is read, after what it still says
        self.out = [data[sent:]] if sent < len(data) else []
        self._watch(blocked=bool(self.out))

    def writable(self) -> None:
        """Goes on after the socket was full."""
        self._watch(blocked=False)
        self.flush()

    def drop(self) -> None:
        """Closes the connection."""
        if self.socket is not None:
            self.epoll.unregister(self.fd)
            self.socket.close()
        self.socket, self.fd, self.out, self.blocked = None, -1, [], False

    def _watch(self, *, blocked: bool) -> None:
        if blocked != self.blocked:
            self.blocked = blocked
            events = select.EPOLLIN | (select.EPOLLOUT if blocked else 0)
            self.epoll.modify(self.fd, events)
