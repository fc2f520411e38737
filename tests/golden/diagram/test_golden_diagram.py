"""The picture of a workflow with every instruction, kept so that a change of it is seen and meant.

To accept a change, write the new drawing over `every-instruction.svg` and look at it.
"""

from pathlib import Path

from cockpit.diagram import draw
from tests.unit.diagram.drawings import each_instruction

GOLDEN = Path(__file__).parent / "every-instruction.svg"


def test_every_instruction_is_drawn_as_it_was_last_looked_at() -> None:
    drawn = draw(each_instruction(), highlights={"0": "finished", "1/fork+eu/1/try/0": "running"})

    assert drawn.replace("><", ">\n<") + "\n" == GOLDEN.read_text()
