"""The examples of the reference pages are right, and so are the sentences beside them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from timetable.calendar import Calendar, Restriction
from timetable.calendar_words import calendar_sentence, restriction_sentence
from timetable.check import check_calendar, check_schedule
from timetable.schedule import Schedule
from timetable.schedule_words import schedule_sentence

PAGES = Path(__file__).parents[3] / "docs/reference"
EXAMPLE = re.compile(r"```json (calendar|restriction|schedule)\n(.*?)```\n> (.*?)\n", re.DOTALL)

KINDS: dict[str, tuple[Any, Callable[[Any], str], Callable[[Any], list[Any]]]] = {
    "calendar": (Calendar, calendar_sentence, check_calendar),
    "restriction": (Restriction, restriction_sentence, lambda _: []),
    "schedule": (Schedule, schedule_sentence, check_schedule),
}


def _examples() -> list[tuple[str, str, str]]:
    pages = [(PAGES / f"{name}.md").read_text() for name in ("calendars", "schedules")]
    return [found for page in pages for found in EXAMPLE.findall(page)]


@pytest.mark.parametrize(("kind", "document", "sentence"), _examples())
def test_an_example_means_what_the_page_says(kind: str, document: str, sentence: str) -> None:
    struct, words, check = KINDS[kind]
    read = msgspec.json.decode(document, type=struct)
    assert words(read) == sentence
    assert check(read) == []


def test_each_kind_has_an_example() -> None:
    assert {kind for kind, _, _ in _examples()} == set(KINDS)
