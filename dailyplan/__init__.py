"""WHICH orders run on which day: planned from schedules, changed by people, submitted, watched."""
