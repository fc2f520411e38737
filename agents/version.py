"""The version of this software, as agents tell it. Knows nothing else."""

VERSION = "0.1.0"
