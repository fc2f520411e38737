"""The background services of the active cockpit member, in a process of their own.

The process is started with a term and lives no longer than its parent. Everything it writes is
fenced by that term; it holds no lease itself.
"""
