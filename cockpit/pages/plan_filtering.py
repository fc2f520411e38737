"""The filter grammar of the daily plan: `wf:finance/* schedule:morning tag:eu` and free text. Pure.

States and lateness are chips beside it; all of it stands in the address.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from dailyplan.state import PlanState, name_of, state_named

KEYS = ("wf", "schedule", "folder", "tag", "state", "late")
_WORD = re.compile(r'(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')
_LONGEST = 255
_ONCE = {"wf": "workflow", "workflow": "workflow", "schedule": "schedule", "folder": "folder"}
WORDS = {PlanState.STARTED: "in process"}
"""States that pages call otherwise than the API."""


class PlanWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter asks for; empty fields do not restrict. `problems` are sentences."""

    text: str = ""
    workflow: str = ""
    schedule: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()
    states: tuple[PlanState, ...] = ()
    late: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for less than a day's orders in some states."""
        return bool(self.text or self.workflow or self.schedule or self.folder or self.tags)


def word_of(state: int) -> str:
    """Return what pages call a state."""
    return WORDS.get(PlanState(state), name_of(state))


def read_plan_filter(text: str, states: Sequence[str] = (), *, late: bool = False) -> PlanWanted:
    """Return what a filter text and the chosen chips ask for, with everything unreadable."""
    if len(text) > _LONGEST or "\0" in text:
        return PlanWanted(problems=(f"A filter has at most {_LONGEST} characters and no NUL.",))
    reading = _Reading()
    for state in states:
        reading.take("state", state)
    for word in _WORD.finditer(text):
        value = word["plain"] if word["quoted"] is None else word["quoted"]
        reading.take((word["key"] or "text").lower(), value)
    return reading.result(late=late)


class _Reading:
    """The filter as far as it has been read."""

    def __init__(self) -> None:
        self._once: dict[str, str] = {}
        self._states: list[PlanState] = []
        self._tags: list[str] = []
        self._late = False
        self._problems: list[str] = []

    def take(self, key: str, value: str) -> None:
        """Read one word."""
        if key == "text":
            self._once["text"] = f"{self._once.get('text', '')} {value}".strip()
        elif key in _ONCE:
            self._set(_ONCE[key], key, value)
        elif key in _TAKES:
            _TAKES[key](self, value)
        else:
            known = ", ".join(f"{k}:" for k in KEYS)
            self._problems.append(
                f"There is no key {key}: in this filter; there are {known} and free text."
            )

    def _set(self, field: str, key: str, value: str) -> None:
        if self._once.setdefault(field, value) != value:
            self._problems.append(f"The filter says {key} twice; give one.")

    def _tag(self, value: str) -> None:
        self._tags.append(value)

    def _state(self, value: str) -> None:
        for name in _parts(value.lower()):
            state = state_named("started" if name == "running" else name)
            if state is None:
                known = ", ".join(name_of(s) for s in PlanState)
                self._problems.append(f"There is no state {name}; there are {known}.")
            elif state not in self._states:
                self._states.append(state)

    def _is_late(self, value: str) -> None:
        if value.lower() not in ("yes", "no"):
            self._problems.append("late: takes yes or no.")
        self._late = value.lower() == "yes"

    def result(self, *, late: bool) -> PlanWanted:
        """Return what was found."""
        return PlanWanted(
            **self._once,
            tags=tuple(self._tags),
            states=tuple(self._states),
            late=late or self._late,
            problems=tuple(self._problems),
        )


def _parts(value: str) -> Iterable[str]:
    return filter(None, value.split(","))


_TAKES: dict[str, Callable[[_Reading, str], None]] = {
    "tag": _Reading._tag,  # noqa: SLF001  # the table belongs to the class
    "state": _Reading._state,  # noqa: SLF001
    "late": _Reading._is_late,  # noqa: SLF001
}
