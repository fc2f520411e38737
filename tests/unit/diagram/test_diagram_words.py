"""What is said about instructions in few words."""

from typing import Any

import msgspec
import pytest

from cockpit.diagram.periods import admission_text, cycle_text
from cockpit.diagram.saying import boards_text, duration_text, plain_text, seconds_text
from cockpit.diagram.words import words
from engine.workflow.instruction import Instruction
from tests.unit.diagram.drawings import DAILY, NIGHTS, SINGLE, workflow
from timetable.scheme import AdmissionTimeScheme, CycleSchedule

TIMES, TO = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"


def _label(name: str, **more: Any) -> str:
    drawn = workflow({**SINGLE[name], **more})
    return words(drawn.instructions[0], drawn).label


@pytest.mark.parametrize(
    ("name", "more", "label"),
    [
        ("expect-notices", {}, "expect notices fx-rates || manual"),
        (
            "expect-notices",
            {"whenNotAnnounced": "SkipWhenNoNotice", "noticeBoardNames": "'fx'"},
            "expect notice fx, skip when no notice",
        ),
        ("post-notices", {"noticeBoardNames": ["a", "b"]}, "post notices a, b"),
        ("consume-notices", {}, "consume notices stock"),
        ("lock", {}, f"lock dwh {TIMES} 1, cpu"),
        ("sleep", {}, "sleep 1 min 30 s"),
        ("sleep", {"duration": "$pause"}, "sleep $pause"),
        ("prompt", {}, "prompt Release to CFO?"),
        ("add-order", {"label": "next"}, "add order close-month, next"),
        ("fork-list", {"joinIfFailed": True}, "fork list each $files, join if failed"),
        ("cycle", {"onlyOnePeriod": True}, f"cycle, every 15 min 08:00{TO}18:00 · one period"),
        ("admission-time", {}, f"admission time, Mon{TO}Fri 22:00{TO}06:00"),
        ("options", {}, "options stop on failure"),
        ("sticky-subagent", {}, "sticky subagent agent-1"),
        ("fail", {}, "fail, no rows · uncatchable"),
        ("segment", {}, "segment load everything"),
    ],
)
def test_an_instruction_says_what_tells_it_from_others(
    name: str, more: dict[str, Any], label: str
) -> None:
    assert _label(name, **more) == label


def test_there_is_an_example_of_every_instruction_but_those_of_blocks() -> None:
    drawn = {type(workflow(it).instructions[0]).__name__ for it in SINGLE.values()} | {
        "Break",
        "ImplicitEnd",
    }

    assert drawn == {kind.__name__ for kind in Instruction.__args__}


@pytest.mark.parametrize(
    ("expression", "text"),
    [("'a b'", "a b"), ('"a"', "a"), ('"$a"', '"$a"'), ("'a' ++ 'b'", "'a' ++ 'b'"), ("''", "")],
)
def test_a_literal_loses_its_quotes_and_nothing_else_does(expression: str, text: str) -> None:
    assert plain_text(expression) == text


def test_boards_and_durations_are_short() -> None:
    assert boards_text("'a' && ('b' || 'c')") == "a && (b || c)"
    assert [duration_text(s) for s in (0, 59, 3_600, 90_061)] == ["0 s", "59 s", "1 h", "1 d 1 h"]
    assert seconds_text("'x'") == "x"


def test_schedules_are_said_in_few_words_with_the_count_of_the_rest() -> None:
    ticking = {"repeat": {"TYPE": "Ticking", "interval": 30}}
    continuous = {"repeat": {"TYPE": "Continuous", "pause": 60, "limit": 3}}

    def cycle(*schemes: dict[str, Any]) -> str:
        return cycle_text(msgspec.convert({"schemes": list(schemes)}, CycleSchedule))

    def admission(*periods: dict[str, Any]) -> str:
        return admission_text(msgspec.convert({"periods": list(periods)}, AdmissionTimeScheme))

    assert cycle(DAILY, ticking) == f"every 15 min 08:00{TO}18:00 +1"
    assert cycle(ticking) == "every 30 s"
    assert cycle(continuous) == f"pause 1 min, 3 {TIMES}"
    assert cycle() == ""
    last_day = {"TYPE": "MonthlyLastDatePeriod", "lastSecondOfMonth": -79_200, "duration": 3_600}
    assert admission() == "never"
    assert admission(last_day) == "on the last day of each month 02:00 to 03:00"
    assert admission(NIGHTS[0], NIGHTS[3]) == f"Mon,Thu 22:00{TO}06:00"
