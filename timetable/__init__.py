"""WHEN something is due: zones, calendars, periods, schedules, admission. Pure."""
