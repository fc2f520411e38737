"""What is brought along for browsers is what was checked, and stays small."""

import gzip
import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "cockpit" / "static" / "cockpit"
BUNDLE = STATIC / "vendor" / "codemirror.js"
LOCK = ROOT / "tools" / "vendor" / "codemirror" / "package-lock.json"
MOST_OWN = 40 * 1024
EDITORS = ("code-", "editor-", "workflow-editor")
"""Loaded by pages that edit texts or workflows, and by no other."""
MOST_OF_EDITORS = 19 * 1024
MOST_BUNDLED = 180 * 1000


def test_vendored_files_are_those_of_the_list() -> None:
    listed = (STATIC / "vendor" / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in listed)}
    assert "../vendor/codemirror.js" in sums
    for name, digest in sums.items():
        found = hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest()
        assert found == digest, name


def test_the_editor_of_texts_is_version_6_by_its_lock_and_small_enough() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    assert packages["node_modules/@codemirror/view"]["version"].startswith("6.")
    assert "node_modules/codemirror" not in packages
    assert len(gzip.compress(BUNDLE.read_bytes(), 9)) <= MOST_BUNDLED


def test_own_scripts_stay_within_their_budget() -> None:
    scripts = sorted((STATIC / "js").glob("*.js"))
    editors = [path for path in scripts if path.name.startswith(EDITORS)]
    assert len(editors) == 16
    assert _zipped([path for path in scripts if path not in editors]) <= MOST_OWN
    assert _zipped(editors) <= MOST_OF_EDITORS


def _zipped(paths: list[Path]) -> int:
    return len(gzip.compress(b"".join(path.read_bytes() for path in paths), 9))


def test_the_bundle_is_loaded_by_pages_that_edit_texts_alone() -> None:
    templates = ROOT / "cockpit" / "templates"
    users = [p.name for p in templates.rglob("*.html") if "codemirror" in p.read_text()]
    scripts = [p.name for p in (STATIC / "js").glob("*.js") if "codemirror.js" in p.read_text()]
    assert users == ["workflow_editor.html"]
    assert scripts == []
