"""Parts that a machine may lack: there the test skips by name, where parts are required it fails.

`tests/conftest.py` takes the hooks from here; run alone, this module is a pytest plugin.
"""

import os
import shutil
from collections.abc import Generator
from typing import NoReturn, TypeVar

import pytest

PREFIX = "missing part: "
REQUIRE = "STELLWERK_REQUIRE_PARTS"

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def missing_part(name: str) -> NoReturn:
    """Skip the running test because this machine lacks a part."""
    pytest.skip(PREFIX + name, allow_module_level=True)


def needs_program(name: str) -> pytest.MarkDecorator:
    """Return the mark of tests that need a program on the path."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=PREFIX + name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test fail that skips for a missing part."""
    return judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let a module fail that skips for a missing part."""
    return judged((yield))


def judged(report: Report) -> Report:
    """Return the report, as a failure where a part is missing that is required."""
    if report.skipped and isinstance(report.longrepr, tuple) and is_required():
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith(PREFIX):
            report.outcome = "failed"
            report.longrepr = f"{reason} ({REQUIRE} is set, so it must be here)"
    return report


def is_required() -> bool:
    """Whether every part has to be on this machine."""
    return os.environ.get(REQUIRE, "") not in ("", "0")
