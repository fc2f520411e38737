"""The settings page names what the code reads, and nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/settings.md"
READERS = [ROOT / "cockpit/settings.py", ROOT / "agents/worker/config.py"]
BY_UP = {"STELLWERK_ADMIN_PASSWORD"}


def test_every_variable_of_the_code_is_on_the_page_and_the_other_way_round() -> None:
    read: set[str] = set(BY_UP)
    for path in READERS:
        text = path.read_text()
        read |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
        read |= set(re.findall(r'_read\(env, "([A-Z_]+)"', text))
    named = set(re.findall(r"^\| `([A-Z_]+)`", PAGE.read_text(), re.MULTILINE))
    assert named == read
