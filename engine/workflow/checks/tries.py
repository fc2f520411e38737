"""Checks Try and Retry."""

from collections.abc import Iterator

from engine.workflow.blocks import inner_blocks
from engine.workflow.checks.here import Here
from engine.workflow.checks.values import number_problems
from engine.workflow.model import Block, Retry, Try
from engine.workflow.problem import Problem, problem, warning

MOST_TRIES = 1_000_000


def try_problems(here: Here, instruction: Try | Retry) -> Iterator[Problem]:
    """Yield what is wrong with a Try or a Retry."""
    path = here.path
    yield from number_problems((*path, "maxTries"), instruction.max_tries, least=1, most=MOST_TRIES)
    for i, delay in enumerate(instruction.retry_delays):
        yield from number_problems((*path, "retryDelays", i), delay, least=0)
    if isinstance(instruction, Try):
        yield from _never_retried(here, instruction)
    elif instruction.try_ is None:
        yield from _bare_retry_problems(here, instruction)


def _never_retried(here: Here, instruction: Try) -> Iterator[Problem]:
    given = instruction.max_tries is not None or instruction.retry_delays
    if given and not _has_retry(instruction.catch):
        sentence = "maxTries and retryDelays have no effect: there is no Retry in catch."
        yield warning(here.path, "never-retried", sentence)


def _has_retry(block: Block) -> bool:
    return any(
        isinstance(i, Retry) or any(_has_retry(inner.block) for inner in inner_blocks(i))
        for i in block.instructions
    )


def _bare_retry_problems(here: Here, retry: Retry) -> Iterator[Problem]:
    if retry.catch is not None or retry.max_tries is not None or retry.retry_delays:
        sentence = "This Retry has no try: maxTries and retryDelays stand at the Try around it."
        yield problem(here.path, "retry-incomplete", sentence)
    # A Retry goes back to a try of the same order: not beyond the branch of a fork.
    if not any(around.branch == "catch" for around in here.around()):
        sentence = "A Retry without a try of its own stands within the catch of a Try."
        yield problem(here.path, "retry-misplaced", sentence)
