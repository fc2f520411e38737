"""Where the objects of an archive go: another folder, other names, and the references with them."""

from collections.abc import Sequence

import msgspec

from inventory.archives.contents import Enclosed
from inventory.paths import folder_of, joined, name_of
from inventory.references.renaming import NamesKept, renamed_source
from inventory.renaming import Move, renames_of


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A folder around all paths, and what is put before and behind each name."""

    folder: str = ""
    prefix: str = ""
    suffix: str = ""

    def path(self, path: str) -> str:
        """Return where an object of the archive goes."""
        folder = joined(self.folder, folder_of(path)) if folder_of(path) else self.folder
        return joined(folder, f"{self.prefix}{name_of(path)}{self.suffix}")


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An object at its place; `names_kept` where its text still has old names."""

    kind: str
    path: str
    file: str
    source: str
    names_kept: bool = False


def placed(objects: Sequence[Enclosed], placement: Placement) -> list[Placed]:
    """Return the objects at their places; what they name of each other follows."""
    moves = [Move(each.kind, each.path, placement.path(each.path)) for each in objects]
    renames = renames_of(moves)
    found = []
    for each, move in zip(objects, moves, strict=True):
        source, kept = each.source, False
        if renames.of:
            try:
                source = renamed_source(each.kind, source, renames)
            except NamesKept:
                kept = True
        found.append(
            Placed(kind=each.kind, path=move.to, file=each.file, source=source, names_kept=kept)
        )
    return found
