"""What a verb on a workflow or on a plan would mean for one of its orders, without doing it. Pure.

Such verbs change no order by themselves: they are about what an order may do when it comes
somewhere. So most effects are later ones.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias

from engine import position as p
from engine.errors import EngineError, NotLoaded
from engine.facts import Control
from engine.order import model as m
from engine.order.control import control
from engine.order.group import state_name
from engine.order.notice_key import board_named, is_plannable
from engine.order.object_events import WorkflowControlled
from engine.order.places import may_come, places
from engine.order.preview import Preview, When
from engine.order.requests import ChangePlan, ControlWorkflow
from engine.workflow.model import PostNotices
from engine.workflow.program import Program
from engine.world import World

_IS_SO = "stays as it is: that is in effect already"
_STANDS = (*m.FAILED, *m.STOPPED, m.Broken)
_Told: TypeAlias = tuple[str, When]


def preview_control(world: World, order: m.Order, request: ControlWorkflow) -> Preview:
    """Return what a verb on a workflow would mean for one of its orders.

    Raises:
        CommandRefused: the verb itself would be refused.
        NotLoaded: the world lacks something that this needs.
    """
    steps = control(request, world, 0)
    if not steps:
        return _preview(order, (_IS_SO, When.NEVER))
    (_, event), before = steps[0], world.control(request.workflow)
    assert isinstance(event, WorkflowControlled)  # noqa: S101  # a control makes no other
    after = Control(suspended=event.suspended, skipped=event.skipped, stops=event.stops)
    return _preview(order, _CONTROLS[request.verb](order, world.program_of(order), before, after))


def preview_plan(world: World, order: m.Order, request: ChangePlan) -> Preview:
    """Return what closing or opening its plan would mean for an order.

    Raises:
        CommandRefused: the verb itself would be refused.
        NotLoaded: the world lacks something that this needs.
    """
    if not control(request, world, 0):
        return _preview(order, (_IS_SO, When.NEVER))
    return _preview(order, _closed(world, order) if request.closed else _opened(world, order))


def _preview(order: m.Order, told: _Told) -> Preview:
    return Preview(*told, state=state_name(order))


# -- suspend and resume -----------------------------------------------------------------------


def _frozen(order: m.Order, _program: Program, _before: Control, _after: Control) -> _Told:
    if order.suspended or isinstance(order.state, _STANDS):
        return "stands still already", When.NEVER
    later = _occupied(order)
    if later:
        return f"stands still when {later}", When.LATER
    if order.held is not None:
        return f"stands still as soon as agent {order.held.agent} hears of it", When.LATER
    if isinstance(order.state, m.Fresh):
        return "does not start", When.NOW
    return "stands still where it is", When.NOW


def _thawed(order: m.Order, _program: Program, _before: Control, _after: Control) -> _Told:
    if order.suspended:
        return "stays suspended: it has to be resumed itself", When.NEVER
    if isinstance(order.state, _STANDS):
        return "stays as it is: it has to be resumed itself", When.NEVER
    later = _occupied(order)
    if later:
        return f"goes on when {later}", When.LATER
    return "starts when it is due" if isinstance(order.state, m.Fresh) else "goes on", When.NOW


def _occupied(order: m.Order) -> str:
    """Return what has to be over before the order comes to its next step, empty if nothing."""
    match order.state:
        case m.Processing():
            return "its job ends"
        case m.Forked():
            return "its children have ended"
        case state if isinstance(state, m.WAITING):
            return "its wait is over"
        case _:
            return ""


# -- skip and stop ----------------------------------------------------------------------------


def _skipped(order: m.Order, program: Program, before: Control, after: Control) -> _Told:
    labels = set(after.skipped) ^ set(before.skipped)
    known = {program.labels[label]: f"label {label}" for label in labels & program.labels.keys()}
    if not known:
        return f"has {'none of these labels' if len(labels) > 1 else 'no such label'}", When.NEVER
    skips = len(after.skipped) > len(before.skipped)
    return _ahead(order, program, known, "passes {} by" if skips else "carries {} out")


def _stopped(order: m.Order, program: Program, before: Control, after: Control) -> _Told:
    known = {at: p.to_text(at) for at in set(after.stops) ^ set(before.stops)}
    if len(after.stops) > len(before.stops):
        return _ahead(order, program, known, "is suspended before {}")
    if order.suspended and p.place(order.position) in known:
        return "stays suspended: it has to be resumed itself", When.NEVER
    return _ahead(order, program, known, "is not suspended before {}")


def _ahead(order: m.Order, program: Program, known: Mapping[p.Position, str], does: str) -> _Told:
    """Return what an order does at places that it can still come to."""
    here = p.place(order.position)
    if here in known and not _begun(order):
        told = does.format(known[here])
        if order.suspended or order.held is not None:
            return f"{told} when it goes on", When.LATER
        return told, When.NOW
    ahead = [name for at, name in sorted(known.items(), key=repr) if _comes(order, program, at)]
    if not ahead:
        return f"does not come to {_named(known.values())} any more", When.NEVER
    return f"{does.format(_named(ahead))} when it comes to it", When.LATER


def _begun(order: m.Order) -> bool:
    """Tell whether an order is at work on its instruction, which is then not skipped any more."""
    return not isinstance(order.state, m.Fresh | m.Ready) and not isinstance(order.state, _STANDS)


def _comes(order: m.Order, program: Program, at: p.Position) -> bool:
    here = p.place(order.position)
    inside = at[: len(here)] == here
    if inside and (isinstance(order.state, m.Forked) or (at == here and _begun(order))):
        return False  # its children come there, or it is at work there
    scope = p.place(p.fork_scope(order.position)) if order.parent else ()
    return at[: len(scope)] == scope and may_come(program, order.position, at)


def _named(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


_CONTROLS: Mapping[str, Callable[[m.Order, Program, Control, Control], _Told]] = {
    "suspend": _frozen,
    "resume": _thawed,
    "skip": _skipped,
    "unskip": _skipped,
    "stop": _stopped,
    "unstop": _stopped,
}


# -- plans ------------------------------------------------------------------------------------


def _closed(world: World, order: m.Order) -> _Told:
    posts = next(_postings(world, order), None)
    if posts is not None:
        where = p.to_text(posts)
        return f"fails at {where}, where it posts a notice, unless the plan is open", When.LATER
    if isinstance(order.state, m.ExpectingNotices) and _expects(world, order):
        return "waits on: nobody can post to its plan what it waits for", When.LATER
    return "goes on: only new orders and notices are kept out", When.NEVER


def _opened(world: World, order: m.Order) -> _Told:
    posts = next(_postings(world, order), None)
    if posts is None:
        return "goes on as it did", When.NEVER
    return f"can post its notice at {p.to_text(posts)} again", When.LATER


def _expects(world: World, order: m.Order) -> bool:
    assert isinstance(order.state, m.ExpectingNotices)  # noqa: S101  # the caller looked
    return any(_plannable(world, board) for board, _ in order.state.expected)


def _postings(world: World, order: m.Order) -> Iterator[p.Position]:
    """Yield the places ahead where an order posts notices of its plan."""
    program = world.program_of(order)
    for at in places(program):
        node = program.instruction(at)
        boards = node.notice_board_names if isinstance(node, PostNotices) else ()
        if any(_plannable(world, name) for name in boards) and _comes(order, program, at):
            yield at


def _plannable(world: World, name: str) -> bool:
    try:
        return is_plannable(board_named(world, name)[1])
    except NotLoaded:
        raise
    except EngineError:
        return False
