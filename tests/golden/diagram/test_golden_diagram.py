"""The pictures of instructions, kept so that a change of them is seen and meant.

To accept a change, run with STELLWERK_GOLDEN=write and look at the new drawings.
"""

import os
from pathlib import Path

import pytest

from cockpit.diagram import Addresses, LockUse, Overlay, Standing, draw
from tests.unit.diagram.drawings import SINGLE, each_instruction, workflow

GOLDEN = Path(__file__).parent
OVER = Overlay(
    highlights={"0": "finished", "1/fork+eu/1/try+0/0": "running"},
    orders={"3/fork+left/0": [Standing("waiting", 2), Standing("failed", 1, "#2026-11-21#T1")]},
    skipped=frozenset({"extract"}),
    stopped=frozenset({"4"}),
    suspended=True,
    locks={"dwh": LockUse(1, 2, ("#2026-11-21#T0398",))},
    picks={"0": None},
    addresses=Addresses("/workflows/{}/", "/orders/{}/", "/orders/?at={}"),
)


@pytest.mark.parametrize("name", SINGLE)
def test_an_instruction_is_drawn_as_it_was_last_looked_at(name: str) -> None:
    _compare(name, draw(workflow(SINGLE[name])))


def test_every_instruction_is_drawn_as_it_was_last_looked_at() -> None:
    _compare("every-instruction", draw(each_instruction(), overlay=OVER, address="?"))


def test_a_folded_instruction_is_drawn_as_it_was_last_looked_at() -> None:
    _compare("folded", draw(workflow(*[SINGLE["retry"]] * 400), address="?"))


def _compare(name: str, drawn: str) -> None:
    text, kept = drawn.replace("><", ">\n<") + "\n", GOLDEN / f"{name}.svg"
    if os.environ.get("STELLWERK_GOLDEN") == "write":
        kept.write_text(text)
    assert text == kept.read_text()
