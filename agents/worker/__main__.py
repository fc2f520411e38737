"""`python -m agents.worker`: a Celery worker whose letters feed the agent's own loop.

No database, no Django. The worker receives in the main thread; the loop has a thread of its own, so
that a broken broker never holds up a job.
"""

import argparse
import logging
import os
import queue
import secrets
import socket
import sys
import threading
import time
from collections.abc import Sequence

from agents.carrier import Post, carrier_app, receiving, run_worker
from agents.log_lines import log_to_stderr
from agents.protocol import nonce_of, queue_of_agent, queue_of_logs
from agents.sealed import Opener
from agents.worker.config import AgentConfig, ConfigMissing, from_environment
from agents.worker.hands.output import OutputReader
from agents.worker.hands.pool import Pool
from agents.worker.hands.scripts import Scripts
from agents.worker.hold import Hold
from agents.worker.identity import FolderInUse, Guard, begin_run, lock_folder
from agents.worker.join import LinkKeys, NotJoined, join, store_keys, stored_keys
from agents.worker.journal import Journal
from agents.worker.loop import AgentLoop, now_us
from agents.worker.partner import Partner
from agents.worker.shipping import Shipping
from agents.worker.slots import Slots
from agents.worker.workplace import Workplace
from engine.order.resource_scope import resources_in

log = logging.getLogger("agents.worker")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run an agent until it is told to stop; returns the exit status."""
    parser = argparse.ArgumentParser(prog="agent", description="Run jobs for a controller.")
    parser.add_argument("--id", default="", help="the agent's id, as job documents name it")
    parser.add_argument("--subagent", default="", help="the name of this subagent")
    parser.add_argument(
        "--processes", type=int, default=0, help="how many processes may run at once"
    )
    given = parser.parse_args(arguments)
    log_to_stderr()
    try:
        config = from_environment(os.environ, agent=given.id, processes=given.processes)
        fd, lock = lock_folder(config.home)
    except (ConfigMissing, FolderInUse) as problem:
        log.error("%s", problem)  # for people, not a defect
        return 2
    try:
        return Agent(config, lock).run()
    except (NotJoined, FolderInUse) as problem:
        log.error("%s", problem)
        return 1
    finally:
        os.close(fd)


class Agent:
    """The process: the carrier in the main thread, the loop beside it."""

    def __init__(self, config: AgentConfig, lock: str) -> None:
        self.config, self.lock = config, lock
        self.nonce = nonce_of(lock, secrets.token_hex(4))
        self.post = Post(config.broker_url).start()
        self.loop: AgentLoop | None = None
        self.early: queue.Queue[str] = queue.Queue()
        self.failed: BaseException | None = None
        self.stop, self.ended = threading.Event(), threading.Event()

    def run(self) -> int:
        """Serve until a signal, or until the loop fails."""
        thread = threading.Thread(target=self._run_loop, name="agent loop", daemon=True)
        thread.start()
        app = carrier_app(self.config.broker_url)
        receiving(app, self._letter)
        queues = [queue_of_agent(self.config.agent, self.nonce)]
        run_worker(app, queues, f"agent@{self.config.agent}", ended=self.ended)
        self.stop.set()
        if self.loop:
            self.loop.stop()
        thread.join(10)
        if self.failed:
            raise self.failed
        return 0

    def _letter(self, letter: str) -> None:
        if letter.startswith("joined\n"):
            self.early.put(letter.partition("\n")[2])
        elif self.loop:
            self.loop.take_letter(letter)

    def _run_loop(self) -> None:
        try:
            keys = stored_keys(self.config.home)
            if keys is None:
                keys = join(self.config, self.nonce, self.post, self.early, self.stop)
                store_keys(self.config.home, keys)
            self.loop = self._made(keys)
            self.loop.run()
        except BaseException as problem:
            self.failed = problem
            if not isinstance(problem, NotJoined | FolderInUse):
                log.exception("agent.loop_failed")
            self.ended.set()

    def _made(self, keys: LinkKeys) -> AgentLoop:
        config, home = self.config, self.config.home
        journal = Journal(home / "journal.sqlite")
        run = begin_run(journal, os.urandom(6).hex())
        guard = Guard(run)
        reader = OutputReader(home)
        partner = Partner(
            config.agent,
            self.nonce,
            lock=self.lock,
            controller=config.controller,
            processes=config.process_limit,
            key=keys.key,
            journal=journal,
            send=self.post.send,
            clock=time.monotonic,
            host=socket.gethostname(),
            wall_us=now_us,
        )
        hold = Hold(config.agent, run, journal, Slots(config.process_limit))
        hold.site_key = keys.site
        logs = queue_of_logs(config.controller)
        return AgentLoop(
            hold=hold,
            journal=journal,
            partner=partner,
            pool=Pool(home, supervisors=2 * (os.cpu_count() or 1)),
            reader=reader,
            shipping=Shipping(config.agent, reader, lambda text: self.post.send(logs, text)),
            workplace=Workplace(
                Scripts(home),
                reader.folder,
                basic_environment(),
                resources_in(hold),
                Opener(config.agent, keys.private),
            ),
            guard=guard,
            lock=self.lock,
            new_run=lambda: os.urandom(6).hex(),
            roots=config.watch_roots,
        )


def basic_environment() -> dict[str, str]:
    """Return what every job gets: the way to programs and a home, none of this process's own."""
    kept = {
        name: os.environ[name] for name in ("HOME", "TZ", "USER", "LOGNAME") if name in os.environ
    }
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **kept}


if __name__ == "__main__":
    sys.exit(main())
