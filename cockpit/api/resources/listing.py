"""Pages of what the controller knows by path, narrowed to what an account may see."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.query import Limit, Word

_AT_ONCE = 500


class Pathed(Protocol):
    """What lies in a folder."""

    @property
    def path(self) -> str:
        """Where it lies."""


T = TypeVar("T", bound=Pathed)


class PathQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which objects. `cursor` is the path after which a page begins."""

    folder: Word = ""
    text: Word = ""
    cursor: Word = ""
    limit: Limit = 100


def path_page(
    account: Account, query: PathQuery, read: Callable[[str, int], Sequence[T]]
) -> tuple[list[T], str | None]:
    """Return a page and the cursor of the next one, None at the end.

    `read` returns what follows a path, at most so many, in the order of code points.
    """
    found: list[T] = []
    after = query.cursor
    while True:
        batch = read(after, _AT_ONCE)
        found += [one for one in batch if _fits(account, query, one.path)]
        if len(found) > query.limit:
            return found[: query.limit], found[query.limit - 1].path
        if len(batch) < _AT_ONCE:
            return found, None
        after = batch[-1].path


def _fits(account: Account, query: PathQuery, path: str) -> bool:
    folder = query.folder.strip("/")
    within = not folder or path.startswith(f"{folder}/")
    return within and query.text.lower() in path.lower() and may_at(account, Verb.LOOK, path)
