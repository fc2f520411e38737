"""Modules stay small enough to be read in one sitting."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES = 400


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    modules = [ROOT / name for name in listed if "/migrations/" not in name]
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules
        if path.exists() and (count := len(path.read_text().splitlines())) > LINES
    }
    assert long == {}
