"""What a verb of the inventory has changed, for whoever writes it down. Pure."""

from typing import Any

import msgspec


class Change(msgspec.Struct, frozen=True):
    """One object or folder before and after a change; None where it was or is not there.

    Equal sides mean that nothing was written.
    """

    verb: str
    kind: str
    path: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def changed(self) -> bool:
        """Tell whether anything was written."""
        return self.before != self.after
