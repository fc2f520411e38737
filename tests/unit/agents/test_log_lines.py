"""A log line tells a person when it was, what happened, and with whom."""

import logging
import time
from collections.abc import Iterator

import pytest

from agents.log_lines import FactLines


def _line(event: str, **facts: object) -> str:
    record = logging.makeLogRecord(
        {"name": "controller.links", "levelname": "WARNING", "msg": event, "created": 0.5, **facts}
    )
    record.msecs = 500.0
    return FactLines().format(record)


def test_a_line_has_the_facts_of_its_event_behind_it() -> None:
    line = _line("link.silent", agent="agent-1", term=3)
    assert line.endswith("WARNING controller.links link.silent agent='agent-1' term=3")


def test_a_fact_of_several_lines_stays_on_the_line_of_its_event() -> None:
    assert "\n" not in _line("lease.out_of_sight", problem="gone\nfor good")


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_moments_are_told_in_utc_whatever_the_zone_of_the_machine() -> None:
    assert _line("link.silent").startswith("1970-01-01T00:00:00.500Z WARNING")
