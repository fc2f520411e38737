"""The agent's folder for processes: its parts, the listening socket and the keeper in it."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

PARTS = ("run", "records", "out", "scripts", "work")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ENTRY = Path(__file__).with_name("entry.py")


class Keeping(Struct, frozen=True):
    """A living keeper."""

    generation: int
    count: int
    pid: int


class Folder:
    """Paths of one agent; everything in it is private to its user."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def prepare(self) -> None:
        """Makes what is missing."""
        for part in PARTS:
            (self.path / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / part).chmod(0o700)

    def knows_boot(self, boot: str) -> bool:
        """Returns whether the folder was last used since this boot of the machine."""
        file = self.path / "boot"
        return file.exists() and file.read_text() == boot

    def remember_boot(self, boot: str) -> None:
        """Notes that the folder is used since this boot of the machine."""
        (self.path / "boot").write_text(boot)

    def listen(self) -> socket.socket:
        """Returns the socket supervisors connect to; its path may be of any length."""
        (self.path / "run" / "agent.sock").unlink(missing_ok=True)
        run = os.open(self.path / "run", os.O_PATH | os.O_CLOEXEC)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(f"/proc/self/fd/{run}/agent.sock")
            listener.listen(64)
        finally:
            os.close(run)
        listener.settimeout(0)
        return listener

    def keeping(self) -> Keeping | None:
        """Returns the keeper that lives, if any."""
        try:
            with (self.path / "run" / "keeper").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            words = (self.path / "run" / "keeper").read_text().split()
        return Keeping(*map(int, words)) if len(words) == 3 else Keeping(0, 0, 0)

    def generations(self) -> list[tuple[int, int]]:
        """Returns the names of all records files."""
        names = (file.name for file in (self.path / "records").iterdir())
        parts = (name.split("-") for name in names if name.replace("-", "").isdigit())
        return sorted((int(generation), int(slot)) for generation, slot in parts)

    def keep(self, *, generation: int, count: int, boot: str) -> "subprocess.Popen[bytes]":
        """Returns the process that detaches a new keeper and ends."""
        words = ["keeper", str(self.path), str(generation), str(count), boot]
        command = [sys.executable, "-I", "-S", "-E", str(_ENTRY), *words]
        with (self.path / "keeper.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={},
                cwd="/",
                close_fds=True,
            )


def boot_id() -> str:
    """Returns what changes at each start of the machine."""
    return _BOOT_ID.read_text().strip()
