"""Jobs that agents bring along, each run as a process of its own.

Knows neither agents nor orders: a runner gets typed arguments, writes to stdout and stderr, leaves
return values and ends with a return code. Standard library first; other packages are imported by
the kind that needs them, so that no job pays for another one.
"""
