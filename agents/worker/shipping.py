"""What jobs write, on its way to history: chunks per attempt until they are acknowledged.

Beside the events and of no weight for them: a full carrier or a stopped history holds up logs only.
Files are deleted when everything of them is acknowledged and the end of the process is journalled.
"""

import base64
from collections.abc import Callable

import msgspec

from agents.protocol import LogAck, LogChunk
from agents.worker.hands.output import Chunk, Mark, OutputReader

UNACKNOWLEDGED_BYTES = 4 << 20
RESEND_AFTER_S = 5.0
RESEND_AT_MOST_S = 300.0
LOOK_S = 0.25

_encode = msgspec.msgpack.Encoder().encode


class Following(msgspec.Struct):
    """How far the output of one attempt was sent and acknowledged, per stream.

    `told_end` tells that all of an ended attempt was sent; `under_way` are the bytes between the
    two, of all its streams.
    """

    sent: dict[str, Mark]
    acked: dict[str, int]
    ended: bool = False
    told_end: bool = False
    progress_s: float = 0.0
    under_way: int = 0


class Shipping:
    """Follows the output of running and ended attempts."""

    def __init__(self, agent: str, reader: OutputReader, send: Callable[[str], None]) -> None:
        self.agent, self.reader, self._send = agent, reader, send
        self.following: dict[str, Following] = {}
        self._under_way = 0
        self._looked_s = 0.0
        self._resend_after_s = RESEND_AFTER_S

    def follow(self, attempt: str, now_s: float, *, ended: bool = False) -> None:
        """Begin with an attempt that starts, or that was found after a restart."""
        self.reader.follow(attempt)
        self._forget(attempt)
        self.following[attempt] = Following({}, {}, ended=ended, progress_s=now_s)

    def ended(self, attempt: str, now_s: float, now_us: int) -> None:
        """Send what is left of an attempt whose process is gone."""
        one = self.following.get(attempt)
        if one is None:
            return
        one.ended = True
        self._look(attempt, one, now_s, now_us)

    def acknowledge(self, ack: LogAck, now_s: float) -> None:
        """Note what history has."""
        self._resend_after_s = RESEND_AFTER_S
        one = self.following.get(ack.attempt)
        if one is not None and ack.offset > one.acked.get(ack.stream, 0):
            one.acked[ack.stream], one.progress_s = ack.offset, now_s
            self._count(one)
            self._done(ack.attempt, one)

    def tick(self, now_s: float, now_us: int) -> None:
        """Look for new output, and send again what history did not get.

        Ever more seldom while history is silent: what was sent may all lie in the carrier still.
        """
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        late = [i for i, one in self.following.items() if self._is_late(one, now_s)]
        for attempt in late:
            self._rewind(attempt, self.following[attempt], now_s)
        if late:
            self._resend_after_s = min(2 * self._resend_after_s, RESEND_AT_MOST_S)
        for attempt, one in list(self.following.items()):
            self._look(attempt, one, now_s, now_us)

    def _is_late(self, one: Following, now_s: float) -> bool:
        return one.under_way > 0 and now_s - one.progress_s > self._resend_after_s

    def _count(self, one: Following) -> None:
        """Count anew what is under way, after something was sent or acknowledged."""
        before = one.under_way
        one.under_way = sum(
            mark.offset - one.acked.get(stream, 0) for stream, mark in one.sent.items()
        )
        self._under_way += one.under_way - before

    def _forget(self, attempt: str) -> None:
        one = self.following.pop(attempt, None)
        self._under_way -= one.under_way if one else 0

    def _rewind(self, attempt: str, one: Following, now_s: float) -> None:
        """Begin again with the first byte: lines count from there, and history drops doubles."""
        self.reader.follow(attempt)
        one.sent, one.told_end, one.progress_s = {}, False, now_s
        self._count(one)

    def _look(self, attempt: str, one: Following, now_s: float, now_us: int) -> None:
        budget = UNACKNOWLEDGED_BYTES - self._under_way
        while budget > 0:
            chunks = self.reader.poll(attempt, ended=one.ended)
            if not chunks:
                break
            if not one.under_way:
                one.progress_s = now_s
            for chunk in chunks:
                one.sent[chunk.stream] = chunk.next
                budget -= len(chunk.data)
            self._count(one)
            self._ship(chunks, now_us)
        else:
            return
        if one.ended:
            one.told_end = True
            self._done(attempt, one)

    def _ship(self, chunks: list[Chunk], now_us: int) -> None:
        letter = [
            LogChunk(
                self.agent,
                c.attempt,
                c.stream,
                c.offset,
                c.first_line,
                c.data.count(b"\n"),
                now_us,
                c.data,
                False,  # noqa: FBT003  # a field of an array on the wire
                c.end,
            )
            for c in chunks
        ]
        self._send(base64.b64encode(_encode(letter)).decode("ascii"))

    def _done(self, attempt: str, one: Following) -> None:
        if one.told_end and not one.under_way:
            self._forget(attempt)
            self.reader.discard(attempt)
