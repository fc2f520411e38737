"""The one reader of the journal in this process, shared by waiting requests and by live pages."""

import threading

from controller.subscriptions import Feed

_lock = threading.Lock()
_feed: Feed | None = None


def start(dsn: str, controller: str) -> Feed:
    """Return the running reader, started if there is none yet."""
    global _feed  # noqa: PLW0603  # one per process is what this module is for
    with _lock:
        if _feed is None:
            _feed = Feed(dsn, controller).start()
        return _feed


def stop() -> None:
    """End the reader; harmless when there is none."""
    global _feed
    with _lock:
        running, _feed = _feed, None
    if running is not None:
        running.stop()


def current() -> Feed | None:
    """Return the running reader, None in processes without one."""
    return _feed
