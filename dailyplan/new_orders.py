"""What the controller is asked to add for planned orders. Pure but for parameterisations."""

from collections.abc import Iterable, Mapping
from datetime import date

from dailyplan import given as givens
from dailyplan.given import Given
from dailyplan.models import Parameterisation
from dailyplan.origin import order_id
from engine.order.requests import NewOrder
from engine.position import PositionUnreadable, from_parts, to_text
from timetable.schedule import Position

PLAN = "DailyPlan|"


def given_by_id(ids: Iterable[int]) -> dict[int, Given]:
    """Return parameterisations by their ids, as they are kept."""
    rows = Parameterisation.objects.filter(id__in=set(ids)).values_list("id", "body")
    return {number: givens.decode(bytes(body)) for number, body in rows}


def given_to_send(ids: Iterable[int]) -> dict[int, Given]:
    """Return parameterisations by their ids, with all that is secret sealed."""
    return givens.sealed_all(given_by_id(ids))


def new_order(
    day: date, origin: int, given: Given, start_us: int, *, is_cyclic: bool = False
) -> NewOrder:
    """Return the order to be added for a planned one, or for one start of a cyclic one."""
    return NewOrder(
        id=order_id(day, origin, given.order_name, start_us if is_cyclic else None),
        workflow=given.workflow,
        arguments=given.variables,
        scheduled_us=start_us,
        priority=given.priority,
        order_date=day.isoformat(),
        start_position=_text(given.start_position),
        stop_positions=tuple(_text(p) or "" for p in given.end_positions),
        block_position=_text(given.block_position),
        tags=given.tags,
        plan=f"{PLAN}{day.isoformat()}",
        force_admission=given.force_admission,
    )


def ids_of_rows(rows: Iterable[tuple[date, int, int]], names: Mapping[int, str]) -> list[str]:
    """Return the order ids of single rows: day, origin and parameterisation of each."""
    return [order_id(day, origin, names[number]) for day, origin, number in rows]


def _text(place: Position | None) -> str | None:
    """Return a position as text; what is none is left as it is, so that the controller says so."""
    if place is None or isinstance(place, str):
        return place
    try:
        return to_text(from_parts(place))
    except PositionUnreadable:
        return "/".join(str(part) for part in place)
