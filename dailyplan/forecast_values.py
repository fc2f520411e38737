"""What the rows of a forecast hold besides their columns. Pure."""

import msgspec

from simulation.forecast.found import Coverage, Span


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a forecast covers. `left_out` counts orders that were too many, `unsubmitted` planned
    orders that nobody will submit but a person. `away` are agents taken to stay away, `processes`
    how many at once were taken for each agent that nobody limits.
    """

    coverage: Coverage
    left_out: int = 0
    unsubmitted: int = 0
    away: tuple[str, ...] = ()
    processes: dict[str, int] = {}
    took_s: float = 0.0


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What is told of an order: spans, where it comes from, sentences about what was assumed."""

    spans: tuple[Span, ...] = ()
    origin: str = ""
    assumed: tuple[str, ...] = ()


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Told).decode
