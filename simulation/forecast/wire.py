"""Snapshots and forecasts on the way to another process and back, as msgpack."""

import msgspec

from simulation.forecast.found import Forecast
from simulation.forecast.snapshot import Snapshot

_encoder = msgspec.msgpack.Encoder()
_snapshot = msgspec.msgpack.Decoder(Snapshot)
_forecast = msgspec.msgpack.Decoder(Forecast)


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
