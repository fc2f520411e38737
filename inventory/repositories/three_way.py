"""Compares drafts with a commit and with the one that both came from. Pure."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from inventory.archives.importing import difference_of

Texts = Mapping[tuple[str, str], str]
"""The texts of objects by kind and path."""


class Side(StrEnum):
    """Whose text is meant."""

    OURS = "ours"  # the draft here
    THEIRS = "theirs"  # the file in the repository


class Standing(StrEnum):
    """Who has changed an object since both were in step."""

    THEIRS = "theirs"  # only the repository: a pull takes it
    OURS = "ours"  # only the draft: a push takes it
    BOTH = "both"  # both, and differently: somebody has to choose


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An object that differs; None where it is not there."""

    kind: str
    path: str
    standing: Standing
    ours: str | None
    theirs: str | None

    @property
    def diff(self) -> str:
        """From the draft to the file, or the other way round where only the draft has changed."""
        ours, theirs = self.ours or "", self.theirs or ""
        if self.standing is Standing.OURS:
            return difference_of(self.path, theirs, ours)
        return difference_of(self.path, ours, theirs)


def compared(base: Texts, theirs: Texts, ours: Texts) -> list[Row]:
    """Return the objects in which the two sides differ, by path."""
    found = []
    for kind, path in sorted({*base, *theirs, *ours}, key=lambda ref: (ref[1], ref[0])):
        before, there, here = (side.get((kind, path)) for side in (base, theirs, ours))
        if there == here:
            continue
        standing = (
            Standing.THEIRS
            if here == before
            else Standing.OURS
            if there == before
            else Standing.BOTH
        )
        found.append(Row(kind=kind, path=path, standing=standing, ours=here, theirs=there))
    return found
