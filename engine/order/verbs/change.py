"""Another start or other arguments for orders that have not started."""

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.guards import check
from engine.order.parameters import argument_problems
from engine.order.requests import ChangeArguments, ChangeStart
from engine.order.verbs.mark import marked
from engine.world import Step, World

_NOTHING = m.Change()


def change_start(_world: World, order: m.Order, verb: ChangeStart) -> list[Step]:
    """Return the new start; at an agent the mark that fetches the order back for it."""
    check(order, "start")
    pending = _pending(order)
    before = order.scheduled_us if pending.scheduled_us is None else pending.scheduled_us
    if before == verb.scheduled_us:
        return []
    return _changed(order, m.Change(verb.scheduled_us, pending.arguments))


def change_arguments(world: World, order: m.Order, verb: ChangeArguments) -> list[Step]:
    """Return the new arguments, checked by what the workflow declares.

    Raises:
        CommandRefused: the order has started, or the arguments do not fit.
    """
    check(order, "arguments")
    pending = _pending(order)
    before = order.arguments if pending.arguments is None else pending.arguments
    kept = {name: value for name, value in before.items() if name not in verb.remove}
    arguments = {**kept, **verb.arguments}
    problems = argument_problems(world.program_of(order), arguments)
    if problems:
        raise CommandRefused("invalid", " ".join(problems))
    if arguments == before:
        return []
    return _changed(order, m.Change(pending.scheduled_us, arguments))


def _pending(order: m.Order) -> m.Change:
    """Return the change that an agent has not made way for yet."""
    if order.mark is None or order.mark.change is None:
        return _NOTHING
    return order.mark.change


def _changed(order: m.Order, change: m.Change) -> list[Step]:
    if order.held is None:
        return [(order.id, e.OrderChanged(change))]
    return marked(order, m.Mark("change", change=change))
