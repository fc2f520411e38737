"""An archive as JS7 exports it: every type of object, with the field names that it publishes."""

import io
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent / "js7_export"


def documents() -> dict[str, bytes]:
    """Return the files of the archive by name."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in files}


def js7_archive(more: dict[str, bytes] | None = None) -> bytes:
    """Return the archive; `more` are files beside those of every type."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # JS7 writes files in any order and with the moment of the export.
        for name, content in reversed({**documents(), **(more or {})}.items()):
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 12, 30, 10)), content)
    return out.getvalue()
