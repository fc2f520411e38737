"""Figures of this process for Prometheus: requests, answers of the controller, live sockets."""

from prometheus_client import Counter, Gauge, Histogram

from cockpit.live import reader

REQUESTS = Counter("stellwerk_http_requests", "Requests that were answered.", ["method", "status"])
REQUEST_S = Histogram(
    "stellwerk_http_request_seconds",
    "How long requests took in this process.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SOCKETS = Gauge("stellwerk_live_sockets", "Live sockets that are open.")
_FEED_LAG = Gauge(
    "stellwerk_feed_lag_seconds", "Seconds since the journal was last read; -1: never."
)
_registered = False


def register() -> None:
    """Let the gauges that are computed find their values."""
    global _registered  # noqa: PLW0603
    if not _registered:
        _registered = True
        _FEED_LAG.set_function(_lag_s)


def _lag_s() -> float:
    feed = reader.current()
    lag_s = feed.lag_s() if feed is not None else None
    return -1.0 if lag_s is None else lag_s
