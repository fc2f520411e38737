"""The agent's loop: one thread that waits for news, and takes them in round by round.

Letters come from the carrier's thread, ends of processes from the pool. What follows from them is
decided in `agents.worker.round`. Whatever came while the last commit was under way goes into the
next one, so that under load many events share its price.
"""

import logging
import os
import selectors
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from agents.sealed import SealFailure
from agents.worker.hands.attempt import Exit, Start
from agents.worker.hands.left_files import Written, opened, remove
from agents.worker.hands.output import OutputReader
from agents.worker.hands.pool import Pool
from agents.worker.hold import Hold
from agents.worker.identity import Guard
from agents.worker.job_files import JobFiles, write_private
from agents.worker.jobs import arguments_path, prepare
from agents.worker.journal import Journal
from agents.worker.masking import MASK, Masker, Withheld
from agents.worker.outcomes import without_secrets
from agents.worker.partner import Partner
from agents.worker.round import Here, Round
from agents.worker.sealed_returns import Returned
from agents.worker.shipping import Shipping
from agents.worker.watching.eye import Eye
from agents.worker.workplace import Workplace
from engine.errors import EngineError
from engine.order.model import Order, Processing
from engine.order.secret import secret_names
from engine.workflow.model import BuiltIn, Job, ShellScript
from engine.workflow.program import Program

log = logging.getLogger(__name__)

LAST_LINE_BYTES = 8192


class AgentLoop:
    """Ties the journal, the orders, the hands and the link to a thread, its clock and its files."""

    def __init__(
        self,
        *,
        hold: Hold,
        journal: Journal,
        partner: Partner,
        pool: Pool,
        reader: OutputReader,
        shipping: Shipping,
        workplace: Workplace,
        guard: Guard,
        lock: str,
        new_run: Callable[[], str],
        roots: Sequence[str] = (),
    ) -> None:
        self.journal, self.pool, self.reader = journal, pool, reader
        self.shipping, self.workplace = shipping, workplace
        self.files = JobFiles(workplace.folder)
        self._secret_names: dict[str, frozenset[str]] = {}
        here = Here(
            now_us=now_us,
            clock=time.monotonic,
            launch=self._launch,
            parts=self._parts,
            memory=Guard,
            new_run=new_run,
            lock=lock,
            adopt=self._adopt,
        )
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.eye = Eye(self._wake, roots=roots)
        hold.sources.environment = workplace.basic
        self.round = Round(
            here,
            hold=hold,
            journal=journal,
            partner=partner,
            hands=pool,
            logs=shipping,
            guard=guard,
            eye=self.eye,
        )
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()

    # -- the carrier's side -----------------------------------------------------------------

    def take_letter(self, letter: str) -> None:
        """Hand a letter over; called from the carrier's thread."""
        self.round.letters.append(letter)
        self._wake()

    def stop(self) -> None:
        """End the loop after its turn; jobs go on under their supervisors."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._wake_w, b".")

    # -- the loop ---------------------------------------------------------------------------

    def run(self) -> None:
        """Adopt what runs, then turn until stopped."""
        self._selector.register(self._wake_r, selectors.EVENT_READ)
        self.begin()
        while not self._stop.is_set():
            self._turn()
        self.eye.close()
        self.pool.close(stop_idle=True)
        self.journal.close()

    def begin(self) -> None:
        """Adopt what runs and sweep away what jobs have left that ended meanwhile."""
        adopted = self.pool.open()
        self.pool.register(self._selector)
        self.files.sweep([one.attempt for one in adopted.running])
        self.round.begin(adopted)

    def _turn(self) -> None:
        for key, _ in self._selector.select(self.round.wait_s()):
            if key.fd == self._wake_r:
                with suppress(BlockingIOError):
                    os.read(self._wake_r, 65536)
            else:
                for event in self.pool.on_readable():
                    if isinstance(event, Exit):
                        self.files.remove(event.attempt)
                        self.round.ended(event)
                        self._secret_names.pop(event.attempt, None)
        self.round.take()
        self.shipping.tick(time.monotonic(), now_us())

    # -- what a round asks of this machine --------------------------------------------------

    def _launch(self, order: Order, program: Program, now: int) -> Start:
        made = prepare(order, program, self.workplace, now_us=now)
        self._note_secret_names(made.start.attempt, program)
        if made.secrets:
            self.reader.hide(made.start.attempt, Masker(made.secrets))
        if made.arguments is not None:
            write_private(arguments_path(self.reader.folder, made.start.attempt), made.arguments)
        self.files.write(made.start.attempt, made.files)
        return made.start

    def _adopt(self, order: Order, program: Program) -> None:
        """Learn anew which secrets a job was given that an earlier run of the agent started."""
        assert isinstance(order.state, Processing)  # noqa: S101  # its attempt is under way
        self._note_secret_names(order.state.attempt, program)
        try:
            made = prepare(order, program, self.workplace, now_us=order.state.started_us)
        except (EngineError, OSError, UnicodeError) as problem:
            # Nothing is known of its secrets any more, so nothing of its output may be told.
            log.warning("agent.output_withheld", extra={"order": order.id, "why": str(problem)})
            self.reader.hide(order.state.attempt, Withheld())
            return
        if made.secrets:
            self.reader.hide(order.state.attempt, Masker(made.secrets))

    def _note_secret_names(self, attempt: str, program: Program) -> None:
        if names := secret_names(program.workflow):
            self._secret_names[attempt] = names

    def _sealed(self, value: str) -> str:
        try:
            return self.workplace.opener.seal(value)
        except SealFailure:
            return MASK.decode()  # an agent without a key, which joined long ago

    def _parts(self, attempt: str, job: Job) -> tuple[Written, bytes | None]:
        if not isinstance(job.executable, ShellScript):
            remove(arguments_path(self.reader.folder, attempt))
        masker, written = self.reader.masker(attempt), self.reader.return_values(attempt)
        error_line = None
        tells = isinstance(job.executable, BuiltIn)
        if job.fail_on_err_written or job.warn_on_err_written or tells:
            error_line = last_line(self.reader.path(attempt, "err"), masker)
        names = self._secret_names.pop(attempt, None)
        if not isinstance(written, bytes):
            return written, error_line
        if names and written:
            written = Returned(names, self._sealed, masker).told(written)
        elif masker is not None and written:
            written = without_secrets(written, masker)
        return written, error_line


def last_line(path: str, masker: Masker | None) -> bytes | None:
    """Return the last line of a file that is not empty, None where there is none."""
    reach = masker.reach if masker else 0
    try:
        with opened(path) as file:
            file.seek(0, os.SEEK_END)
            begin = max(0, file.tell() - LAST_LINE_BYTES)
            file.seek(max(0, begin - reach))
            before, data = file.read(min(begin, reach)), file.read()
    except OSError:
        return None
    if masker is not None:
        data = masker.told(before, data, b"")
    lines = [line for line in data.split(b"\n") if line.strip()]
    return lines[-1] if lines else None


def now_us() -> int:
    """Return the moment, microseconds since 1970 in UTC."""
    return time.time_ns() // 1000
