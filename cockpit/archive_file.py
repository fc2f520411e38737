"""Archives as files: written aside and put in place whole; and what is written into them of us."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PRODUCT = "Stellwerk 0.1.0"


@contextmanager
def written_aside(file: Path) -> Iterator[IO[bytes]]:
    """Open a file beside the wanted one; it takes its place once all was written.

    Raises:
        OSError: the folder cannot be written to.
    """
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as out:
        aside = Path(out.name)
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
            aside.chmod(0o644 & ~_umask())
            aside.replace(file)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
