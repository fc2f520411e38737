"""Checks Cycle, with its schedule, and Break."""

from collections.abc import Iterator

from engine.workflow.blocks import inner_blocks
from engine.workflow.checks.here import Here
from engine.workflow.checks.schemes import scheme_problems
from engine.workflow.checks.values import number_problems
from engine.workflow.model import (
    AdmissionTime,
    Block,
    CaseWhen,
    Cycle,
    If,
    ImplicitEnd,
    Options,
    Segment,
    StickySubagent,
    Try,
)
from engine.workflow.problem import Path, Problem, problem
from timetable.scheme import Continuous, Periodic, Repeat, Ticking

_DAY_S = 24 * 3600
MOST_CYCLES = 1_000_000

_IMMEDIATE = (ImplicitEnd, Segment, Options, If, CaseWhen, Try, AdmissionTime, StickySubagent)


def cycle_problems(here: Here, cycle: Cycle) -> Iterator[Problem]:
    """Yield what is wrong with a Cycle."""
    path: Path = (*here.path, "schedule", "schemes")
    if not cycle.schedule.schemes:
        yield problem(path, "schemes-missing", "At least one scheme is needed.")
    idle = _does_nothing(cycle.cycle_workflow)
    for i, scheme in enumerate(cycle.schedule.schemes):
        yield from _repeat_problems((*path, i, "repeat"), scheme.repeat, idle=idle)
        if scheme.admission_time_scheme is not None:
            at = (*path, i, "admissionTimeScheme")
            yield from scheme_problems(at, scheme.admission_time_scheme)


def break_problems(here: Here) -> Iterator[Problem]:
    """Yield that a Break stands outside of a Cycle of its order."""
    if not any(isinstance(around.instruction, Cycle) for around in here.around()):
        sentence = "A Break stands within a Cycle, and not beyond the branch of a fork."
        yield problem(here.path, "break-misplaced", sentence)


def _repeat_problems(path: Path, repeat: Repeat, *, idle: bool) -> Iterator[Problem]:
    match repeat:
        case Periodic():
            yield from _periodic_problems(path, repeat)
        case Ticking(interval=interval):
            yield from number_problems((*path, "interval"), interval, least=1)
        case Continuous(pause=pause, limit=limit):
            yield from number_problems((*path, "pause"), pause, least=0)
            yield from number_problems((*path, "limit"), limit, least=1, most=MOST_CYCLES)
            if pause == 0 and limit is None and idle:
                sentence = "The block takes no time: without pause and limit it repeats endlessly."
                yield problem(path, "cycle-endless", sentence)


def _periodic_problems(path: Path, periodic: Periodic) -> Iterator[Problem]:
    yield from number_problems((*path, "period"), periodic.period, least=1, most=_DAY_S)
    if not periodic.offsets:
        yield problem((*path, "offsets"), "offsets-missing", "At least one offset is needed.")
    most = (periodic.period if 1 <= periodic.period <= _DAY_S else _DAY_S) - 1
    for i, offset in enumerate(periodic.offsets):
        at = (*path, "offsets", i)
        yield from number_problems(at, offset, least=0, most=most)
        if i and offset <= periodic.offsets[i - 1]:
            yield problem(at, "offset-order", "Offsets ascend, each only once.")


def _does_nothing(block: Block) -> bool:
    """Tell whether an order passes a block in no time, whatever it decides in there."""
    return all(
        isinstance(instruction, _IMMEDIATE)
        and all(_does_nothing(inner.block) for inner in inner_blocks(instruction))
        for instruction in block.instructions
    )
