"""What the timetable raises. One family; each class is named for what happened."""


class TimetableError(Exception):
    """Root of everything that the timetable raises."""


class ZoneUnknown(TimetableError):
    """A time zone that the tz database does not have."""


class DateUnreadable(TimetableError):
    """A text that is no date or no time of day."""


class CycleTextUnreadable(TimetableError):
    """A text that is no state of a cycle."""
