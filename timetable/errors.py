"""What the timetable raises. One family; each class is named for what happened."""


class TimetableError(Exception):
    """Root of everything that the timetable raises."""


class ZoneUnknown(TimetableError):
    """A time zone that the tz database does not have."""


class DateUnreadable(TimetableError):
    """A text that is no date or no time of day."""


class CycleTextUnreadable(TimetableError):
    """A text that is no state of a cycle."""


class CalendarUnknown(TimetableError):
    """A calendar that is named somewhere but was not given."""


class CalendarsCircular(TimetableError):
    """Calendars of non-working days that exclude each other in a circle."""


class TimesUnreadable(TimetableError):
    """A period without times that make sense."""


class CronUnreadable(TimetableError):
    """A text that is no cron expression, or one that never comes true."""


class CrontabLineRefused(TimetableError):
    """A line of a crontab that does not say when something starts, or not in a way we can."""


class NationalCalendarUnknown(TimetableError):
    """A country or region whose holidays nobody has collected."""
