"""Looks at one directory again and again, in a thread of its own: it may hang on a dead mount.

What counts is the look every few seconds, for network file systems tell nothing of other machines'
changes. Events of the local file system only make it look sooner.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

import watchfiles

from agents.worker.watching import scan
from agents.worker.watching.finding import Finding, Found, Wanted
from agents.worker.watching.sight import Sight
from engine.files.names import text_of
from engine.files.pattern import NamePattern, PatternRefused

log = logging.getLogger(__name__)

POLL_S = 2.0
RETRY_S = 5.0
LISTEN_AGAIN_S = 30.0
SHARE = 10
"""Between two looks lies at least this many times the processor time that a look took."""

PAUSE_AT_MOST_S = 60.0

RESTS = 2
"""After a look it rests for this many times its processor time, whatever happens."""

SLICE = 500
NAMES_AT_ONCE = 500
STRANGE = (
    "{} is on another file system than before and has none of its files: a mount may be missing."
    " Deploy the source again if they have really gone"
)


class Watch:
    """One directory until `stop`. `found` takes findings, and may wait until there is room."""

    def __init__(
        self,
        wanted: Wanted,
        found: Callable[[Finding], bool],
        *,
        roots: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wanted, self._found, self._roots, self._clock = wanted, found, roots, clock
        self._sight = Sight(wanted.known, wanted.delay_s)
        self._paths = os.fsencode(wanted.directory) + b"/"
        self._arose: list[Found] = []
        self._problem: str | None = None
        self._look_s = 0.0
        self._device: int | None = None
        self._stop, self._wake = threading.Event(), threading.Event()
        self._listening: threading.Event | None = None
        self._place: tuple[int, int] | None = None

    def start(self) -> "Watch":
        """Begin."""
        name = f"watch {self.wanted.source}"
        threading.Thread(target=self._run, name=name, daemon=True).start()
        return self

    def stop(self) -> None:
        """End soon; what is found from now on is told to nobody."""
        self._stop.set()
        self._wake.set()
        if self._listening is not None:
            self._listening.set()

    # -- the loop ---------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            pause_s = self.turn()
            # Even a flood of events leaves the machine time for its jobs.
            self._stop.wait(RESTS * self._look_s)
            self._wake.wait(pause_s)

    def turn(self) -> float:
        """Look once; returns how long to wait for the next look."""
        if self.wanted.problem:
            self._tell(problem=self.wanted.problem)
            return RETRY_S
        began_s = time.thread_time()
        try:
            self._look(NamePattern(self.wanted.pattern))
        except PatternRefused as problem:
            self._tell(problem=f"pattern: {problem}")
            return RETRY_S
        except (OSError, scan.NotAllowed) as problem:
            self._tell(problem=_sentence(problem, self.wanted.directory))
            return RETRY_S
        self._look_s = time.thread_time() - began_s
        return self._pause_s()

    def _pause_s(self) -> float:
        pause_s = max(POLL_S, min(SHARE * self._look_s, PAUSE_AT_MOST_S))
        due_s = self._sight.due_in_s(self._clock())
        return pause_s if due_s is None else min(pause_s, max(0.05, due_s))

    def _look(self, pattern: NamePattern) -> None:
        with scan.opened(self.wanted.directory, self._roots) as folder:
            self._listen(folder)
            self._sight.begin()
            for n, name in enumerate(scan.names(folder), 1):
                if self._stop.is_set():
                    return
                if pattern.fits(name):
                    self._see(folder, name)
                if n % SLICE == 0:
                    time.sleep(0.001)  # a huge directory must not keep the agent from its work
            self._refuse_strange(folder)
        self._tell_all(list(self._sight.end()))

    def _refuse_strange(self, folder: int) -> None:
        """Refuse the look where the file system is not there that the files were on."""
        device = os.fstat(folder).st_dev
        if self._device not in (None, device) and self._sight.nothing_left:
            raise scan.NotAllowed(STRANGE.format(self.wanted.directory))
        self._device = device

    def _see(self, folder: int, name: str) -> None:
        look = scan.look(folder, name)
        if look is None:
            return
        raw = os.fsencode(name)
        text = text_of(raw)
        arises = self._sight.see(text, look, self._clock())
        if arises is not None:
            self._arose.append(Found(text, self._paths + raw, arises.face))

    # -- telling ----------------------------------------------------------------------------

    def _tell_all(self, vanished: list[str]) -> None:
        """Tell in slices: first what has vanished, then what has come."""
        arose, self._arose = self._arose, []
        for at in range(0, len(vanished), NAMES_AT_ONCE):
            self._tell(vanished=tuple(vanished[at : at + NAMES_AT_ONCE]))
        for at in range(0, len(arose), NAMES_AT_ONCE):
            self._tell(arose=tuple(arose[at : at + NAMES_AT_ONCE]))
        self._tell(problem="")

    def _tell(
        self,
        *,
        arose: tuple[Found, ...] = (),
        vanished: tuple[str, ...] = (),
        problem: str | None = None,
    ) -> None:
        same = problem is None or problem == self._problem
        if same and not (arose or vanished):
            return
        wanted = self.wanted
        finding = Finding(wanted.source, wanted.generation, arose, vanished, problem)
        while not self._stop.is_set():
            if self._found(finding):
                break
        if problem is not None:
            self._problem = problem

    # -- events -----------------------------------------------------------------------------

    def _listen(self, folder: int) -> None:
        """Hear of changes in the folder that is open now; another one may have the path since."""
        found = os.fstat(folder)
        if (found.st_dev, found.st_ino) == self._place:
            return
        self._place = found.st_dev, found.st_ino
        if self._listening is not None:
            self._listening.set()
        stop = self._listening = threading.Event()
        if not self._stop.is_set():
            name = f"listen {self.wanted.source}"
            threading.Thread(target=self._hear, args=(stop,), name=name, daemon=True).start()

    def _hear(self, stop: threading.Event) -> None:
        while not (stop.is_set() or self._stop.is_set()):
            try:
                for _ in watchfiles.watch(
                    self.wanted.directory or "/",
                    watch_filter=None,
                    debounce=200,
                    step=50,
                    stop_event=stop,
                    rust_timeout=1_000,
                    raise_interrupt=False,
                    recursive=False,
                    ignore_permission_denied=True,
                ):
                    self._wake.set()
            except (OSError, RuntimeError) as problem:
                # As where the system has no watches left. Looking every few seconds goes on.
                extra = {"source": self.wanted.source, "problem": str(problem)}
                log.warning("watch.no_events", extra=extra)
            stop.wait(LISTEN_AGAIN_S)


def _sentence(problem: Exception, directory: str) -> str:
    if isinstance(problem, OSError):
        return f"{directory or '/'}: {problem.strerror or problem}."
    return f"{problem}."
