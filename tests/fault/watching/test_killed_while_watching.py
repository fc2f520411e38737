"""An agent that is killed at any moment tells each file once, and nothing that is not so."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from agents import protocol as pr

pytestmark = pytest.mark.timeout(180)

WATCHER = str(Path(__file__).with_name("watcher.py"))
FILES = 400
KILLS = 12


class Watcher:
    """The process on one folder; its journal is read from outside."""

    def __init__(self, home: Path, *, late: bool = False) -> None:
        self.home, self.directory = home, home / "in"
        self.directory.mkdir()
        self._late = {"STELLWERK_TEST_LATE": "1"} if late else {}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it looks."""
        self.process = subprocess.Popen(
            [sys.executable, WATCHER, str(self.home), str(self.directory)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], **self._late},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "looks\n"

    def kill(self) -> None:
        """End it as `kill -9` does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def told(self) -> list[pr.Up]:
        """Return all that its journal has to tell."""
        journal = sqlite3.connect(self.home / "journal.sqlite")
        try:
            rows = journal.execute("SELECT body FROM event ORDER BY n").fetchall()
        finally:
            journal.close()
        return [pr.decode_up(msgspec.Raw(body)) for (body,) in rows]

    def arose(self) -> Counter[str]:
        """Return how often each file was told to have come."""
        return Counter(item.name for item in self.told() if isinstance(item, pr.FileArose))

    def vanished(self) -> Counter[str]:
        """Return how often each file was told to have gone."""
        return Counter(item.name for item in self.told() if isinstance(item, pr.FileVanished))

    def until(self, names: set[str], *, gone: bool = False) -> None:
        """Wait until all of these are told."""
        limit = time.monotonic() + 60
        while not names <= set(self.vanished() if gone else self.arose()):
            assert time.monotonic() < limit, "it was never told"
            time.sleep(0.05)


def under_kills(watcher: Watcher, seed: int) -> set[str]:
    """Write files while the watcher is killed again and again; returns their names."""
    chance = random.Random(seed)  # noqa: S311  # moments of kills, not secrets
    names = {f"{n:04}.csv" for n in range(FILES)}
    waiting = sorted(names)
    for _ in range(KILLS):
        watcher.start()
        for _ in range(FILES // KILLS + 1):
            if waiting:
                (watcher.directory / waiting.pop()).write_text("x")
        # Files of the round before become complete about now: that is when to die.
        time.sleep(chance.uniform(0.2, 1.3))
        watcher.kill()
    return names


def test_each_file_is_told_once_though_the_agent_is_killed_again_and_again(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path)
    names = under_kills(watcher, 1)
    watcher.start()
    watcher.until(names)
    for name in names:
        (watcher.directory / name).unlink()
    for _ in range(4):
        time.sleep(0.05)
        watcher.kill()
        watcher.start()
    watcher.until(names, gone=True)
    watcher.kill()
    assert watcher.arose() == Counter(dict.fromkeys(names, 1))
    assert watcher.vanished() == Counter(dict.fromkeys(names, 1))


def test_rows_that_are_written_after_the_events_double_files(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, late=True)
    for name in map(str, range(200)):
        (watcher.directory / name).write_text("x")
    doubled = 0
    for _ in range(10):
        watcher.start()
        before = len(watcher.told())
        limit = time.monotonic() + 20
        while len(watcher.told()) == before and time.monotonic() < limit:
            time.sleep(0.001)
        watcher.kill()
        doubled = max(watcher.arose().values(), default=0)
        if doubled > 1:
            break
    assert doubled > 1
