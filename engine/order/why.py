"""Why an order does not go on by itself: for what, for whom and until when it waits.

Pure: what no event tells, such as who runs at an agent now, comes in as an argument.
"""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from engine import position as p
from engine.order import model as m
from engine.order.guards import is_marked
from engine.order.why_job import Around, Wait, for_disabled, for_job
from engine.order.why_others import for_children, for_lock, for_notices, held_long
from engine.workflow.model import Execute
from engine.world import World

__all__ = ["Around", "Wait", "why"]

_NOTHING = Around()


def why(world: World, order: m.Order, now_us: int, around: Around = _NOTHING) -> Wait:
    """Return what leads the order on, and what keeps it from going on now.

    Every order gets an answer, also one that runs or has ended; the codes `running`, `moving` and
    `ended` say that it does not wait.

    Raises:
        NotLoaded: the world lacks something that the answer needs.
    """
    found = _why(world, order, now_us, around)
    warnings = held_long(world, order) if order.consumptions else ()
    return replace(found, warnings=warnings) if warnings else found


def _why(world: World, order: m.Order, now_us: int, around: Around) -> Wait:
    if isinstance(order.state, (*m.ENDED_FOR_HISTORY, *m.STOPPED)):
        return _for_person(order)
    if order.suspended:
        return _suspended(world, order)
    waits = _for_agent(order.held, around) if order.held is not None else None
    return waits or _BY_STATE[type(order.state)](world, order, now_us, around)


def _for_agent(held: m.Held, around: Around) -> Wait | None:
    agent, since_us = held.agent, around.away_since_us
    if around.agent == "unknown" and since_us is not None:
        return Wait("agent-unknown", f"No agent {agent} has joined yet.", (agent,))
    if around.agent == "disabled" and held.phase == "attaching":
        return for_disabled(agent)
    if since_us is None:
        return None
    return Wait("agent-away", f"Agent {agent} is away.", (agent,), since_us=since_us)


def _for_person(order: m.Order) -> Wait:
    state, message = order.state, (order.outcome.message if order.outcome else None) or ""
    told = f": {message}" if message else ""
    match state:
        case m.Broken(problem=problem):
            return Wait("broken", f"{_closed(f'It is broken: {problem}')} Cancel leads out.")
        case m.Failed() | m.FailedWhileFresh():
            return Wait("failed", f"{_closed(f'It has failed{told}')} Resume or cancel leads on.")
        case m.Stopped() | m.StoppedWhileFresh():
            return Wait("stopped", f"{_closed(f'It has stopped{told}')} Resume or cancel leads on.")
        case m.FailedInFork():
            parent = (order.parent,) if order.parent else ()
            sentence = f"{_closed(f'It has failed{told}')} Its fork takes that in."
            return Wait("failed-in-fork", sentence, parent)
        case _:
            return Wait("ended", "It has ended.")


def _closed(text: str) -> str:
    """Return a text as a sentence: messages of failures may be sentences already."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _suspended(world: World, order: m.Order) -> Wait:
    if p.place(order.position) in world.control(order.workflow).stops:
        node = world.program_of(order).instruction(order.position)
        at = (node.label if node else None) or p.to_text(order.position)
        sentence = f"It was stopped before {at}. Resume leads on."
        return Wait("breakpoint", sentence, (order.workflow,))
    return Wait("suspended", "It is suspended. Resume leads on.")


def _is_frozen(world: World, order: m.Order) -> Wait | None:
    if not world.control(order.workflow).suspended:
        return None
    path = order.workflow
    return Wait("workflow-suspended", f"Workflow {path} is suspended.", (path,))


def _fresh(world: World, order: m.Order, now_us: int, _around: Around) -> Wait:
    start = order.scheduled_us
    if start is not None and start > now_us and not is_marked(order, "go"):
        return Wait("scheduled", "It starts at its scheduled time.", until_us=start)
    return _is_frozen(world, order) or _on_its_way(order) or _moving("It is about to start.")


def _ready(world: World, order: m.Order, now_us: int, around: Around) -> Wait:
    waits = _is_frozen(world, order) or _on_its_way(order)
    if waits is not None:
        return waits
    program = world.program_of(order)
    node = program.instruction(order.position)
    if isinstance(node, Execute) and order.held is not None:
        return for_job(order, program, program.job(node.job_name), node.job_name, now_us, around)
    return _moving("It is about to go on.")


def _on_its_way(order: m.Order) -> Wait | None:
    if order.held is None or order.held.phase == "attached":
        return None
    agent, phase = order.held.agent, order.held.phase
    way = "to" if phase == "attaching" else "back from"
    return Wait(phase, f"It is on its way {way} agent {agent}.", (agent,))


def _moving(sentence: str) -> Wait:
    return Wait("moving", sentence)


def _processing(world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    node = world.program_of(order).instruction(order.position)
    job = node.job_name if isinstance(node, Execute) else "its job"
    return Wait("running", f"Job {job} runs at agent {order.agent}.", (order.agent or "",))


def _processed(_world: World, _order: m.Order, _now_us: int, _around: Around) -> Wait:
    return _moving("Its job has ended; it is about to go on.")


def _retry(_world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    return _timed(order, "retry-delay", "It waits before the next try.")


def _sleeping(_world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    assert isinstance(order.state, m.Sleeping)  # noqa: S101  # dispatched by state
    code, sentence = _PAUSES[order.state.cause]
    return _timed(order, code, sentence)


def _admission(_world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    return _timed(order, "admission", "It waits for the admission period of its block.")


def _cycle(_world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    return _timed(order, "cycle", "It waits for the next cycle.")


def _timed(order: m.Order, code: str, sentence: str) -> Wait:
    assert isinstance(order.state, m.TIMED)  # noqa: S101  # dispatched by state
    return Wait(code, sentence, until_us=order.state.until_us)


def _prompt(_world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    assert isinstance(order.state, m.Prompting)  # noqa: S101  # dispatched by state
    return Wait("prompt", f"It asks: {order.state.question}")


def _lock(world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    return _is_frozen(world, order) or for_lock(world, order)


def _notices(world: World, order: m.Order, _now_us: int, around: Around) -> Wait:
    return for_notices(world, order, around.posters)


def _children(world: World, order: m.Order, _now_us: int, _around: Around) -> Wait:
    return for_children(world, order)


_PAUSES = {
    "sleep": ("sleeping", "It pauses as its workflow says."),
    "throttle": ("throttled", "It, or others, did too much at once; it pauses."),
    "agent": ("no-agent", "No agent of its cluster takes jobs now; it looks again."),
}
_BY_STATE: Mapping[type, Callable[[World, m.Order, int, Around], Wait]] = {
    m.Fresh: _fresh,
    m.Ready: _ready,
    m.Processing: _processing,
    m.Processed: _processed,
    m.ProcessingKilled: _processed,
    m.Forked: _children,
    m.DelayingRetry: _retry,
    m.Sleeping: _sleeping,
    m.WaitingForAdmission: _admission,
    m.BetweenCycles: _cycle,
    m.WaitingForLock: _lock,
    m.ExpectingNotices: _notices,
    m.Prompting: _prompt,
}
