"""An instruction under check, with what stands around it and what else is known."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.position import Position, ancestors
from engine.workflow.checks.known import Known
from engine.workflow.model import Instruction, Workflow
from engine.workflow.problem import Path
from engine.workflow.walk import Visit


class Around(NamedTuple):
    """An instruction around another one, and by which of its branches it holds that."""

    instruction: Instruction
    branch: str
    position: Position


class Here(NamedTuple):
    """What the check of one instruction may look at. `placed` has all instructions by position."""

    visit: Visit
    workflow: Workflow
    known: Known
    placed: Mapping[Position, Instruction]

    @property
    def path(self) -> Path:
        """The path to the instruction in the document."""
        return self.visit.path

    def around(self) -> Iterator[Around]:
        """Yield the instructions around this one, innermost first, as far as the same order goes.

        The branch of a fork is walked by another order than what is around the fork.
        """
        for found in self.all_around():
            if found.branch.partition("+")[0] == "fork":
                return
            yield found

    def all_around(self) -> Iterator[Around]:
        """Yield the instructions around this one, innermost first, also those around a fork."""
        position = self.visit.position
        for outer in ancestors(position):
            yield Around(self.placed[outer], str(position[len(outer)]), outer)
