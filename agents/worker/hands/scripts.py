"""Script files by the digest of their content, and the command that runs one.

Jobs of the same script share one file. A file is complete before it has its name, and closed
before anything runs it.
"""

import hashlib
import os
from pathlib import Path

_SHELL = "/bin/sh"


class Scripts:
    """The folder ``scripts`` of an agent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute() / "scripts"
        self._ready: dict[bytes, tuple[str, ...]] = {}  # by content; scripts are few and small

    def argv(self, script: bytes) -> tuple[str, ...]:
        """Returns what to execute: the file by its shebang, else by ``/bin/sh``."""
        ready = self._ready.get(script)
        if ready is None:
            path = str(self._stored(script))
            ready = (path,) if script.startswith(b"#!") else (_SHELL, path)
            self._ready[script] = ready
        return ready

    def _stored(self, script: bytes) -> Path:
        path = self.folder / hashlib.sha256(script).hexdigest()
        # Compared and not only looked for: a power failure can leave a name without its content.
        if not path.exists() or path.read_bytes() != script:
            self._write(path, script)
        return path

    @staticmethod
    def _write(path: Path, script: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            os.fchmod(file.fileno(), 0o700)
            file.write(script)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
