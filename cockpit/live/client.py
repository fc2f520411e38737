"""One open page as the hub sees it: a bounded row of frames that wait to be sent."""

import asyncio

import msgspec

MOST_TOPICS = 50
MOST_FRAMES = 64

_encode = msgspec.json.Encoder().encode


class Client:
    """Takes frames for one socket; a page that is too slow is told to ask for everything again.

    Belongs to the event loop of the server.
    """

    def __init__(self, most_frames: int = MOST_FRAMES) -> None:
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        self._most = most_frames
        self._stale: set[str] = set()
        self.topics: set[str] = set()

    @property
    def has_room(self) -> bool:
        """Whether another frame would be kept."""
        return self._frames.qsize() < self._most

    def push(self, topic: str, frame: str) -> None:
        """Keep a frame for sending; where there are too many, they become one word: stale."""
        if topic in self._stale:
            return
        if self.has_room:
            self._frames.put_nowait(frame)
            return
        while not self._frames.empty():
            self._frames.get_nowait()
        for name in self.topics:
            self._stale.add(name)
            self._frames.put_nowait(stale(name))

    async def next(self) -> str:
        """Return the next frame, waiting for it."""
        frame = await self._frames.get()
        if self._frames.empty():
            self._stale.clear()
        return frame


def stale(topic: str) -> str:
    """Return the frame that says: ask for all of this again."""
    return frame_of({"type": "stale", "topic": topic})


def frame_of(message: dict[str, object]) -> str:
    """Return a message as it is sent; made once, however many pages get it."""
    return _encode(message).decode()
