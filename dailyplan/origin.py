"""Ids that follow from what an order is planned from, so that planning twice gives the same. Pure.

An origin is 63 bits of a digest over schedule, workflow, order name and start. A day has one row of
an origin; the id of the order says both.
"""

import re
from datetime import date, datetime
from hashlib import blake2b

import msgspec

ID_LENGTH = 250
SECOND_US = 1_000_000
_ID = re.compile(r"#(\d{4}-\d{2}-\d{2})#(?:P(\d{1,19})|C(\d{1,19})-(\d{1,12}))-", re.ASCII)
_MASK = (1 << 63) - 1


class Place(msgspec.Struct, frozen=True):
    """Which row an order belongs to; `start_us` is its start where the row is cyclic."""

    day: date
    origin: int
    start_us: int | None = None


class Origins:
    """Makes the origins of one order name of a schedule and workflow, quickly."""

    def __init__(self, schedule: str, workflow: str, order_name: str, ordinal: int = 0) -> None:
        said = "\0".join((schedule, workflow, order_name, str(ordinal)))
        self._hash = blake2b(said.encode("utf-8", "surrogatepass") + b"\0", digest_size=8)

    def single(self, start_us: int) -> int:
        """Return the origin of a single start."""
        return self._of(b"P%d" % start_us)

    def cyclic(self, begin_us: int, nth: int = 0) -> int:
        """Return the origin of a period; `nth` of those that begin at this moment."""
        return self._of(b"C%d.%d" % (begin_us, nth))

    def copied(self, key: str) -> int:
        """Return the origin of a copy; `key` tells copies apart."""
        return self._of(b"K" + key.encode())

    def _of(self, what: bytes) -> int:
        found = self._hash.copy()
        found.update(what)
        return int.from_bytes(found.digest(), "big") & _MASK


def order_id(day: date, origin: int, name: str, start_us: int | None = None) -> str:
    """Return the id of a planned order, or of one start of a cyclic one."""
    head = f"#{day.isoformat()}#"
    mark = f"P{origin}" if start_us is None else f"C{origin}-{start_us // SECOND_US}"
    plain = "".join("_" if c == "|" or not c.isprintable() else c for c in name)
    return f"{head}{mark}-{plain}"[:ID_LENGTH]


def place_of(order_id: str) -> Place | None:
    """Return the row that an order belongs to, None for orders that were not planned."""
    found = _ID.match(order_id)
    if found is None:
        return None
    day, single, cyclic, start_s = found.groups()
    origin = int(single or cyclic)
    if origin > _MASK:
        return None
    try:
        when = date.fromisoformat(day)
    except ValueError:
        return None
    return Place(when, origin, int(start_s) * SECOND_US if cyclic else None)


def microseconds(at: datetime) -> int:
    """Return a moment as microseconds since the epoch."""
    return (at - _UNIX) // _US


_UNIX = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_US = datetime.resolution
