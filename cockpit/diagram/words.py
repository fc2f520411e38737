"""What a diagram and its outline say about an instruction: icon, kind, name, detail.

A new instruction gets one function here, or in `words_of_blocks` where it has a block, and one in
`cockpit.diagram.measure`. Knows no orders and no states.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cockpit.diagram.saying import Words, boards_text, plain_text, seconds_text
from cockpit.diagram.words_of_blocks import WORDS_OF_BLOCKS, lane_names, tries_text
from engine.workflow.instruction import (
    AddOrder,
    Break,
    Execute,
    ExpectNotices,
    Fail,
    Finish,
    ImplicitEnd,
    Instruction,
    PostNotices,
    Prompt,
    Sleep,
    Stop,
)
from engine.workflow.model import Workflow

__all__ = ["Words", "lane_names", "tries_text", "words"]

UNANNOUNCED = {
    "Wait": "",
    "SkipWhenNoNotice": "skip when no notice",
    "DontWait": "don't wait for unannounced",
}
"""What an order does where nobody has announced the notice."""


def words(instruction: Instruction, workflow: Workflow) -> Words:
    """Return what is said about an instruction of this workflow."""
    found: Words = _WORDS[type(instruction)](instruction, workflow)
    return found


def _execute(it: Execute, workflow: Workflow) -> Words:
    job = workflow.jobs.get(it.job_name)
    name = it.label or it.job_name
    told = [job.agent_name] if job else ["unknown job"]
    if it.label and it.label != it.job_name:
        told.insert(0, it.job_name)
    return Words("terminal", "job", name, " · ".join(told))


def _post(it: PostNotices, _: Workflow) -> Words:
    kind = "post notice" if len(it.notice_board_names) == 1 else "post notices"
    return Words("megaphone", kind, ", ".join(it.notice_board_names), it.label or "")


def _expect(it: ExpectNotices, _: Workflow) -> Words:
    boards = boards_text(it.notice_board_names)
    kind = "expect notices" if " " in boards else "expect notice"
    unannounced = UNANNOUNCED.get(it.when_not_announced, it.when_not_announced)
    detail = " · ".join(part for part in (it.label, unannounced) if part)
    return Words("ear", kind, boards, detail)


def _add_order(it: AddOrder, _: Workflow) -> Words:
    return Words("circle-plus", "add order", it.workflow_name, it.label or "")


def _break(it: Break, _: Workflow) -> Words:
    return Words("log-out", "break", it.label or "")


def _prompt(it: Prompt, _: Workflow) -> Words:
    return Words("message-circle-question-mark", "prompt", plain_text(it.question), it.label or "")


def _sleep(it: Sleep, _: Workflow) -> Words:
    return Words("hourglass", "sleep", seconds_text(it.duration), it.label or "")


def _stop(it: Stop, _: Workflow) -> Words:
    return Words("circle-stop", "stop", it.label or "")


def _finish(it: Finish, _: Workflow) -> Words:
    icon, kind = ("x", "finish unsuccessfully") if it.unsuccessful else ("check", "finish")
    return Words(icon, kind, it.label or "", plain_text(it.message or ""))


def _fail(it: Fail, _: Workflow) -> Words:
    told = [plain_text(it.message or ""), "uncatchable" if it.uncatchable else ""]
    return Words("x", "fail", it.label or "", " · ".join(part for part in told if part))


def _end(it: ImplicitEnd, _: Workflow) -> Words:
    return Words("check", "end", it.label or "")


_WORDS: Mapping[type, Callable[[Any, Workflow], Words]] = {
    **WORDS_OF_BLOCKS,
    Execute: _execute,
    PostNotices: _post,
    ExpectNotices: _expect,
    AddOrder: _add_order,
    Break: _break,
    Prompt: _prompt,
    Sleep: _sleep,
    Stop: _stop,
    Finish: _finish,
    Fail: _fail,
    ImplicitEnd: _end,
}
