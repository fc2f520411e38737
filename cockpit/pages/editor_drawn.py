"""The faces of drafts that were drawn last, so that an edit that changes no picture draws none.

Most typing is about scripts and options of jobs, which no picture shows.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from cockpit.diagram.overlay import Overlay
from cockpit.pages.editor_look import Look
from engine.workflow.instruction import Instruction
from engine.workflow.model import Workflow

_KEPT = 8


class Shows(NamedTuple):
    """All that faces depend on; `agents` are the jobs with where they run."""

    instructions: tuple[Instruction, ...]
    agents: dict[str, str]
    overlay: Overlay
    look: Look


class _Drawn(NamedTuple):
    shows: Shows
    html: str


_DRAWN: deque[_Drawn] = deque(maxlen=_KEPT)


def drawn_once(workflow: Workflow, overlay: Overlay, look: Look, draw: Callable[[], str]) -> str:
    """Return the faces of a workflow: those drawn before where they would be the same."""
    agents = {name: job.agent_name for name, job in workflow.jobs.items()}
    shows = Shows(workflow.instructions, agents, overlay, look)
    for known in tuple(_DRAWN):
        if known.shows == shows:
            return known.html
    html = draw()
    _DRAWN.append(_Drawn(shows, html))
    return html


def forget_drawn() -> None:
    """Draw everything anew at its next use."""
    _DRAWN.clear()
