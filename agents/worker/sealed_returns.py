"""Return values of secret variables: sealed before anything of them leaves the agent.

They are sealed as the job wrote them, and all the others are without secrets.
"""

from collections.abc import Callable, Iterator
from itertools import groupby

import msgspec

from agents.worker.masking import Masker
from agents.worker.outcomes import without_secrets
from engine.order.secret import is_sealed
from engine.values import NotAValue, normalise, text_of


class Returned(msgspec.Struct, frozen=True):
    """What is to be done with return values: `names` are secret, `seal` seals a text."""

    names: frozenset[str]
    seal: Callable[[str], str]
    masker: Masker | None = None

    def told(self, written: bytes) -> bytes:
        """Return a file of return values as it may leave the agent, in the same form."""
        if not written.startswith(b"{"):
            return b"\n".join(self._lines(written))
        try:
            found = msgspec.json.decode(written, type=dict[str, object])
        except (msgspec.MsgspecError, RecursionError):
            return self._hidden(written)
        others = {name: value for name, value in found.items() if name not in self.names}
        secret = {n: self._sealed(v) for n, v in found.items() if n in self.names}
        told = msgspec.json.decode(
            self._hidden(msgspec.json.encode(others)), type=dict[str, object]
        )
        return msgspec.json.encode({**told, **secret})

    def _lines(self, written: bytes) -> Iterator[bytes]:
        """Yield the lines; others than those of secret variables together, as secrets may be."""
        for secret, lines in groupby(written.split(b"\n"), self._is_secret):
            if not secret:
                yield self._hidden(b"\n".join(lines))
                continue
            for line in lines:
                name, _, value = line.removesuffix(b"\r").partition(b"=")
                yield name + b"=" + self._text(value.decode("utf-8", "replace")).encode()

    def _is_secret(self, line: bytes) -> bool:
        name, equals, _ = line.partition(b"=")
        return bool(equals) and name.decode("utf-8", "replace").strip() in self.names

    def _hidden(self, written: bytes) -> bytes:
        return written if self.masker is None else without_secrets(written, self.masker)

    def _sealed(self, value: object) -> object:
        if value is None:
            return None
        try:
            return self._text(text_of(normalise(value)))
        except NotAValue:
            return None  # nothing that a variable can be

    def _text(self, text: str) -> str:
        return text if is_sealed(text) else self.seal(text)
