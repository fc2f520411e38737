"""How a process is told to end. Knows nothing of what the process does."""

import signal
import threading


def stop_at_signals(stop: threading.Event) -> None:
    """Let SIGTERM and SIGINT set an event on which the main thread may wait.

    A handler runs between two steps of the main thread, which may just hold the event's own lock:
    set right there, it would wait for ever for what it interrupts.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
