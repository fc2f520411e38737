"""A missing part is a skip with a name, and a failure where parts are required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import missing

ROOT = Path(__file__).parents[3]
TESTS = """
import pytest
from tests.missing import missing_part, needs_program

def test_in_the_middle():
    missing_part("browser")

@needs_program("no-such-program")
def test_by_mark():
    pass

@needs_program("sh")
def test_with_all_it_needs():
    pass

def test_of_another_reason():
    pytest.skip("only root can do this")
"""
MODULE = 'from tests.missing import missing_part\nmissing_part("broker")\n'


def outcome(folder: Path, **environment: str) -> str:
    """Run the tests in a session of their own, and return the last line."""
    (folder / "test_parts.py").write_text(TESTS)
    (folder / "test_module.py").write_text(MODULE)
    options = ["-q", "-ra", "-c", os.devnull, "--rootdir", str(folder), "-p", "tests.missing"]
    options.append("--continue-on-collection-errors")
    plugins = [f"-pno:{name}" for name in ("cacheprovider", "django", "randomly")]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *plugins, str(folder)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout


@pytest.mark.parametrize("value", ["", "0"])
def test_missing_parts_are_skipped_and_listed_by_name(tmp_path: Path, value: str) -> None:
    told = outcome(tmp_path, STELLWERK_REQUIRE_PARTS=value)
    assert "1 passed, 4 skipped" in told
    for name in ("browser", "no-such-program", "broker"):
        assert f"missing part: {name}" in told


def test_where_parts_are_required_a_missing_one_fails(tmp_path: Path) -> None:
    told = outcome(tmp_path, STELLWERK_REQUIRE_PARTS="1")
    assert "1 failed, 1 passed, 1 skipped, 2 errors" in told
    for name in ("browser", "no-such-program", "broker"):
        assert f"missing part: {name} (STELLWERK_REQUIRE_PARTS is set, so it must be here)" in told


def test_this_session_judges_missing_parts(request: pytest.FixtureRequest) -> None:
    for hook in (missing.pytest_runtest_makereport, missing.pytest_make_collect_report):
        callers = getattr(request.config.hook, hook.__name__).get_hookimpls()
        assert hook in [caller.function for caller in callers]
