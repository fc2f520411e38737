"""Instructions that need nobody: conditions, try and retry, finish and fail."""

from engine import position as p
from engine.errors import EngineError
from engine.order import events as e
from engine.order import model as m
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate, predicate
from engine.steps.end import finish
from engine.steps.failure import exhausted, fail
from engine.steps.site import Site
from engine.workflow.model import CaseWhen, Fail, Finish, If, Retry, Try
from engine.workflow.program import case_branch
from engine.world import Step, World

SECOND_US = 1_000_000


def decide_if(world: World, order: m.Order, node: If, site: Site) -> list[Step]:
    """Return the way into `then` or `else`, or past a missing else."""
    program = world.program_of(order)
    if predicate(node.predicate, order, program, site.now_us, resources_in(world)):
        return _into(world, order, "then")
    return _into(world, order, "else" if node.else_ is not None else None)


def decide_case(world: World, order: m.Order, node: CaseWhen, site: Site) -> list[Step]:
    """Return the way into the first case that is true."""
    program = world.program_of(order)
    for n, case in enumerate(node.cases):
        if predicate(case.predicate, order, program, site.now_us, resources_in(world)):
            return _into(world, order, case_branch(n))
    return _into(world, order, "else" if node.else_ is not None else None)


def _into(world: World, order: m.Order, branch: str | None) -> list[Step]:
    program = world.program_of(order)
    to = program.enter(order.position, branch) if branch else program.onward(order.position)
    return [(order.id, e.OrderMoved(to))]


def decide_try(world: World, order: m.Order, node: Try, site: Site) -> list[Step]:
    """Return the way into the first try."""
    return _into(world, order, "try+0")


def decide_retry(world: World, order: m.Order, node: Retry, site: Site) -> list[Step]:
    """Return the way back to the try block, with its delay; the failure once no try is left."""
    program = world.program_of(order)
    for around in p.ancestors(order.position):
        branch = order.position[len(around)]
        block = program.instruction(around)
        if isinstance(block, Try) and isinstance(branch, str) and p.branch_place(branch) == "catch":
            return _retry(world, order, around, p.try_number(branch), site)
    raise RetryOutsideCatch("Retry stands outside of a catch block")


def _retry(world: World, order: m.Order, around: p.Position, number: int, site: Site) -> list[Step]:
    program = world.program_of(order)
    block = program.instruction(around)
    assert isinstance(block, Try)  # noqa: S101  # found by the caller
    if exhausted(block, number):
        return fail(
            world, order, m.Outcome("failed", message=f"no try is left of {block.max_tries}"), site
        )
    delays = block.retry_delays
    delay_s = delays[min(number, len(delays) - 1)] if delays else 0
    until_us = site.now_us + delay_s * SECOND_US if delay_s else None
    return [(order.id, e.OrderRetrying(program.enter(around, f"try+{number + 1}"), until_us))]


def decide_finish(world: World, order: m.Order, node: Finish, site: Site) -> list[Step]:
    """Return the end of the order or of its branch."""
    program = world.program_of(order)
    outcome = None
    if node.unsuccessful:
        outcome = m.Outcome("failed", message=node.message or "finished as unsuccessful")
    return finish(world, order, program, site, outcome=outcome)


def decide_fail(world: World, order: m.Order, node: Fail, site: Site) -> list[Step]:
    """Return the failure that the instruction asks for."""
    program = world.program_of(order)
    message = "the workflow asked to fail"
    if node.message is not None:
        message = str(evaluate(node.message, order, program, site.now_us, resources_in(world)))
    code = (node.outcome or {}).get("returnCode")
    outcome = m.Outcome(
        "failed",
        return_code=code if isinstance(code, int) else None,
        message=message,
        values=node.outcome or {},
        uncatchable=node.uncatchable,
    )
    return fail(world, order, outcome, site)


class RetryOutsideCatch(EngineError):
    """A Retry with no catch around it; the check of the document refuses this."""
