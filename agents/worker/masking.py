"""Secrets in what jobs write, replaced by `***` before anything leaves the agent.

Of a growing stream, what may be the beginning of a secret is held back, less than the longest form
of a secret. What is told does not depend on how the stream was cut into pieces: a byte is hidden
if it belongs to an occurrence in the stream as a whole. So a stream that is read again from its
beginning tells the same bytes, and places in it may be counted in bytes told.
"""

from collections.abc import Iterable

from agents.worker.secret_forms import forms_of

MASK = b"***"


class Masker:
    """Hides some secrets, in all forms that programs are known to write."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms = tuple(sorted({form for one in secrets for form in forms_of(one)}))
        self.reach = max(map(len, self._forms), default=1) - 1

    def settled(self, data: bytes) -> int:
        """Return up to where it is sure what is hidden, whatever comes behind the data."""
        begin = len(data)
        for form in self._forms:
            at = max(0, len(data) - len(form) + 1)
            while (at := data.find(form[:1], at, begin)) >= 0:
                if form.startswith(data[at:]):
                    begin = at
                    break
                at += 1
        return begin

    def told(self, before: bytes, data: bytes, behind: bytes) -> bytes:
        """Return what may be told of the data.

        Args:
            before: what stands before it, at least `reach` bytes or all there is.
            data: the piece to be told.
            behind: what follows, at least `reach` bytes or all there will be, unless the data ends
                where it is `settled`.
        """
        whole = before[len(before) - min(self.reach, len(before)) :] + data + behind[: self.reach]
        start = min(self.reach, len(before))
        end = start + len(data)
        parts, at = [], start
        for low, high in self._hidden(whole):
            if high <= start or low >= end:
                continue
            parts.append(whole[at : max(at, low)])
            if low >= start:
                parts.append(MASK)
            at = min(high, end)
        return b"".join([*parts, whole[at:end]])

    def hide(self, data: bytes) -> bytes:
        """Return the data, which is whole, without the secrets."""
        return self.told(b"", data, b"")

    def text(self, text: str) -> str:
        """Return the text without the secrets."""
        data = text.encode("utf-8", "surrogatepass")
        hidden = self.hide(data)
        return text if hidden == data else hidden.decode("utf-8", "replace")

    def value(self, value: object) -> object:
        """Return a JSON value without the secrets; a number that is one becomes a text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(one) for name, one in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = self.text(str(value))
            return value if shown == str(value) else shown
        return value

    def _hidden(self, data: bytes) -> list[tuple[int, int]]:
        """Return begins and ends of hidden stretches; occurrences that overlap are one."""
        found = sorted(span for form in self._forms for span in _occurrences(form, data))
        merged: list[tuple[int, int]] = []
        for low, high in found:
            if merged and low < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return merged


def _occurrences(form: bytes, data: bytes) -> list[tuple[int, int]]:
    found, at = [], -1
    while (at := data.find(form, at + 1)) >= 0:
        found.append((at, at + len(form)))
    return found


class Withheld(Masker):
    """Hides everything: the secrets of a job are not known any more."""

    def __init__(self) -> None:
        super().__init__(())
        self.reach = 1

    def _hidden(self, data: bytes) -> list[tuple[int, int]]:
        return [(0, len(data))] if data else []
