"""Starting, watching, killing and adopting the processes of jobs.

This file stays empty: keeper and supervisors import from here without site-packages.
"""
