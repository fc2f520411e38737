"""The filter grammar of lists: `wf:finance/* agent:a1 state:failed` and free text. Pure.

The same text stands in the filter field, in the address and in links between pages.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from cockpit.pages.moments import MomentUnreadable, moment_of
from engine.order.group import GROUPS

_WORD = re.compile(r'(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')
_LONGEST = 500
_YES_NO = {"yes": True, "no": False}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter asks for; empty fields do not restrict. `problems` are sentences."""

    text: str = ""
    workflow: str = ""
    agent: str = ""
    job: str = ""
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    date: str = ""
    parent: str = ""
    live: bool | None = None
    warned: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    problems: tuple[str, ...] = ()


ORDER_KEYS = ("wf", "agent", "state", "tag", "date", "parent", "live", "from", "to")
JOB_KEYS = ("wf", "job", "agent", "state", "warned", "from", "to")
JOB_STATES = ("running", "succeeded", "failed", "timedout", "killed", "disrupted", "skipped")

_FIELDS = {"wf": "workflow", "workflow": "workflow", "agent": "agent", "job": "job",
           "date": "date", "parent": "parent"}  # fmt: skip


def read_filter(
    text: str,
    states: Iterable[str] = (),
    *,
    now: datetime,
    zone: ZoneInfo,
    keys: tuple[str, ...] = ORDER_KEYS,
    known_states: tuple[str, ...] = GROUPS,
) -> Wanted:
    """Return what a filter text and the chosen states ask for, with everything unreadable."""
    reading = _Reading(now, zone, keys, known_states)
    for state in states:
        reading.take("state", state)
    if len(text) > _LONGEST or "\0" in text:
        return Wanted(problems=(f"A filter has at most {_LONGEST} characters and no NUL.",))
    for word in _WORD.finditer(text):
        value = word["plain"] if word["quoted"] is None else word["quoted"]
        if word["key"] is None or (word["quoted"] is None and value.startswith("//")):
            reading.take("text", word[0].strip('"') if word["key"] else value)
        else:
            reading.take(word["key"].lower(), value)
    return reading.result()


class _Reading:
    """The filter as far as it has been read."""

    def __init__(
        self, now: datetime, zone: ZoneInfo, keys: tuple[str, ...], states: tuple[str, ...]
    ) -> None:
        self._now, self._zone, self._keys, self._states = now, zone, keys, states
        self._found: dict[str, object] = {}
        self._many: dict[str, list[str]] = {"groups": [], "tags": []}
        self._problems: list[str] = []

    def take(self, key: str, value: str) -> None:
        """Read one word."""
        if key != "text" and key not in (*self._keys, "workflow"):
            known = ", ".join(f"{k}:" for k in self._keys)
            self._problems.append(
                f"There is no key {key}: in this filter; there are {known} and free text."
            )
            return
        take = _TAKES.get(key)
        if take is not None:
            take(self, value)
        else:
            self._once(_FIELDS.get(key, key), key, value)

    def _once(self, field: str, key: str, value: object) -> None:
        if field in self._found and self._found[field] != value:
            self._problems.append(f"The filter says {key} twice; give one.")
        self._found[field] = value

    def _state(self, value: str) -> None:
        for state in filter(None, value.lower().split(",")):
            if state not in self._states:
                known = ", ".join(self._states)
                self._problems.append(f"There is no state {state}; there are {known}.")
            elif state not in self._many["groups"]:
                self._many["groups"].append(state)

    def _tag(self, value: str) -> None:
        self._many["tags"].append(value)

    def _live(self, value: str) -> None:
        self._yes_no("live", value)

    def _warned(self, value: str) -> None:
        self._yes_no("warned", value)

    def _yes_no(self, field: str, value: str) -> None:
        if value.lower() not in _YES_NO:
            self._problems.append(f"{field}: takes yes or no.")
        self._once(field, f"{field}:", _YES_NO.get(value.lower()))

    def _since(self, value: str) -> None:
        self._moment("since", "from:", value)

    def _until(self, value: str) -> None:
        self._moment("until", "to:", value)

    def _moment(self, field: str, key: str, value: str) -> None:
        try:
            self._once(field, key, moment_of(value, self._now, self._zone) or self._now)
        except MomentUnreadable as unreadable:
            self._problems.append(f"{key} {unreadable}")

    def result(self) -> Wanted:
        """Return what was found."""
        many: Mapping[str, tuple[str, ...]] = {k: tuple(v) for k, v in self._many.items()}
        return Wanted(**self._found, **many, problems=tuple(self._problems))  # type: ignore[arg-type]


_TAKES: dict[str, Callable[[_Reading, str], None]] = {
    "state": _Reading._state,  # noqa: SLF001  # the table belongs to the class
    "tag": _Reading._tag,  # noqa: SLF001
    "live": _Reading._live,  # noqa: SLF001
    "warned": _Reading._warned,  # noqa: SLF001
    "from": _Reading._since,  # noqa: SLF001
    "to": _Reading._until,  # noqa: SLF001
}
