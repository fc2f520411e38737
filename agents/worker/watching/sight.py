"""Compares what a directory holds with what is known of it. Pure: has no clock and reads nothing.

A file arises once it has not changed for a while. One that is there under the same name, but is
another file, has vanished and may arise.
"""

from collections.abc import Iterator, Mapping

import msgspec


class Look(msgspec.Struct, frozen=True):
    """What a file looks like. `born_ns` 0: the file system does not tell."""

    inode: int
    size: int
    changed_ns: int
    born_ns: int = 0

    @property
    def face(self) -> str:
        """The look as a text that can be kept."""
        return f"{self.inode}.{self.born_ns}.{self.size}.{self.changed_ns}"

    def has(self, face: str) -> bool:
        """Tell whether this is still the file that a face was of.

        Numbers of inodes come again, and on some file systems a file gets another one. Then its
        birth tells, else its size and last change.
        """
        inode, _, rest = face.partition(".")
        born, _, content = rest.partition(".")
        if self.born_ns and born not in ("", "0"):
            return born == str(self.born_ns)
        return inode == str(self.inode) or content == f"{self.size}.{self.changed_ns}"


class Sight:
    """One directory. Times are seconds of a clock that never goes back."""

    def __init__(self, known: Mapping[str, str], delay_s: float) -> None:
        self._known = dict(known)
        self._delay_s = delay_s
        self._waiting: dict[str, tuple[Look, float]] = {}
        self._seen: set[str] = set()
        self._vanished: list[str] = []

    def begin(self) -> None:
        """Begin to look at the whole directory."""
        self._seen = set()

    def see(self, name: str, look: Look, now_s: float) -> Look | None:
        """Take in a file of the directory; returns its look if it arises now."""
        self._seen.add(name)
        if name in self._known:
            if look.has(self._known[name]):
                self._known[name] = look.face
                return None
            del self._known[name]
            self._vanished.append(name)
        before = self._waiting.get(name)
        if before is None or before[0] != look:
            self._waiting[name] = look, now_s
            return None
        if now_s - before[1] < self._delay_s:
            return None
        del self._waiting[name]
        self._known[name] = look.face
        return look

    @property
    def nothing_left(self) -> bool:
        """Whether files are known, and none of them was seen."""
        return bool(self._known) and self._known.keys().isdisjoint(self._seen)

    def end(self) -> Iterator[str]:
        """End to look at the whole directory; yields the names of files that have vanished."""
        for name in [name for name in self._waiting if name not in self._seen]:
            del self._waiting[name]
        missing = [name for name in self._known if name not in self._seen]
        for name in missing:
            del self._known[name]
        vanished, self._vanished, self._seen = [*self._vanished, *missing], [], set()
        yield from vanished

    def due_in_s(self, now_s: float) -> float | None:
        """Return when the next file may be complete, None where none is waited for."""
        since = min((at_s for _, at_s in self._waiting.values()), default=None)
        return None if since is None else max(0.0, since + self._delay_s - now_s)
