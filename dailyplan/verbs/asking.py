"""The verbs on planned orders as values. Pure."""

from datetime import date, datetime
from typing import Any, TypeAlias

import msgspec

from timetable.schedule import Position


class Submit(msgspec.Struct, frozen=True):
    """Hands planned orders to the controller. `include_late`: cyclic ones also missed starts."""

    include_late: bool = False


class Cancel(msgspec.Struct, frozen=True):
    """Takes submitted orders back that have not started; they are planned, and stay so."""


class Remove(msgspec.Struct, frozen=True):
    """Takes planned orders out of the plan; planning does not bring them back."""


class Restore(msgspec.Struct, frozen=True):
    """Takes removed orders back into the plan."""


class LetRun(msgspec.Struct, frozen=True):
    """Starts orders now: planned ones are submitted, submitted ones wait no longer."""


class Copy(msgspec.Struct, frozen=True):
    """Plans the same orders on another day, at the same local time; `submit` hands them over."""

    day: date
    submit: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Changes orders that have not started; what is None stays.

    One of `start_at`, `start_now`, `shift_s` and `shift_days` changes the start. The order keeps
    its plan day and id, unless `stick_to_day` is off: then it moves to the plan of the day on which
    it starts. `end_at` and `repeat_s` are of cyclic rows. `variables` are set, `remove_variables`
    taken away.
    """

    start_at: datetime | None = None
    start_now: bool = False
    shift_s: int | None = None
    shift_days: int | None = None
    stick_to_day: bool = True
    end_at: datetime | None = None
    repeat_s: int | None = None
    variables: dict[str, Any] | None = None
    remove_variables: tuple[str, ...] = ()
    start_position: Position | None = None
    end_positions: tuple[Position, ...] | None = None
    block_position: Position | None = None
    force_admission: bool | None = None
    tags: tuple[str, ...] | None = None
    priority: int | None = None

    @property
    def moves(self) -> bool:
        """Whether starts change."""
        return (
            self.start_now
            or self.of_cycle
            or any(v is not None for v in (self.start_at, self.shift_s, self.shift_days))
        )

    @property
    def of_cycle(self) -> bool:
        """Whether something changes that only cyclic rows have."""
        return self.end_at is not None or self.repeat_s is not None

    @property
    def gives(self) -> bool:
        """Whether orders are given something else."""
        return (
            any(
                v is not None
                for v in (
                    self.variables, self.start_position, self.end_positions, self.block_position,
                    self.force_admission, self.tags, self.priority,
                )
            )
            or bool(self.remove_variables)
        )  # fmt: skip


PlanVerb: TypeAlias = Submit | Cancel | Remove | Restore | LetRun | Copy | Change
