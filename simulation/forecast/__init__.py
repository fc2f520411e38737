"""What orders are going to do: the real engine in simulated time, with the durations of history.

Pure but for `__main__`, which lets another process do the work: everything comes in as a
`Snapshot`, out goes a `Forecast`. Knows no database, no clock of the world and no Django.
"""
