"""The form of the journal: entries with dense numbers, one compressed body a turn."""

from collections.abc import Sequence

import msgspec
import zstandard

from engine.order.events import OrderEvent


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One event in the journal. `at_us` is when the turn took it, for people only."""

    no: int
    at_us: int
    order: str
    event: OrderEvent


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Entry])


def encode(entries: Sequence[Entry]) -> bytes:
    """Return the body of a turn's row."""
    return zstandard.compress(_encoder.encode(entries), 1)


def decode(body: bytes) -> list[Entry]:
    """Return the entries of a turn's row."""
    return _decoder.decode(zstandard.decompress(body, max_output_size=1 << 30))
