"""How long to wait before something that ended is started again. Pure."""

import msgspec

SETTLED_S = 10.0
"""What ran this long has started well; its earlier failures no longer count."""

FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 15.0


class Restarts(msgspec.Struct, frozen=True):
    """Ends in a row of something that did not settle in between."""

    failures: int = 0

    def after(self, uptime_s: float) -> "Restarts":
        """Return the count after one more end."""
        return Restarts(1 if uptime_s >= SETTLED_S else self.failures + 1)

    @property
    def delay_s(self) -> float:
        """The wait before the next start: short at first, doubled with each failure."""
        if not self.failures:
            return 0.0
        doubled: float = FIRST_DELAY_S * 2.0 ** min(self.failures - 1, 20)
        return min(LONGEST_DELAY_S, doubled)
