"""What must hold in every situation of the model of notices, whatever has happened."""

from engine.objects.model import Policy
from engine.order import model as m
from engine.steps.advance import decide
from tests.property.notices.model import SITE, Move, State, gens, world_of


def problem(before: State, move: Move, state: State) -> str | None:
    """Return what does not hold after a move, None where all does."""
    return (
        _held_is_there(state)
        or _acquired_is_there(before, state)
        or _once_for_each_workflow(state)
        or _consumed_is_gone(state)
        or _goes_as_its_policy_says(before, state)
        or _unconsumed_is_there(state)
        or _success_had_a_run(before, move, state)
        or _one_run_at_a_time(state)
        or _nobody_waits_in_vain(state)
        or _cohort_is_served(before, state)
    )


def _held_is_there(state: State) -> str | None:
    """Tell of an instance deleted under its holder, or held by nobody's block."""
    holds = {(gen, o.id) for o in state.orders for gen in gens(o) if o}
    known = {(i.gen, order) for i in state.notice.instances for order in i.holders}
    return None if holds == known else f"orders hold {holds}, the notice knows {known}"


def _acquired_is_there(before: State, state: State) -> str | None:
    """Tell of a deleted instance that somebody acquired who neither waited for it nor had it."""
    for order in state.orders:
        for gen in gens(order):
            assert order
            was = before.order(order.id)
            if gen in gens(was):
                continue
            open_then = before.notice.instance(gen)
            granted = was is not None and any(n[2] == gen for g in was.grants for n in g.notices)
            fresh = open_then is None and gen > before.notice.last_gen
            waited = (gen, order.id) in before.had
            if not (fresh or granted or waited or (open_then and open_then.open)):
                return f"{order.id} acquired {gen}, which was gone"
    return None


def _once_for_each_workflow(state: State) -> str | None:
    """Tell of an instance that a workflow consumes, or has consumed, twice."""
    for instance in state.notice.instances:
        active = list(instance.holders.values())
        active += [workflow for gen, workflow in state.done if gen == instance.gen]
        if len(active) != len(set(active)):
            return f"generation {instance.gen} is consumed twice: {active}"
    return None


def _consumed_is_gone(state: State) -> str | None:
    """Tell of a success whose notice is still there when nobody holds it."""
    if state.policy not in (Policy.ANY_SUCCESS, Policy.CLOSE_ON_FIRST_SUCCESS):
        return None
    present = state.notice.present
    if present is None or present.holders or state.notice.scan:
        return None
    consumed = any(gen == present.gen for gen, _ in state.done)
    return f"generation {present.gen} was consumed and is still there" if consumed else None


def _goes_as_its_policy_says(before: State, state: State) -> str | None:
    """Tell of an instance that went, or stayed, against the policy of its board."""
    was = before.notice.present
    if was is None or was.gen != state.notice.last_gen or was.gen in state.removed:
        return None
    found = state.notice.instance(was.gen)
    stays = found is not None and found.open
    if stays != _is_to_go(state, was.gen):
        return None
    how = "is still there" if stays else "has gone"
    return f"generation {was.gen} {how}, with {state.policy}: {state.done} {state.undone}"


def _is_to_go(state: State, gen: int) -> bool:
    """Tell what the words of the policy say, out of how the blocks have ended."""
    active = any(gen in gens(order) for order in state.orders)
    succeeded = any(done == gen for done, _ in state.done)
    match state.policy:
        case Policy.ANY_SUCCESS:
            return succeeded and not active
        case Policy.ALL_SUCCESS:
            return succeeded and not active and all(failed != gen for failed, _ in state.undone)
        case Policy.LAST_FINISHER:
            return dict(state.last).get(gen, False) and not active
        case _:
            return succeeded


def _unconsumed_is_there(state: State) -> str | None:
    """Tell of a notice that vanished although nobody has consumed or deleted it."""
    last = state.notice.last_gen
    if not last or last in state.removed or state.notice.present:
        return None
    consumed = any(gen == last for gen, _ in state.done)
    return None if consumed else f"generation {last} vanished"


def _success_had_a_run(before: State, move: Move, state: State) -> str | None:
    """Tell of a success of an order whose last run had not ended well."""
    if state.done == before.done and state.order(move.order or "x") is not None:
        return None
    was, i = before.order(move.order or "x"), "xyz".index(move.order or "x")
    if move.kind != "deliver" or was is None:
        return None
    ended = any(n.order == was.id and n.run == before.runs[i] and n.ok for n in before.letters)
    return None if ended else f"{was.id} succeeded while its run {before.runs[i]} had not"


def _one_run_at_a_time(state: State) -> str | None:
    """Tell of two runs of one order under way, none of them given up by a person."""
    for name, run in state.busy:
        if (name, run) in state.lost:
            continue
        if any(n == name and r > run for n, r in state.busy):
            return f"{name} runs twice at once"
    return None


def _nobody_waits_in_vain(state: State) -> str | None:
    """Tell of an order that could go on while nobody is going to look at it."""
    if state.notice.scan:
        return None
    world = world_of(state)
    for order in state.orders:
        waits = order is not None and isinstance(order.state, m.ExpectingNotices)
        if waits and order is not None and decide(world, order, SITE):
            return f"{order.id} was not looked at"
    return None


def _cohort_is_served(before: State, state: State) -> str | None:
    """Tell of an order that waited for a notice, had no rival, and yet was passed over."""
    if before.notice.scan is None or state.notice.scan is not None:
        return None
    last = state.notice.last_gen
    for order in state.orders:
        if order is None or not isinstance(order.state, m.ExpectingNotices):
            continue
        rivals = (o is None or o.workflow == order.workflow for o in state.orders)
        ran = any(runs for runs, rival in zip(state.runs, rivals, strict=True) if rival)
        if (last, order.id) in state.had and not ran:
            return f"{order.id} waited for generation {last} and did not get it"
    return None
