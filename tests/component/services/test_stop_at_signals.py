"""A signal that comes while the main thread holds the lock of the event it shall set."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import os, signal, sys, threading
from cockpit.ending import stop_at_signals
stop = threading.Event()
if sys.argv[1] == "product":
    stop_at_signals(stop)
else:
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
with stop._cond:
    os.kill(os.getpid(), signal.SIGTERM)
sys.exit(0 if stop.wait(10) else 1)
"""


def status(how: str, timeout_s: float) -> int:
    command = [sys.executable, "-c", PROGRAM, how]
    return subprocess.run(command, cwd=ROOT, timeout=timeout_s, check=False).returncode


def test_a_signal_may_interrupt_the_wait_for_it() -> None:
    assert status("product", 30) == 0


def test_a_handler_that_sets_the_event_itself_would_wait_for_ever() -> None:
    """Negative control."""
    with pytest.raises(subprocess.TimeoutExpired):
        status("naive", 3)
