"""A slow second opinion about starts: each asks zoneinfo, and cycles are walked step by step."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.property.timetable.calendar_oracle import Days, Document

ONE = timedelta(days=1)
FREE_DAYS = 7


def length_of(clock: str) -> timedelta:
    hours, minutes, seconds = [*map(int, clock.split(":")), 0][:3]
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def both_moments(shown: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return what zoneinfo makes of a local time with both folds."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def exists(shown: datetime, zone: ZoneInfo) -> bool:
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    return moment.astimezone(zone).replace(tzinfo=None) == shown


def date_exists(at: date, zone: ZoneInfo) -> bool:
    """Tell whether any minute of a date exists; gaps of whole dates end at full hours."""
    midnight = datetime.combine(at, time())
    return any(exists(midnight + timedelta(minutes=15 * n), zone) for n in range(96))


def first_after_gap(shown: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment at which the clock shows more, by halving."""
    low = shown.replace(tzinfo=zone, fold=1).astimezone(UTC) - 2 * ONE
    high = shown.replace(tzinfo=zone, fold=0).astimezone(UTC) + 2 * ONE
    before, after = low, high
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(zone).replace(tzinfo=None) < shown:
            before = middle
        else:
            after = middle
    return after


class Starts:
    """The starts of a schedule, given as plain JSON values."""

    def __init__(self, schedule: Document, calendars: Mapping[str, Document], begin: str) -> None:
        self.schedule = schedule
        self.calendars = calendars
        self.days = Days(calendars)
        self.begin = length_of(begin)
        self.entries: dict[int, set[date]] = {}
        self.free = [
            calendars[named["calendarName"]] for named in schedule.get("nonWorkingDayCalendars", ())
        ]

    def on(self, at: date) -> set[datetime]:
        """Return the starts of a plan day."""
        found: set[datetime] = set()
        for entry in self.schedule["calendars"]:
            listed = self.listed(entry, at)
            for period in entry["periods"]:
                if self.is_started(period, at, listed):
                    found.update(self.of_period(entry, period, at))
        return found

    def listed(self, entry: Document, at: date) -> set[date]:
        """Return the days of an entry around this one, found once for some weeks."""
        if id(entry) not in self.entries:
            document = self.calendars[entry["calendarName"]]
            around = (at - 2 * FREE_DAYS * ONE, at + 3 * FREE_DAYS * ONE)
            self.entries[id(entry)] = set(self.days.restricted(document, entry, *around))
        return self.entries[id(entry)]

    def is_free(self, at: date) -> bool:
        return any(self.days.is_in(document, at) for document in self.free)

    def is_started(self, period: Document, at: date, listed: set[date]) -> bool:
        when = period.get("whenHoliday", "SUPPRESS")
        if when == "IGNORE":
            return at in listed
        if self.is_free(at):
            return False
        step = {"NEXTNONWORKINGDAY": -ONE, "PREVIOUSNONWORKINGDAY": ONE}.get(when)
        source = at
        for _ in range(FREE_DAYS if step else 0):
            source += step or ONE
            if not self.is_free(source):
                break
            if source in listed:
                return True
        return at in listed

    def of_period(self, entry: Document, period: Document, at: date) -> Iterator[datetime]:
        zone = ZoneInfo(entry.get("timeZone", "Etc/UTC"))
        if "singleStart" in period:
            start = length_of(period["singleStart"])
            on = at if start >= self.begin else at + ONE
            shown = datetime.combine(on, time()) + start
            if date_exists(shown.date(), zone):
                yield from self.single(entry, shown, zone)
            return
        for begin, end in self.parts(period, at):
            if date_exists(begin.date(), zone):
                yield from self.cycle(entry, begin, end, length_of(period["repeat"]), zone)

    def parts(self, period: Document, at: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield begin and end of each part, as the clock shows them."""
        begin, end = (
            length_of(period.get(k, d)) for k, d in (("begin", "00:00"), ("end", "24:00"))
        )
        repeat = length_of(period["repeat"])
        if end <= begin:
            end += ONE
        midnight = datetime.combine(at, time())
        slot = begin
        while slot < self.begin:
            slot += repeat
        if slot < end:
            yield midnight + slot, midnight + end
        if begin < self.begin:
            yield midnight + ONE + begin, midnight + ONE + min(end, self.begin)

    def single(self, entry: Document, shown: datetime, zone: ZoneInfo) -> list[datetime]:
        first, second = both_moments(shown, zone)
        if exists(shown, zone):
            policy = entry.get("overlapPolicy", "first")
            return {"first": [first], "second": [second], "both": [first, second]}[policy]
        return {
            "shift_forward": [first],
            "at_transition": [first_after_gap(shown, zone)],
            "skip": [],
        }[entry.get("gapPolicy", "shift_forward")]

    def cycle(
        self, entry: Document, begin: datetime, end: datetime, repeat: timedelta, zone: ZoneInfo
    ) -> Iterator[datetime]:
        gap, overlap = entry.get("gapPolicy", "shift_forward"), entry.get("overlapPolicy", "both")
        while not exists(begin, zone) and gap == "skip":
            begin += repeat
        if begin >= end:
            return
        moment, last = (self.moment(shown, gap, overlap, zone) for shown in (begin, end))
        while moment < last:
            shown = moment.astimezone(zone)
            first, second = both_moments(shown.replace(tzinfo=None), zone)
            unwanted = {"first": second, "second": first}.get(overlap)
            if first == second or moment != unwanted:
                yield moment
            moment += repeat

    def moment(self, shown: datetime, gap: str, overlap: str, zone: ZoneInfo) -> datetime:
        first, second = both_moments(shown, zone)
        if not exists(shown, zone):
            return first if gap == "shift_forward" else first_after_gap(shown, zone)
        return second if overlap == "second" else first


def as_us(moment: datetime) -> int:
    epoch: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    return (moment - epoch) // timedelta(microseconds=1)
