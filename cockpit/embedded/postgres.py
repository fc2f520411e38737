"""PostgreSQL as the store: making its data folder, running it, telling that it answers."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlencode

from cockpit.embedded.carried import postgres_programs
from cockpit.embedded.errors import PartDidNotStart
from cockpit.embedded.folders import private_folder, secret_file, write_private
from cockpit.embedded.identity import NOBODY_ID, Identity, launch
from cockpit.embedded.places import Places
from cockpit.embedded.postgres_conf import configuration
from cockpit.embedded.proc import boot_mark, handle_of

USER = "stellwerk"
DATABASE = "stellwerk"
CREATE_DATABASE = f"create database {DATABASE};\n"
ANSWER_LIMIT_S = 2


class Postgres:
    """The program `postgres` over one data folder, reached by a unix socket and a password."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # a fast shutdown: clients are cut off, data is checkpointed
    environment = {"LC_ALL": "C", "TZ": "UTC"}

    def __init__(self, places: Places, identity: Identity) -> None:
        self._places = places
        self.identity = identity
        self._owner = NOBODY_ID if identity is Identity.NOBODY else os.getuid()
        self._programs = postgres_programs()
        self._password = ""

    @property
    def url(self) -> str:
        """The address with its password, in a form libpq and django-environ both read."""
        host = urlencode({"host": str(self._places.postgres_runtime)})
        return f"postgresql://{USER}:{self._password}@/{DATABASE}?{host}"

    def prepare(self) -> None:
        """Make password, folders, data folder and configuration as far as they are missing."""
        self._password = secret_file(self._places.password_file, secrets.token_hex)
        if self.identity is Identity.NOBODY:
            private_folder(self._places.postgres_private, owner=self._owner)
            self._programs = lend(self._programs, self._places.postgres_private)
        private_folder(self._places.postgres_runtime, owner=self._owner)
        data = self._places.postgres_data
        if not data.exists():
            self._initialise(data)
        (data / "postgresql.conf").write_text(configuration(self._places.postgres_runtime))
        self._drop_lock_of_earlier_boot(data)

    def command(self) -> list[str]:
        """Return the command line of the server."""
        return [str(self._programs / "postgres"), "-D", str(self._places.postgres_data)]

    def handle(self) -> int | None:
        """Return a pidfd of the server that holds the data folder, or None."""
        lock = self._places.postgres_data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return handle_of(pid, str(self._places.postgres_data))

    def answers(self) -> bool:
        """Whether the server takes sessions; False while it still replays its log."""
        words = [
            "--quiet",
            f"--host={self._places.postgres_runtime}",
            f"--timeout={ANSWER_LIMIT_S}",
        ]
        return self._run(Identity.OWN, "pg_isready", *words).returncode == 0

    def _initialise(self, data: Path) -> None:
        """Make the data folder aside and move it into place, so that it is whole or missing."""
        fresh = data.with_name(f"{data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        password = data.with_name("password.new")
        password.unlink(missing_ok=True)
        write_private(password, self._password + "\n", owner=self._owner)
        try:
            self._fill(fresh, password)
        finally:
            password.unlink()
        fresh.rename(data)

    def _fill(self, data: Path, password: Path) -> None:
        private_folder(data, owner=self._owner)
        self._must_run("initdb", *initdb_options(data, password))
        # Without a server and before the move, so that a data folder always has its database.
        self._must_run("postgres", "--single", "-D", str(data), "postgres", said=CREATE_DATABASE)

    def _must_run(self, program: str, *words: str, said: str = "") -> None:
        done = self._run(self.identity, program, *words, said=said)
        log = self._places.logs / "initdb.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(done.stdout + done.stderr)
        if done.returncode != 0:
            why = f"its data folder could not be made: {done.stderr.strip()}"
            raise PartDidNotStart(self.name, why, log)

    def _run(
        self, identity: Identity, program: str, *words: str, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            launch(identity, [str(self._programs / program), *words]),
            input=said,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=self.environment,
            check=False,
        )

    def _drop_lock_of_earlier_boot(self, data: Path) -> None:
        """Remove a lock file whose process id is from before a boot.

        The id may meanwhile belong to anybody, and PostgreSQL would then refuse to start. Within
        one boot the file stays: it protects from sessions that outlive a killed server.
        """
        marker = self._places.home / "postgres.boot"
        now = boot_mark()
        if marker.exists() and marker.read_text() != now and self.handle() is None:
            (data / "postmaster.pid").unlink(missing_ok=True)
        marker.write_text(now)


def lend(programs: Path, private: Path) -> Path:
    """Return a copy of the programs that nobody may run: the originals may lie in root's home."""
    package = programs.parents[1]
    copy = private / f"programs-{int(package.stat().st_mtime)}"
    if not copy.exists():
        fresh = copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        # The programs find their libraries in a folder beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        for folder in filter(Path.exists, (package, libraries)):
            shutil.copytree(folder, fresh / folder.name, symlinks=True)
        fresh.rename(copy)
    return copy / programs.relative_to(package.parent)


def initdb_options(data: Path, password: Path) -> list[str]:
    """Return how initdb makes a data folder, the same on every host whatever its locales."""
    return [
        f"--pgdata={data}",
        f"--username={USER}",
        "--auth=scram-sha-256",
        f"--pwfile={password}",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]
