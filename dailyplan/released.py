"""The released schedules and calendars, and what the plan of each schedule follows from.

Released documents are the controller's rows; they are only read.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b

import msgspec
from django.conf import settings
from django.db import connection

from dailyplan.sealing import sealings
from inventory.deployed import deployed_items
from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.schedule import Schedule

_FINGERPRINT = """
    SELECT count(*) || '.' || coalesce(sum(hashtextextended(
               kind || ' ' || path || ' ' || version, 0)), 0)
      FROM controller_deployeditem WHERE controller = %s AND current"""

RULES = 1
"""Raised when planning changes, so that everything is planned anew."""

_decode_schedule = msgspec.json.Decoder(Schedule).decode
_decode_calendar = msgspec.json.Decoder(Calendar).decode


class ReleasedSchedule(msgspec.Struct, frozen=True, gc=False):
    """A schedule in force; `schedule` is None and `problem` set where nobody can read it."""

    name: str
    path: str
    version: str
    schedule: Schedule | None
    problem: str = ""

    @property
    def automatic(self) -> bool:
        """Whether it is planned without being asked."""
        return self.schedule is not None and self.schedule.plan_order_automatically


class Released(msgspec.Struct, frozen=True):
    """All that plans follow from: schedules, calendars with their versions, paths of workflows.

    `sealings` tells by path of a workflow how its secret variables are sealed, as a text.
    """

    schedules: Mapping[str, ReleasedSchedule]
    calendars: Calendars
    calendar_versions: Mapping[str, str]
    calendar_paths: Mapping[str, str]
    workflows: Mapping[str, str]
    sealings: Mapping[str, str] = {}

    def workflows_of(self, schedule: Schedule) -> list[tuple[str, str]]:
        """Return name and path of each workflow; the name alone where it is not deployed."""
        return [(bare(name), self.workflows.get(bare(name), name)) for name in schedule.workflows]

    def missing(self, schedule: Schedule) -> list[str]:
        """Return the workflows that the schedule names and that are not deployed."""
        return [name for name in schedule.workflows if bare(name) not in self.workflows]

    def digest(self, one: ReleasedSchedule, *given: str) -> bytes:
        """Return the digest of all that the schedule's plan follows from.

        Args:
            one: the schedule.
            given: what else it follows from, such as settings.
        """
        said = [str(RULES), one.name, one.path, one.version, *given]
        if one.schedule is not None:
            said += (path for _, path in self.workflows_of(one.schedule))
            said += self._calendars_of(one.schedule)
            said += self._sealings_of(one.schedule)
        return blake2b("\0".join(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def _sealings_of(self, schedule: Schedule) -> Iterator[str]:
        """Yield what changes when variables become secret, or other agents may read them."""
        if self.sealings and any(one.variables for one in schedule.order_parameterisations):
            for _, path in self.workflows_of(schedule):
                if path in self.sealings:
                    yield f"{path} {self.sealings[path]}"

    def _calendars_of(self, schedule: Schedule) -> Iterator[str]:
        known: set[str] = set()
        open_names = sorted(_named(schedule), reverse=True)
        while open_names:
            name = open_names.pop()
            if name in known:
                continue
            known.add(name)
            yield f"{name}={self.calendar_versions.get(name, '')}"
            calendar = self.calendars.documents.get(name)
            if calendar is not None:
                open_names += calendar.excludes.non_working_day_calendars


def bare(path: str) -> str:
    """Return the name at the end of a path."""
    return path.rpartition("/")[2]


def fingerprint() -> str:
    """Return a text that changes whenever something is deployed, released or revoked."""
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT, [settings.STELLWERK_CONTROLLER_ID])
        return str(cursor.fetchone()[0])


def read_released() -> Released:
    """Return what is in force now."""
    rows = deployed_items().filter(kind__in=("schedule", "calendar"))
    schedules: dict[str, ReleasedSchedule] = {}
    documents: dict[str, Calendar] = {}
    versions: dict[str, str] = {}
    paths: dict[str, str] = {}
    # Of two with one name, which moving can leave for a moment, the one taken last counts.
    fields = ("kind", "path", "version", "document")
    for kind, path, version, document in rows.order_by("taken_no", "path").values_list(*fields):
        if kind == "schedule":
            found = _schedule(path, version, bytes(document))
            schedules[found.name] = found
            continue
        calendar = _calendar(version, bytes(document))
        for name in (path, bare(path)):
            versions[name], paths[name] = version, path
            if calendar is not None:
                documents[name] = calendar
    secret = {path: one.digest.hex() for path, one in sealings().items()}
    return Released(schedules, Calendars(documents), versions, paths, _workflows(), secret)


def _workflows() -> dict[str, str]:
    paths = deployed_items().filter(kind="workflow").order_by("taken_no").values_list("path")
    return {bare(path): path for (path,) in paths}


def _named(schedule: Schedule) -> set[str]:
    found = {named.calendar_name for named in schedule.non_working_day_calendars}
    for entry in schedule.calendars:
        found.add(entry.calendar_name)
        found.update(_non_working(entry.includes, entry.excludes))
    return found


def _non_working(*rules: object) -> Iterable[str]:
    for rule in rules:
        yield from getattr(rule, "non_working_day_calendars", ())


@lru_cache(maxsize=20_000)
def _schedule(path: str, version: str, document: bytes) -> ReleasedSchedule:
    try:
        schedule = _decode_schedule(document)
    except (msgspec.DecodeError, UnicodeDecodeError) as unreadable:
        return ReleasedSchedule(bare(path), path, version, None, f"Unreadable: {unreadable}")
    return ReleasedSchedule(bare(path), path, version, schedule)


@lru_cache(maxsize=5_000)
def _calendar(version: str, document: bytes) -> Calendar | None:
    try:
        return _decode_calendar(document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
