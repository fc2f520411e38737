"""Snapshots and forecasts on the way to another process and back, and spans in rows. msgpack."""

import msgspec

from simulation.forecast.found import Forecast, Span
from simulation.forecast.snapshot import Snapshot

_encoder = msgspec.msgpack.Encoder()
_snapshot = msgspec.msgpack.Decoder(Snapshot)
_forecast = msgspec.msgpack.Decoder(Forecast)
_spans = msgspec.msgpack.Decoder(tuple[Span, ...])


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    return _encoder.encode(snapshot)


def decode_snapshot(body: bytes) -> Snapshot:
    """Return the snapshot of bytes."""
    return _snapshot.decode(body)


def encode_forecast(forecast: Forecast) -> bytes:
    """Return a forecast as bytes."""
    return _encoder.encode(forecast)


def decode_forecast(body: bytes) -> Forecast:
    """Return the forecast of bytes."""
    return _forecast.decode(body)


def encode_spans(spans: tuple[Span, ...]) -> bytes:
    """Return spans as bytes."""
    return _encoder.encode(spans)


def decode_spans(body: bytes) -> tuple[Span, ...]:
    """Return the spans of bytes."""
    return _spans.decode(body)
