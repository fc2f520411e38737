"""A forecast: what is going to happen, played twice.

Once with usual durations, once with those that one run in twenty exceeds. What every order does is
told of the first, of the second only when orders end.
"""

from engine.world import World
from simulation.forecast.beginning import world_of
from simulation.forecast.branches import AssumingProgram
from simulation.forecast.durations import Durations
from simulation.forecast.endless import why_endless
from simulation.forecast.found import Coverage, Forecast, OrderForecast
from simulation.forecast.player import Player
from simulation.forecast.snapshot import Snapshot
from simulation.forecast.trace import Life

USUAL, LATE = 0.5, 0.95


def forecast(snapshot: Snapshot) -> Forecast:
    """Return what becomes of all orders of a snapshot."""
    usual, late = played(snapshot, USUAL), played(snapshot, LATE)
    ends = {life.id: life.end_us for life in late.trace.lives.values()}
    orders = [
        _forecast_of(usual, life, snapshot.deadlines.get(life.id), ends.get(life.id))
        for life in usual.trace.lives.values()
    ]
    orders += [
        OrderForecast(
            id=new.id,
            workflow=new.workflow,
            scheduled_us=new.scheduled_us,
            deadline_us=snapshot.deadlines.get(new.id),
            why=f"The controller would refuse it: {sentence}",
        )
        for new, sentence in usual.refused.values()
    ]
    return Forecast(
        now_us=snapshot.now_us,
        until_us=snapshot.until_us,
        orders=tuple(orders),
        postings=tuple(usual.trace.causes.postings),
        coverage=_coverage(usual, orders),
    )


def played(snapshot: Snapshot, share: float) -> Player:
    """Return a run with durations that this share of runs does not exceed, at its end."""
    durations = Durations(snapshot.ran, share=share, default_s=snapshot.default_s)
    player = Player(snapshot, world_of(snapshot), durations)
    player.play()
    return player


def _forecast_of(
    player: Player, life: Life, deadline_us: int | None, late_end_us: int | None
) -> OrderForecast:
    spans, why = list(life.spans), ""
    if life.end_us is None:
        if life.rest is not None:
            open_span = player.trace.span_of(life, life.rest, None)
            spans.append(open_span)
        why = why_endless(player.world, life, player.trace.lives)
    elif life.failed:
        why = f"It would fail: {life.message or 'nothing tells why'}"
    return OrderForecast(
        id=life.id,
        workflow=life.workflow,
        spans=tuple(spans),
        origin=life.origin,
        is_child=life.is_child,
        scheduled_us=life.scheduled_us,
        begin_us=life.begin_us,
        end_us=life.end_us,
        late_end_us=late_end_us,
        deadline_us=deadline_us,
        failed=life.failed,
        why=why,
        assumed=_assumed(player.world, life),
    )


def _assumed(world: World, life: Life) -> tuple[str, ...]:
    """Return what was taken for granted about an order's conditions, in their order."""
    program = world.programs.get((life.workflow, life.version))
    return tuple(program.assumed.values()) if isinstance(program, AssumingProgram) else ()


def _coverage(player: Player, orders: list[OrderForecast]) -> Coverage:
    roots = [one for one in orders if not one.is_child]
    ended = sum(one.end_us is not None for one in roots)
    return Coverage(
        orders=len(roots),
        ended=ended,
        failed=sum(one.failed for one in roots),
        endless=len(roots) - ended,
        jobs=sum(player.sources.values()),
        sources=dict(sorted(player.sources.items())),
        events=player.trace.events,
        cut_off=player.cut_off,
    )
