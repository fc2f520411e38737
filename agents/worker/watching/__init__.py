"""Directories that the agent watches for file order sources.

`sources` decides and remembers, `sight` compares a directory with what is known of it, `scan` reads
it, `eye` does so again and again in threads of its own.
"""
